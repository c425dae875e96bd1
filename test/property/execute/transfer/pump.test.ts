import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RingPool } from '../../../../src/execute/transfer/ring-pool.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import {
  ChunkSource,
  inPieces,
  MemorySink,
  PacedHasher,
  pumpThrough,
  sha256Of,
  turns,
} from '../../../support/transfers.ts';

const CONTENT = contentOf('pump', 700);

const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 6 });
const pauses = fc.array(fc.nat(4), { maxLength: 4 });

const anyTransfer = fc.record({
  content: fc.nat(CONTENT.length).map((length) => CONTENT.subarray(0, length)),
  chunks: lengths,
  shape: fc.record({ buffers: fc.integer({ min: 2, max: 4 }), bufferBytes: fc.integer({ min: 1, max: 64 }) }),
  portions: lengths,
  offsetBytes: fc.nat(1000),
  sourcePauses: pauses,
  sinkPauses: pauses,
  hasherPauses: pauses,
});

type AnyTransfer = typeof anyTransfer extends fc.Arbitrary<infer T> ? T : never;

interface Faults {
  readonly source?: Error | 'never' | undefined;
  readonly sinkAt?: number | undefined;
  readonly hasherAt?: number | undefined;
  /** Turns of the event loop after which it is given up. */
  readonly abortAt?: number | undefined;
  readonly maxBytes?: number | undefined;
}

const FAULTS = { source: new Error('source'), sink: new Error('sink'), hasher: new Error('hasher') };
const REASON = new Error('stopped');

/** A transfer under way, all that is known of it, and what must hold whenever something is. */
class Run {
  readonly source: ChunkSource;
  readonly sink: MemorySink;
  readonly hasher: PacedHasher;
  readonly outcome: Promise<number | { readonly error: unknown }>;
  readonly #content: Uint8Array;
  toldBytes = 0;

  constructor(transfer: AnyTransfer, faults: Faults = {}) {
    const { content, chunks, shape, portions, offsetBytes, sourcePauses, sinkPauses, hasherPauses } = transfer;
    const { source, sinkAt, hasherAt, abortAt, maxBytes } = faults;
    this.#content = content;
    this.source = new ChunkSource(inPieces(content, chunks), { pauses: sourcePauses, end: source });
    const sinkFault = sinkAt === undefined ? undefined : { at: sinkAt, error: FAULTS.sink };
    this.sink = new MemorySink(offsetBytes, { pauses: sinkPauses, portions, fault: sinkFault });
    const hasherFault = hasherAt === undefined ? undefined : { at: hasherAt, error: FAULTS.hasher };
    this.hasher = new PacedHasher({ pauses: hasherPauses, fault: hasherFault });
    const stop = new AbortController();
    if (abortAt !== undefined) void turns(abortAt).then(() => stop.abort(REASON));
    this.outcome = pumpThrough({
      source: this.source,
      sink: this.sink,
      hasher: this.hasher,
      offsetBytes,
      maxBytes,
      rings: new RingPool(shape),
      signal: stop.signal,
      onBytes: (bytes) => this.#told(bytes),
    }).catch((error: unknown) => ({ error }));
  }

  /** What was told is there, and was in the content, from its start. */
  check(): void {
    expect(this.sink.lengthBytes).toBeGreaterThanOrEqual(this.toldBytes);
    expect(this.hasher.takenBytes).toBeGreaterThanOrEqual(this.toldBytes);
    expect(sha256Of(this.sink.bytes)).toBe(sha256Of(this.#content.subarray(0, this.sink.lengthBytes)));
  }

  /** Nothing is in flight, now or later. */
  async checkRest(): Promise<void> {
    const { running, writes } = this.sink;
    expect([running, this.hasher.running]).toEqual([0, 0]);
    const { toldBytes } = this;
    await turns(6);
    expect([this.sink.writes, this.toldBytes]).toEqual([writes, toldBytes]);
    this.check();
  }

  #told(bytes: number): void {
    expect(bytes).toBeGreaterThan(0);
    this.toldBytes += bytes;
    this.check();
  }
}

describe('pump()', () => {
  test('brings every byte once and in its place to file and hash, whatever chunks, buffers and writes are like', async () => {
    await fc.assert(
      fc.asyncProperty(anyTransfer, async (transfer) => {
        const { content } = transfer;
        const run = new Run(transfer);
        expect(await run.outcome).toBe(content.length);
        await run.checkRest();
        expect([run.toldBytes, run.sink.lengthBytes]).toEqual([content.length, content.length]);
        expect(await run.hasher.digest()).toBe(sha256Of(content));
      }),
    );
  });

  test('has told of all that came when the source fails, and ends with its error', async () => {
    await fc.assert(
      fc.asyncProperty(anyTransfer, async (transfer) => {
        const run = new Run(transfer, { source: FAULTS.source });
        expect(await run.outcome).toEqual({ error: FAULTS.source });
        await run.checkRest();
        expect([run.toldBytes, run.sink.lengthBytes]).toEqual([transfer.content.length, transfer.content.length]);
        expect(await run.hasher.digest()).toBe(sha256Of(transfer.content));
      }),
    );
  });

  test('takes as much as there may be, and no byte beyond, when the source has more', async () => {
    await fc.assert(
      fc.asyncProperty(anyTransfer, fc.nat(CONTENT.length), async (transfer, maxBytes) => {
        const { length } = transfer.content;
        const run = new Run(transfer, { maxBytes });
        const outcome = await run.outcome;
        await run.checkRest();
        const isTooLong = length > maxBytes;
        expect(outcome).toEqual(
          isTooLong ? { error: expect.objectContaining({ code: 'INTEGRITY_SIZE' }) as unknown } : length,
        );
        expect([run.toldBytes, run.sink.lengthBytes]).toEqual(Array(2).fill(Math.min(length, maxBytes)));
        expect(await run.hasher.digest()).toBe(sha256Of(transfer.content.subarray(0, maxBytes)));
      }),
    );
  });

  test('ends with nothing in flight, and what it told of in place, whatever fails and whenever it is stopped', async () => {
    const anyFaults = fc.record({
      source: fc.constantFrom<Faults['source']>(undefined, FAULTS.source, 'never'),
      sinkAt: fc.option(fc.nat(20), { nil: undefined }),
      hasherAt: fc.option(fc.nat(20), { nil: undefined }),
      abortAt: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(anyTransfer, anyFaults, async (transfer, faults) => {
        const run = new Run(transfer, faults);
        const outcome = await run.outcome;
        if (typeof outcome === 'number')
          expect([outcome, run.toldBytes]).toEqual(Array(2).fill(transfer.content.length));
        else expect([...Object.values(FAULTS), REASON]).toContain(outcome.error);
        await run.checkRest();
      }),
      { numRuns: 500 },
    );
  });
});
