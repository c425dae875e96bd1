/**
 * A program that goes on, and what it says meanwhile.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, expect } from 'vitest';
import { type RunningProgram, type RunResult, withoutTime } from './run-program.ts';

/** A running daemon. */
export class Daemon {
  readonly #running: RunningProgram;
  readonly #isWithin: boolean;
  readonly #lines: Readonly<Record<'stdout' | 'stderr', AsyncIterator<string>>>;

  /** @param isWithin whether it is a child of the command that was started */
  constructor(running: RunningProgram, isWithin = false) {
    this.#isWithin = isWithin;
    this.#running = running;
    const linesOf = (stream: 'stdout' | 'stderr'): AsyncIterator<string> => {
      const input = running.process[stream];
      if (input === null) throw new Error('A daemon is read from through a pipe');
      return createInterface({ input })[Symbol.asyncIterator]();
    };
    this.#lines = { stdout: linesOf('stdout'), stderr: linesOf('stderr') };
  }

  /** Its process, once it has said something. */
  get pid(): number {
    const pid = this.#running.process.pid ?? 0;
    return this.#isWithin ? Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10) : pid;
  }

  /** The next line that it says of itself, without the time that it was said at, and without how long things take. */
  async line(): Promise<string> {
    return withoutTime(await this.#next('stderr'))
      .replace(/^(\w+) glance_cache_tools\.\w+ \[-\] /, '$1 ')
      .replace(/\bin \d+\.\d s\b/g, 'in N s')
      .replace(/; next in .*$/, '; next later');
  }

  /** The next line of results. */
  async result(): Promise<unknown> {
    return JSON.parse(await this.#next('stdout'));
  }

  /** Has it read its configuration anew, and begin a round. */
  hangUp(): void {
    process.kill(this.pid, 'SIGHUP');
  }

  /** Stops it, and sees that it obeys within a second, or two where many tests run at once. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<RunResult> {
    const fromMs = performance.now();
    process.kill(this.pid, signal);
    const result = await this.#running.ended;
    expect(performance.now() - fromMs).toBeLessThan(2000);
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

  async #next(stream: 'stdout' | 'stderr'): Promise<string> {
    const next = await this.#lines[stream].next();
    if (next.done === true) throw new Error(`The daemon says no more on ${stream}`);
    return next.value;
  }
}

/** Watches over daemons; what still runs after a test is killed. */
export function useDaemons(): (running: RunningProgram, isWithin?: boolean) => Daemon {
  const daemons: Daemon[] = [];
  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon.kill();
  });
  return (running, isWithin) => {
    const daemon = new Daemon(running, isWithin);
    daemons.push(daemon);
    return daemon;
  };
}
