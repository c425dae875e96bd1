/**
 * Hashes in threads, for tests that ask when a program may end. Its argument says what becomes of the threads:
 * `closed`, `idle` when they are left alone, `unused` when they were never given anything, `busy` when they are closed in
 * the midst of their work.
 */
import { Hashers } from '../../../src/execute/transfer/hashers.ts';

const [fate] = process.argv.slice(2);
const hashers = new Hashers();
const hash = () => hashers.create({ algorithm: 'sha256', sizeBytes: undefined });

async function digestOf(text: string): Promise<string> {
  const hasher = hash();
  await hasher.update(Buffer.from(text));
  return hasher.digest();
}

process.on('warning', (warning) => console.log(`warning: ${warning.message}`));
process.on('exit', () => console.log('exit'));
if (fate === 'unused') hash();
const digests =
  fate === 'unused' ? [] : await Promise.all(Array.from({ length: 30 }, (_, number) => digestOf(`${number % 2}`)));
console.log([...new Set(digests)].join(' '));
if (fate === 'busy') {
  const bytes = new Uint8Array(new SharedArrayBuffer(64 * 1024 * 1024));
  const updates = Array.from({ length: 8 }, () => hash().update(bytes));
  const settled = Promise.allSettled(updates);
  await hashers.close();
  console.log((await settled).map(({ status }) => status === 'rejected').join(' '));
}
if (fate === 'closed') await hashers.close();
