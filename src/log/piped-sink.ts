import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { hasErrno, isSystemError } from '../errors/errno.ts';
import { printable } from '../text/printable.ts';
import type { LogFormat } from './log-format.ts';
import type { Complain, LogTarget } from './log-target.ts';
import type { LogLevel } from './logger.ts';

/**
 * Hands records to a program that knows the way to the system's log: Node has no datagram sockets of the unix kind.
 * The program is started with the first record, for most runs have none. Each line begins with `<N>`, its priority.
 */

/** What to start and how to talk to it. */
export interface PipedSinkOptions {
  /** Program to start, looked for in `searchPath`. */
  readonly command: string;
  readonly args: readonly string[];
  /** The PATH to look in. It is the program's whole environment: ours may hold passwords. */
  readonly searchPath: string | undefined;
  /** Number of the facility times eight, or 0 where there are no facilities. */
  readonly priorityBase: number;
  readonly format: LogFormat;
  readonly complain: Complain;
  /** What the user calls the way there, for complaints: `syslog`. */
  readonly label: string;
  /** Milliseconds to wait at the close until the program ends by itself. */
  readonly patienceMs?: number;
  /** Once it is aborted, there is a quarter of a second of patience left. */
  readonly hurry?: AbortSignal;
}

/** Severities of syslog, by RFC 5424. */
const SEVERITIES: Readonly<Record<LogLevel, number>> = { CRITICAL: 2, ERROR: 3, WARNING: 4, INFO: 6, DEBUG: 7 };

const PATIENCE_MS = 5000;
const HURRIED_PATIENCE_MS = 250;

// A program that does not read must not make ours grow: records beyond this are lost, and that is said.
const BACKLOG_BYTES = 1024 * 1024;

const STDERR_CHARS = 200;

/** A target that starts its program with the first record. */
export class PipedSink implements LogTarget {
  private readonly options: PipedSinkOptions;
  private child: ChildProcessByStdio<Writable, null, Readable> | undefined;
  private ended: Promise<void> = Promise.resolve();
  private state: 'idle' | 'open' | 'failed' | 'closing' = 'idle';
  private complained = false;
  private said = '';

  constructor(options: PipedSinkOptions) {
    this.options = options;
  }

  write(level: LogLevel, message: string): void {
    if (this.state === 'idle') this.start();
    const stdin = this.child?.stdin;
    if (this.state !== 'open' || stdin === undefined) return;
    if (stdin.writableLength > BACKLOG_BYTES) {
      this.complainOnce('it does not read, records are lost');
      return;
    }
    stdin.write(`<${this.options.priorityBase + SEVERITIES[level]}>${this.options.format(level, message)}\n`);
  }

  async close(): Promise<void> {
    if (this.state === 'open') {
      this.state = 'closing';
      this.child?.stdin.end();
    }
    const { patienceMs = PATIENCE_MS, hurry } = this.options;
    let timer: NodeJS.Timeout | undefined;
    let onHurry = (): void => undefined;
    const outOfPatience = new Promise<void>((resolve) => {
      const giveUpAfter = (delayMs: number): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          this.complainOnce(`it did not end within ${delayMs / 1000} s, records may be lost`);
          this.abandon();
          resolve();
        }, delayMs);
      };
      onHurry = () => giveUpAfter(Math.min(patienceMs, HURRIED_PATIENCE_MS));
      giveUpAfter(patienceMs);
    });
    if (hurry?.aborted === true) onHurry();
    hurry?.addEventListener('abort', onHurry);
    await Promise.race([this.ended, outOfPatience]);
    clearTimeout(timer);
    hurry?.removeEventListener('abort', onHurry);
  }

  /** Lets go of the program and of the pipes, which a child of its own may still hold. */
  private abandon(): void {
    this.child?.kill('SIGKILL');
    this.child?.stdin.destroy();
    this.child?.stderr.destroy();
    this.child?.unref();
  }

  private start(): void {
    try {
      this.follow(this.spawn());
      this.state = 'open';
    } catch (error) {
      // Most failures to start come as an event, some are thrown: ENOMEM, E2BIG, EPERM.
      this.fail(this.spawnReason(error));
    }
  }

  private spawn(): ChildProcessByStdio<Writable, null, Readable> {
    const { command, args, searchPath } = this.options;
    return spawn(command, args, {
      // A session of its own: Ctrl-C ends our run, and the records about that are still to be delivered.
      detached: true,
      env: searchPath === undefined ? {} : { PATH: searchPath },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }

  private follow(child: ChildProcessByStdio<Writable, null, Readable>): void {
    this.child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(0, STDERR_CHARS);
    });
    // A program that ends early closes its pipe; its exit says more than the failed write.
    child.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => {
        this.fail(this.spawnReason(error));
        resolve();
      });
      child.on('close', (code, signal) => {
        // Ending before it is told to loses records too, however content the program was.
        if (code !== 0 || this.state === 'open') this.fail(this.exitReason(code, signal));
        resolve();
      });
    });
  }

  private fail(reason: string): void {
    this.state = 'failed';
    this.complainOnce(reason);
  }

  private spawnReason(error: unknown): string {
    const name = `'${this.options.command}'`;
    if (hasErrno(error, 'ENOENT')) return `the program ${name} is not installed`;
    return `${name} does not start: ${isSystemError(error) ? error.code : printable(String(error))}`;
  }

  private exitReason(code: number | null, signal: NodeJS.Signals | null): string {
    const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `ended with exit code ${code}`;
    const [firstLine = ''] = this.said.split('\n');
    return `'${this.options.command}' ${how}${firstLine === '' ? '' : `: ${printable(firstLine)}`}`;
  }

  private complainOnce(reason: string): void {
    if (this.complained) return;
    this.complained = true;
    this.options.complain(`Cannot log to ${this.options.label}: ${reason}`);
  }
}
