import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { tetheredCommandAs } from './service-user.ts';
import { systemEnvironment } from './system-environment.ts';

/** A Python script of this folder that talks in lines and works until its input ends. */
export class PythonProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly stderr: Promise<string>;

  private constructor(child: ChildProcess) {
    if (child.stdout === null || child.stderr === null) throw new Error('Cannot read what Python says');
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.stderr = text(child.stderr);
  }

  /** Starts a script with Debian's Python as the service user. */
  static start(script: string, args: readonly string[]): PythonProcess {
    const { user, homeDir } = inject('stack');
    // As text: the service user may not be able to enter the checkout.
    const program = readFileSync(join(import.meta.dirname, script), 'utf8');
    const [command = '', ...rest] = tetheredCommandAs(user, ['/usr/bin/python3', '-c', program, ...args]);
    return new PythonProcess(
      spawn(command, rest, { cwd: '/', env: systemEnvironment(homeDir), stdio: ['pipe', 'pipe', 'pipe'] }),
    );
  }

  /** The next line it says. */
  async line(): Promise<string> {
    const next = await this.lines.next();
    if (next.done === true) throw new Error(`Cannot hear from Python: it has ended\n${await this.stderr}`);
    return next.value;
  }

  /** Ends its input and waits until it is gone. */
  async end(): Promise<void> {
    this.child.stdin?.end();
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}
