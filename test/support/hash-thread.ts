/**
 * The code of hash threads, bundled as the build does it, for tests that run from the source.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** Code of threads. */
export interface HashThreadCode {
  /** The bundled `hash-thread-entry`. */
  readonly entry: URL;
  /** Another entry, which lies beside it as `hash-thread-entry.cjs`; an ES module. */
  write(name: string, code: string): URL;
  /** The entry, under another name, with code that comes before each task; it may change the `task` or never end. */
  spoil(name: string, before: string): URL;
  /** Bundles a program of test/support/programs, as an ES module beside the entry, and tells its path. */
  bundle(program: string): string;
}

/** Bundles the code before the tests of a file, once, and removes it after them. */
export function useHashThread(): () => HashThreadCode {
  let folder = '';
  const bundle = (source: string, name: string): string => {
    const outfile = join(folder, name);
    buildSync({
      entryPoints: [join(ROOT, source)],
      outfile,
      bundle: true,
      platform: 'node',
      format: name.endsWith('.cjs') ? 'cjs' : 'esm',
      target: 'node20.18',
      logLevel: 'warning',
    });
    return outfile;
  };
  const write = (name: string, code: string): URL => {
    const path = join(folder, name);
    writeFileSync(path, code);
    return pathToFileURL(path);
  };
  const spoil = (name: string, before: string): URL =>
    write(
      name,
      `import { parentPort } from 'node:worker_threads';
      const on = parentPort.on.bind(parentPort);
      parentPort.on = (event, listener) => on(event, (task) => {
        ${before}
        listener(task);
      });
      await import('./hash-thread-entry.cjs');`,
    );
  let entry: URL | undefined;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'glance-cache-tools-hash-'));
    write('package.json', '{"type":"module"}');
    entry = pathToFileURL(bundle('src/execute/transfer/hash-thread-entry.ts', 'hash-thread-entry.cjs'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => {
    if (entry === undefined) throw new Error('There is a bundle only while a test runs');
    return { entry, write, spoil, bundle: (program) => bundle(`test/support/programs/${program}.ts`, `${program}.js`) };
  };
}
