import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../../../src/cache/index/centralized/fleet.ts';
import { CacheStateError } from '../../../../src/errors/cache-error.ts';
import { readFleet } from '../../../../src/use-cases/fleet/read-fleet.ts';
import { fleetRow, MemoryFleet } from '../../../support/fleets.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const ROWS = [fleetRow('http://a', imageIdOf(1))];
const LOST = new CacheStateError('INDEX_IO', 'Cannot read the database: the connection was lost');

/** Fleets whose first ones fail when their rows are asked for, in turn. */
function fleetsThatFail(...errors: readonly Error[]): { opened: MemoryFleet[]; open: () => Promise<MemoryFleet> } {
  const opened: MemoryFleet[] = [];
  const open = async (): Promise<MemoryFleet> => {
    const fleet = new MemoryFleet(ROWS);
    const error = errors[opened.length];
    opened.push(fleet);
    if (error !== undefined) fleet.rows = () => Promise.reject(error);
    return fleet;
  };
  return { opened, open };
}

describe('readFleet()', () => {
  test.each([
    ['reads and closes', [], 1],
    ['asks all again with a new connection when the first one was lost', [LOST], 2],
  ])('%s', async (_, errors, times) => {
    const { opened, open } = fleetsThatFail(...errors);
    const read = async (fleet: Fleet): Promise<number> => (await fleet.nodes()).length + (await fleet.rows()).length;
    expect(await readFleet(open, read)).toBe(2);
    expect(opened.map(({ isClosed }) => isClosed)).toEqual(Array.from({ length: times }, () => true));
  });

  test.each([
    ['gives up when the second connection is lost, too', [LOST, LOST], 2],
    ['asks nothing again after another error', [new CacheStateError('INDEX_FOREIGN', 'Cannot use the database')], 1],
    ['asks nothing again after a mistake of its own', [new TypeError('not a function')], 1],
  ])('%s', async (_, errors, times) => {
    const { opened, open } = fleetsThatFail(...errors);
    expect(await rejectionOf(readFleet(open, (fleet) => fleet.rows()))).toBe(errors.at(-1));
    expect(opened.map(({ isClosed }) => isClosed)).toEqual(Array.from({ length: times }, () => true));
  });
});
