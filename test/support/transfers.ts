/**
 * The ends of a transfer, as ports in memory: they take their time, fail where they are told to, and refuse to be used
 * in a way that a real file or thread would not forgive.
 */
import { createHash, type Hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ByteSource } from '../../src/execute/transfer/byte-source.ts';
import type { Hasher } from '../../src/execute/transfer/hasher.ts';
import { type ByteSink, pump, type Transfer } from '../../src/execute/transfer/pump.ts';
import { UNLIMITED } from '../../src/execute/transfer/rate-limiter.ts';
import { RingPool } from '../../src/execute/transfer/ring-pool.ts';
import { NO_SIGNAL } from './transports.ts';

/** Waits for some turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

/** The hash of bytes, at once. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes in pieces of these lengths, which are gone through again and again. */
export function inPieces(bytes: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + turnOf(lengths, pieces.length, bytes.length));
    pieces.push(piece);
    at += piece.length;
  }
  return pieces;
}

function turnOf(values: readonly number[], count: number, otherwise: number): number {
  return values[count % values.length] ?? otherwise;
}

/** A part of a transfer that takes its time. */
interface Pace {
  /** Turns of the event loop that each call takes, gone through again and again; none unless given. */
  readonly pauses?: readonly number[] | undefined;
}

/** Gives chunks, one with each read or the rest of one, and then ends as it was told to. */
export class ChunkSource implements ByteSource {
  readonly #chunks: Uint8Array[];
  readonly #pauses: readonly number[];
  readonly #end: Error | 'never' | undefined;
  #reads = 0;
  #isReading = false;
  /** What has been read of it. */
  givenBytes = 0;
  isClosed = false;
  /** Called when a read begins that never ends. */
  onHang: () => void = () => undefined;

  /** @param more how it ends: with an error, or never; as a source should unless given */
  constructor(chunks: readonly Uint8Array[], more: Pace & { readonly end?: Error | 'never' | undefined } = {}) {
    this.#chunks = [...chunks];
    this.#pauses = more.pauses ?? [];
    this.#end = more.end;
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#isReading) throw new Error('Two reads at a time');
    if (target.length === 0) throw new Error('A read into nothing looks like the end');
    this.#isReading = true;
    await turns(turnOf(this.#pauses, this.#reads++, 0));
    const chunk = this.#chunks.shift();
    if (chunk === undefined && this.#end === 'never') await this.#hang();
    this.#isReading = false;
    if (chunk === undefined && this.#end instanceof Error) throw this.#end;
    if (chunk === undefined) return 0;
    const taken = chunk.subarray(0, target.length);
    target.set(taken);
    if (taken.length < chunk.length) this.#chunks.unshift(chunk.subarray(taken.length));
    this.givenBytes += taken.length;
    return taken.length;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #hang(): Promise<never> {
    this.onHang();
    return new Promise(() => undefined);
  }
}

/** What may go wrong with a sink. */
export interface SinkTraits extends Pace {
  /** The most that each write takes, bytes, gone through again and again; all of it unless given. */
  readonly portions?: readonly number[] | undefined;
  /** Instead of a write, counted from 0. */
  readonly fault?: { readonly at: number; readonly error: Error } | undefined;
}

/** Keeps what is written. Only takes bytes that go on where the last ones ended, and that stay as they are meanwhile. */
export class MemorySink implements ByteSink {
  readonly #traits: SinkTraits;
  readonly #startBytes: number;
  readonly #pieces: Uint8Array[] = [];
  /** Calls so far. */
  writes = 0;
  /** Calls that have not ended. */
  running = 0;
  lengthBytes = 0;

  /** @param startBytes where the first bytes have to be written */
  constructor(startBytes = 0, traits: SinkTraits = {}) {
    this.#startBytes = startBytes;
    this.#traits = traits;
  }

  async write(source: Uint8Array, offset: number, length: number, position: number) {
    const call = this.writes++;
    if (this.running > 0) throw new Error('Two writes at a time');
    if (position !== this.#startBytes + this.lengthBytes) throw new Error(`A gap, or a write twice, at ${position}`);
    if (length === 0) throw new Error('A write of nothing');
    const bytes = source.slice(offset, offset + length);
    this.running++;
    await turns(turnOf(this.#traits.pauses ?? [], call, 0));
    this.running--;
    if (Buffer.compare(bytes, source.subarray(offset, offset + length)) !== 0) throw new Error('Bytes changed');
    const { portions = [], fault } = this.#traits;
    if (fault?.at === call) throw fault.error;
    const piece = bytes.subarray(0, turnOf(portions, call, length));
    this.#pieces.push(piece);
    this.lengthBytes += piece.length;
    return { bytesWritten: piece.length };
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

/** Hashes in turn, late: bytes that change before their turn has come make another hash. */
export class PacedHasher implements Hasher {
  readonly #hash: Hash = createHash('sha256');
  readonly #pauses: readonly number[];
  readonly #fault: { readonly at: number; readonly error: Error } | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Calls so far. */
  updates = 0;
  /** Calls that have not ended. */
  running = 0;
  takenBytes = 0;

  constructor(more: Pick<SinkTraits, 'pauses' | 'fault'> = {}) {
    this.#pauses = more.pauses ?? [];
    this.#fault = more.fault;
  }

  update(bytes: Uint8Array): Promise<void> {
    const call = this.updates++;
    this.running++;
    const update = this.#last.then(async () => {
      await turns(turnOf(this.#pauses, call, 0));
      this.running--;
      if (this.#fault?.at === call) throw this.#fault.error;
      this.#hash.update(bytes);
      this.takenBytes += bytes.length;
    });
    this.#last = update.catch(() => undefined);
    return update;
  }

  async digest(): Promise<string> {
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {}
}

/** Follows what a transfer tells. */
export class Told {
  readonly steps: number[] = [];
  readonly onBytes = (bytes: number): void => void this.steps.push(bytes);

  get bytes(): number {
    return this.steps.reduce((sum, step) => sum + step, 0);
  }
}

/** Pumps, without a limit and a signal and through small buffers unless told otherwise. */
export function pumpThrough(transfer: Pick<Transfer, 'source'> & Partial<Transfer>): Promise<number> {
  return pump({
    offsetBytes: 0,
    maxBytes: undefined,
    rings: new RingPool({ buffers: 2, bufferBytes: 16 }),
    limiter: UNLIMITED,
    onBytes: () => undefined,
    signal: NO_SIGNAL,
    ...transfer,
  });
}
