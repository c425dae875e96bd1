/**
 * What runs in a hash thread. Bundled as a file of its own, because a thread starts from a file; of the program it
 * imports next to nothing, which would cost memory in every thread. Signals never reach a thread: Node gives them to the
 * main one.
 */
import { createHash, type Hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { isSystemError } from '../../errors/errno.ts';
import type { FileStretch, HashAnswer, HashTask } from './hash-protocol.ts';

/** Measured: between 256 KiB and 1 MiB it makes no difference, below that the calls cost some percent. */
const READ_BYTES = 512 * 1024;

const EARLY_END = { code: 'EIO', syscall: 'read' };

const hashes = new Map<number, Hash>();
let readBuffer: Buffer | undefined;

function run({ hash, algorithm, bytes, stretch, end }: HashTask): HashAnswer {
  if (end === 'discard') {
    hashes.delete(hash);
    return {};
  }
  const running = hashes.get(hash) ?? createHash(algorithm);
  hashes.set(hash, running);
  if (bytes !== undefined) running.update(bytes);
  if (stretch !== undefined) updateFrom(stretch, running);
  if (end === undefined) return {};
  hashes.delete(hash);
  return { digest: running.digest('hex') };
}

function updateFrom({ descriptor, offsetBytes, lengthBytes }: FileStretch, running: Hash): void {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const end = offsetBytes + lengthBytes;
  for (let position = offsetBytes; position < end; ) {
    const length = readSync(descriptor, readBuffer, 0, Math.min(READ_BYTES, end - position), position);
    // What has been hashed so far must never pass for the hash of the stretch.
    if (length === 0) throw Object.assign(new Error('EIO: unexpected end of file, read'), EARLY_END);
    running.update(readBuffer.subarray(0, length));
    position += length;
  }
}

function answerTo(task: HashTask): HashAnswer {
  try {
    return run(task);
  } catch (error) {
    if (!isSystemError(error)) return { error };
    return { error, system: { code: error.code, syscall: error.syscall ?? '' } };
  }
}

parentPort?.on('message', (task: HashTask) => parentPort?.postMessage(answerTo(task)));
