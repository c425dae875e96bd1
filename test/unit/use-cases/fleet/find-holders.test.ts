import { describe, expect, test } from 'vitest';
import { findHolders } from '../../../../src/use-cases/fleet/find-holders.ts';
import { fleetRow, MemoryFleet } from '../../../support/fleets.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];

describe('findHolders()', () => {
  test('asks for each image once, in the order given', async () => {
    const [a, b, c] = [fleetRow('http://a', one), fleetRow('http://b', one), fleetRow('http://a', three)];
    const fleet = new MemoryFleet([a, b, c]);
    expect(await findHolders(fleet, [three, two, one, three], new AbortController().signal)).toEqual([
      { imageId: three, copies: [c] },
      { imageId: two, copies: [] },
      { imageId: one, copies: [a, b] },
    ]);
    expect(fleet.asked).toEqual([three, two, one]);
  });

  test('ends with the reason of a stop, and asks no more', async () => {
    const stop = new AbortController();
    const fleet = new MemoryFleet([]);
    const rows = fleet.rows.bind(fleet);
    fleet.rows = (imageId) => {
      stop.abort(new RangeError('stopped'));
      return rows(imageId);
    };
    expect(await rejectionOf(findHolders(fleet, [one, two], stop.signal))).toEqual(new RangeError('stopped'));
    expect(fleet.asked).toEqual([one]);
  });
});
