import type { IndexDb } from './index-db.ts';

/** Stands in where there is no index yet and none is to be created: it has no rows, and cannot be written to. */
export const NO_INDEX: IndexDb = {
  rows: async () => [],
  check: async () => ({ damage: undefined, oddRows: new Set() }),
  transaction: async () => {
    throw new TypeError('A missing index cannot be written to');
  },
  close: () => undefined,
};
