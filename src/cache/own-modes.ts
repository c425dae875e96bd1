/**
 * The modes of what these programs make in a cache: those that glance-api gives to its own.
 */

/** Of folders. */
export const FOLDER_MODE = 0o750;

/** Of files. */
export const FILE_MODE = 0o640;
