import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Place, RoomKeeper } from '../../../../src/execute/prefetch/room-keeper.ts';
import type { RoomAsked, RoomLimits } from '../../../../src/plan/room.ts';

/** A run on a disk of its own: images ask for room, write, and end. */
class Run {
  readonly #limits: RoomLimits;
  readonly #keeper: RoomKeeper;
  readonly #running: { readonly sizeBytes: number; pendingBytes: number; readonly place: Place }[] = [];
  #availableBytes: number;
  #fetchedBytes = 0;

  constructor(limits: RoomLimits, availableBytes: number) {
    this.#limits = limits;
    this.#availableBytes = availableBytes;
    this.#keeper = new RoomKeeper(limits, () => ({ totalBytes: 1e6, availableBytes: this.#availableBytes }));
  }

  ask(asked: RoomAsked): void {
    if (this.#keeper.judge(asked).kind !== 'fits') return;
    const { sizeBytes, presentBytes } = asked;
    this.#running.push({
      sizeBytes,
      pendingBytes: Math.max(0, sizeBytes - presentBytes),
      place: this.#keeper.take(asked),
    });
  }

  /** @param share of what an image has still to write */
  write(who: number, share: number): void {
    const image = this.#running.at(who % Math.max(1, this.#running.length));
    if (image === undefined) return;
    const writtenBytes = Math.floor(image.pendingBytes * share);
    image.pendingBytes -= writtenBytes;
    this.#availableBytes -= writtenBytes;
    image.place.setPending(image.pendingBytes);
  }

  end(who: number, isFetched: boolean): void {
    const [image] = this.#running.splice(who % Math.max(1, this.#running.length), 1);
    image?.place.release(isFetched ? image.sizeBytes : 0);
    if (isFetched) this.#fetchedBytes += image?.sizeBytes ?? 0;
  }

  check(): void {
    const { maxSizeBytes, pinnedBytes, minFreeBytes } = this.#limits;
    const admittedBytes = this.#running.reduce((sum, { sizeBytes }) => sum + sizeBytes, this.#fetchedBytes);
    const pendingBytes = this.#running.reduce((sum, image) => sum + image.pendingBytes, 0);
    const usableBytes = this.#availableBytes - minFreeBytes;
    expect(admittedBytes).toBeLessThanOrEqual(Math.max(0, maxSizeBytes - pinnedBytes));
    expect(pendingBytes).toBeLessThanOrEqual(Math.max(0, usableBytes));
    const mostBytes = Math.min(Math.max(0, maxSizeBytes - pinnedBytes) - admittedBytes, usableBytes - pendingBytes);
    expect(this.#keeper.mostBytes()).toBe(Math.max(0, mostBytes));
  }
}

const bytes = fc.oneof(fc.constantFrom(0, 1, 100), fc.nat(1000));
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** One thing that an image does. */
type Step = (run: Run) => void;

const asks = fc.record({ sizeBytes: bytes, presentBytes: bytes }).map(
  (asked): Step =>
    (run) =>
      run.ask(asked),
);
const writes = fc.tuple(fc.nat(5), share).map(
  (what): Step =>
    (run) =>
      run.write(...what),
);
const ends = fc.tuple(fc.nat(5), fc.boolean()).map(
  (what): Step =>
    (run) =>
      run.end(...what),
);
const anyStep = fc.oneof({ weight: 3, arbitrary: asks }, { weight: 2, arbitrary: writes }, ends);

test('RoomKeeper lets in no more than the cache may hold, and promises no space twice, whatever the images do', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 40 }),
      fc.record({ maxSizeBytes: fc.nat(3000), pinnedBytes: bytes, minFreeBytes: bytes }),
      fc.nat(4000),
      (steps, limits, availableBytes) => {
        const run = new Run(limits, availableBytes);
        for (const step of steps) {
          step(run);
          run.check();
        }
      },
    ),
  );
});
