import { integer } from './integer.ts';

/** oslo.config's port: a whole number that fits a TCP port. */
export const port = integer({ min: 0, max: 65_535 });
