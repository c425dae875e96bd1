/**
 * A database server of the tests, as a process that can be stopped, killed, hung and started again on the same data.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../openstack/support/ports.ts';
import { type RunAs, tetheredCommandAs } from '../../openstack/support/service-user.ts';
import { systemEnvironment } from '../../openstack/support/system-environment.ts';
import { asAdmin } from './admin.ts';
import type { Engine, ServerAddress } from './server-address.ts';

const PATIENCE_MS = 40_000;
const PAUSE_MS = 20;
const QUOTED_LINES = 30;

/** What differs between the two. */
export interface ServerKind {
  readonly engine: Engine;
  /** Who it runs as. */
  readonly user: RunAs;
  /** Makes its data, and the files of its certificate; the folder is the server's own. */
  readonly prepare: (folder: string) => Promise<void>;
  /** What clients name to reach it without TCP. */
  readonly socketIn: (folder: string) => string;
  readonly argv: (address: ServerAddress) => readonly string[];
  /** What asks it to end at once, in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** Makes the accounts. */
  readonly populate: (address: ServerAddress) => Promise<void>;
}

/** A server, on a free port of loopback. */
export class RunningServer {
  readonly address: ServerAddress;
  readonly #kind: ServerKind;
  readonly #arguments: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(kind: ServerKind, address: ServerAddress, more: readonly string[]) {
    this.#kind = kind;
    this.address = address;
    this.#arguments = more;
  }

  /**
   * Makes a server with accounts and without databases, and starts it.
   *
   * @param folder a new one for it, in one that the server's user can enter
   * @param more arguments of the server beside the usual ones
   */
  static async create(kind: ServerKind, folder: string, more: readonly string[] = []): Promise<RunningServer> {
    mkdirSync(folder);
    await kind.prepare(folder);
    const address = { engine: kind.engine, port: await freePort(), socket: kind.socketIn(folder), folder };
    const server = new RunningServer(kind, address, more);
    await server.start();
    await kind.populate(address);
    return server;
  }

  /** Starts it, where it was before; returns once it answers. */
  async start(): Promise<void> {
    const log = join(this.address.folder, 'log');
    const [command = '', ...args] = tetheredCommandAs(this.#kind.user, [
      ...this.#kind.argv(this.address),
      ...this.#arguments,
    ]);
    const descriptor = openSync(log, 'a');
    const child = spawn(command, args, {
      cwd: '/',
      // Newfoundland is hours and a half off UTC: whoever mixes them up is seen.
      env: { ...systemEnvironment('/nonexistent'), TZ: 'America/St_Johns' },
      stdio: ['ignore', descriptor, descriptor],
    });
    closeSync(descriptor);
    this.#process = child;
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadlineMs) {
        const words = readFileSync(log, 'utf8').split('\n').slice(-QUOTED_LINES).join('\n');
        throw new Error(`Cannot start ${this.address.engine}: it does not answer\n${words}`);
      }
      await delay(PAUSE_MS);
    }
  }

  /** Ends it in good order. */
  stop(): Promise<void> {
    return this.#end(this.#kind.stopSignal);
  }

  /** Ends it as a power cut would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Lets it hang: it still takes connections, and answers nobody. */
  hang(): void {
    this.#signalAll('SIGSTOP');
  }

  /** Lets it go on. */
  goOn(): void {
    this.#signalAll('SIGCONT');
  }

  async #answers(): Promise<boolean> {
    try {
      await asAdmin(this.address, undefined, (session) => session.run('SELECT 1'));
      return true;
    } catch {
      return false;
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    // One that hangs hears nothing else.
    child.kill('SIGCONT');
    await ended;
  }

  /** PostgreSQL has a process for each session. */
  #signalAll(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('There is no server to signal');
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    for (const each of [pid, ...children]) {
      // One that goes on may end at once.
      if (existsSync(`/proc/${each}`)) process.kill(each, signal);
    }
  }
}
