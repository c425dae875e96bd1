/**
 * What runs in a hash thread. Bundled as a file of its own, because a thread starts from a file; it imports nothing of
 * the program, which would cost memory in every thread. Signals never reach a thread: Node gives them to the main one.
 */
import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { HashAnswer, HashTask } from './hash-protocol.ts';

const hashes = new Map<number, Hash>();

function run({ hash, algorithm, bytes, end }: HashTask): HashAnswer {
  if (end === 'discard') {
    hashes.delete(hash);
    return {};
  }
  const running = hashes.get(hash) ?? createHash(algorithm);
  hashes.set(hash, running);
  if (bytes !== undefined) running.update(bytes);
  if (end === undefined) return {};
  hashes.delete(hash);
  return { digest: running.digest('hex') };
}

function answerTo(task: HashTask): HashAnswer {
  try {
    return run(task);
  } catch (error) {
    return { error };
  }
}

parentPort?.on('message', (task: HashTask) => parentPort?.postMessage(answerTo(task)));
