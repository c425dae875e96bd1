import metadata from '../../package.json' with { type: 'json' };

/** The version of the toolkit; the build puts it into the bundle. */
export const VERSION_NUMBER: string = metadata.version;
