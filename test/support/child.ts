/**
 * Child processes of the tests: programs of test/support/programs and test/crash, bundled because Node 20 cannot run
 * TypeScript. They talk in lines.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** A running child. */
export class Child {
  readonly pid: number;
  /** The exit code, or the signal it died of. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  #complaint = '';

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.pid = this.#process.pid ?? 0;
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#process.stderr.on('data', (chunk) => {
      this.#complaint += String(chunk);
    });
    // A child that was killed does not read its answers any more.
    this.#process.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.#process.on('error', reject);
      this.#process.on('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
  }

  /** What it says next; undefined when it has nothing more to say. */
  async line(): Promise<string | undefined> {
    const next = await this.#lines.next();
    return next.done === true ? undefined : next.value;
  }

  /** Waits until it says something. */
  async expectLine(text: string): Promise<void> {
    const line = await this.line();
    if (line !== text) throw new Error(`Expected the child to say "${text}", not "${line}": ${this.#complaint}`);
  }

  /** What it wrote to standard error so far. */
  get complaint(): string {
    return this.#complaint;
  }

  /** Gives it a line. */
  say(text: string): void {
    this.#process.stdin.write(`${text}\n`);
  }

  /** Ends its input, which ends most of them. */
  async finish(): Promise<number | NodeJS.Signals> {
    this.#process.stdin.end();
    return this.ended;
  }

  /** Ends it in the hard way. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
  }
}

/** Starts children of one program; whatever still runs after a test is killed. */
export function useChildren(entry: string): (...args: readonly string[]) => Child {
  const running = new Set<Child>();
  let folder = '';
  const bundle = (): string => join(folder, 'child.cjs');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'glance-cache-tools-child-'));
    buildSync({
      entryPoints: [join(ROOT, 'test', entry)],
      outfile: bundle(),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20.18',
      logLevel: 'warning',
      // The bundle lies outside the package, so what is not bundled is named by its path.
      alias: {
        'better-sqlite3': join(ROOT, 'node_modules', 'better-sqlite3'),
        'fs-xattr': join(ROOT, 'node_modules', 'fs-xattr', 'index.js'),
      },
      external: [join(ROOT, 'node_modules', '*')],
    });
  });
  afterEach(async () => {
    await Promise.all([...running].map((child) => child.kill()));
    running.clear();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (...args) => {
    const child = new Child(process.execPath, [bundle(), ...args]);
    running.add(child);
    return child;
  };
}
