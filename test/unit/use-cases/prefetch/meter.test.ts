import { beforeEach, describe, expect, test } from 'vitest';
import type { Place } from '../../../../src/execute/prefetch/room-keeper.ts';
import { Meter } from '../../../../src/use-cases/prefetch/meter.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

let lengths: number[];
let pending: number[];

const PLACE: Place = { setPending: (bytes) => pending.push(bytes), release: () => undefined };

beforeEach(() => {
  lengths = [];
  pending = [];
});

function meterOf({ sizeBytes = 1000, presentBytes = 0 }: { sizeBytes?: number | undefined; presentBytes?: number }) {
  const imageId = imageIdOf(1);
  const wanted = { imageId, markers: [], queuedSec: 0, isUrgent: false };
  const image = { imageId, name: undefined, status: 'active', sizeBytes, digest: undefined };
  const meter = new Meter({ kind: 'fetch', wanted, image, storePath: undefined, presentBytes }, (atBytes) =>
    lengths.push(atBytes),
  );
  meter.fill(PLACE);
  return meter;
}

describe('Meter', () => {
  test('counts what comes as fetched, and tells what is still to be written', () => {
    const meter = meterOf({});
    for (const atBytes of [100, 400, 1000]) meter.at(atBytes);
    expect([meter.fetchedBytes, meter.atBytes]).toEqual([1000, 1000]);
    expect([lengths, pending]).toEqual([
      [100, 400, 1000],
      [900, 600, 0],
    ]);
  });

  test('counts as fetched only what is not there from an earlier run, which is hashed again', () => {
    const meter = meterOf({ presentBytes: 600 });
    for (const atBytes of [300, 600]) meter.at(atBytes);
    expect(meter.fetchedBytes).toBe(0);
    meter.at(700);
    expect([meter.fetchedBytes, pending]).toEqual([100, [400, 400, 300]]);
  });

  test('counts a step that goes beyond what was there by what is beyond', () => {
    const meter = meterOf({ presentBytes: 600 });
    meter.at(650);
    expect(meter.fetchedBytes).toBe(50);
  });

  test('counts again what comes again when the server starts over', () => {
    const meter = meterOf({ presentBytes: 600 });
    for (const atBytes of [600, 700, 0, 500]) meter.at(atBytes);
    expect([meter.fetchedBytes, meter.atBytes]).toEqual([600, 500]);
    expect(pending).toEqual([400, 300, 1000, 500]);
  });

  test('counts what comes from its start when a part is begun anew without a word', () => {
    const meter = meterOf({});
    // From the file of a store that turns out to be damaged, then over HTTP.
    for (const atBytes of [800, 300, 1000]) meter.at(atBytes);
    expect(meter.fetchedBytes).toBe(1800);
  });

  test('restart() gives up what was there, and what was put together', () => {
    const meter = meterOf({ presentBytes: 600 });
    meter.at(1000);
    expect(meter.isStitched).toBe(true);
    meter.restart();
    expect([meter.isStitched, meter.atBytes, pending.at(-1), lengths.at(-1)]).toEqual([false, 0, 1000, 0]);
    meter.at(1000);
    expect(meter.fetchedBytes).toBe(1400);
  });

  test('restart() gives up what was there even before anything has come', () => {
    const meter = meterOf({ presentBytes: 600 });
    meter.restart();
    meter.at(100);
    expect([meter.fetchedBytes, pending]).toEqual([100, [1000, 900]]);
  });

  test('is of one piece until another answer is added', () => {
    const meter = meterOf({});
    expect(meter.isStitched).toBe(false);
    meter.stitch();
    expect(meter.isStitched).toBe(true);
  });

  test('knows nothing to be written of an image whose size nobody knows', () => {
    const meter = meterOf({ sizeBytes: undefined });
    meter.at(5000);
    expect(pending.every((bytes) => bytes <= 0)).toBe(true);
    expect(meter.fetchedBytes).toBe(5000);
  });

  test('does without a place before it is given one', () => {
    const imageId = imageIdOf(1);
    const image = { imageId, name: undefined, status: 'active', sizeBytes: 10, digest: undefined };
    const wanted = { imageId, markers: [], queuedSec: 0, isUrgent: false };
    const meter = new Meter({ kind: 'fetch', wanted, image, storePath: undefined, presentBytes: 0 }, () => undefined);
    meter.at(4);
    meter.fill(PLACE);
    meter.at(7);
    expect([meter.fetchedBytes, pending]).toEqual([7, [3]]);
  });
});
