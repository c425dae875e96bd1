/**
 * A program that goes on, and what it says meanwhile.
 */
import { createInterface } from 'node:readline';
import { afterEach, expect } from 'vitest';
import { type RunningProgram, type RunResult, withoutTime } from './run-program.ts';

/** A running daemon. */
export class Daemon {
  readonly pid: number;
  readonly #running: RunningProgram;
  readonly #lines: Readonly<Record<'stdout' | 'stderr', AsyncIterator<string>>>;

  constructor(running: RunningProgram) {
    this.#running = running;
    this.pid = running.process.pid ?? 0;
    const linesOf = (stream: 'stdout' | 'stderr'): AsyncIterator<string> => {
      const input = running.process[stream];
      if (input === null) throw new Error('A daemon is read from through a pipe');
      return createInterface({ input })[Symbol.asyncIterator]();
    };
    this.#lines = { stdout: linesOf('stdout'), stderr: linesOf('stderr') };
  }

  /** The next line that it says of itself, without the time that it was said at, and without how long things take. */
  async line(): Promise<string> {
    return withoutTime((await this.#next('stderr')) ?? '(nothing more)')
      .replace(/^(\w+) glance_cache_tools\.\w+ \[-\] /, '$1 ')
      .replace(/\bin \d+\.\d s\b/g, 'in N s')
      .replace(/; next in .*$/, '; next later');
  }

  /** The next line of results. */
  async result(): Promise<unknown> {
    return JSON.parse((await this.#next('stdout')) ?? 'null');
  }

  /** Has it read its configuration anew, and begin a round. */
  hangUp(): void {
    this.#running.process.kill('SIGHUP');
  }

  /** Stops it, and sees that it obeys within a second. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<RunResult> {
    const fromMs = performance.now();
    this.#running.process.kill(signal);
    const result = await this.#running.ended;
    expect(performance.now() - fromMs).toBeLessThan(1000);
    return result;
  }

  /** How it has ended by itself. */
  get ended(): Promise<RunResult> {
    return this.#running.ended;
  }

  async kill(): Promise<void> {
    this.#running.process.kill('SIGKILL');
    await this.#running.ended;
  }

  async #next(stream: 'stdout' | 'stderr'): Promise<string | undefined> {
    const next = await this.#lines[stream].next();
    return next.done === true ? undefined : next.value;
  }
}

/** Watches over daemons; what still runs after a test is killed. */
export function useDaemons(): (running: RunningProgram) => Daemon {
  const daemons: Daemon[] = [];
  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon.kill();
  });
  return (running) => {
    const daemon = new Daemon(running);
    daemons.push(daemon);
    return daemon;
  };
}
