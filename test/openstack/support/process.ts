import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isGroupRunning, isRunning, killGroup, type ProcessIdentity, signalGroup } from './process-table.ts';
import { commandAs } from './service-user.ts';
import type { StackFolders } from './stack-info.ts';
import { systemEnvironment } from './system-environment.ts';

/**
 * Services that outlive the process that starts them, as a test file may restart what the global set-up has started.
 * Each leads a process group of its own and has a file in `runDir`; what has none there may not live.
 */

/** What to start. */
export interface ServiceSpec {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What to quote beside the output when the service fails. */
  readonly log?: string;
}

/** A started service. */
export interface Service extends ServiceSpec, ProcessIdentity {
  readonly output: string;
}

const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 15_000;
const PAUSE_MS = 50;
const QUOTED_LINES = 30;

/** Starts a service as the service user, detached, with its output in a file of its own. */
export function startService(folders: StackFolders, spec: ServiceSpec): Service {
  const output = join(folders.logDir, `${spec.name}.out`);
  const [command = '', ...args] = commandAs(folders.user, spec.argv);
  const descriptor = openSync(output, 'a');
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', descriptor, descriptor],
    cwd: '/',
    env: { ...systemEnvironment(folders.homeDir), ...spec.env },
  });
  closeSync(descriptor);
  child.unref();
  const process = child.pid === undefined ? undefined : identify(child.pid);
  if (process === undefined) throw new Error(`Cannot start ${spec.name}: ${command} did not start`);
  try {
    writeFileSync(join(folders.runDir, spec.name), JSON.stringify(process));
  } catch (error) {
    // The folder is gone: the run is being torn down while this test still works.
    killGroup(process);
    throw error;
  }
  return { ...spec, ...process, output };
}

/** Waits until any answer comes from `url`. Throws with the service's last words if it dies or stays silent. */
export async function waitUntilAnswers(service: Service, url: string): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS;
  while (!(await answers(url))) {
    const failure = isRunning(service) ? 'it does not answer' : 'it has died';
    if (failure === 'it has died' || Date.now() > deadline) {
      throw new Error(`Cannot start ${service.name} at ${url}: ${failure}\n${lastWords(service)}`);
    }
    await delay(PAUSE_MS);
  }
}

/** Ends a service as an init system would: SIGTERM to its main process, and SIGKILL to its group if that is not heard. */
export async function stopService(folders: StackFolders, name: string): Promise<void> {
  const file = join(folders.runDir, name);
  const leader = readIdentity(file);
  if (leader === undefined) return;
  if (isRunning(leader)) process.kill(leader.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_PATIENCE_MS;
  while (isGroupRunning(leader)) {
    if (Date.now() > deadline) signalGroup(leader, 'SIGKILL');
    await delay(PAUSE_MS);
  }
  rmSync(file, { force: true });
}

/** Kills every service that has a file in this folder. Synchronous: exit handlers use it. */
export function killServices(runDir: string): void {
  for (const name of readdirSync(runDir)) {
    const leader = readIdentity(join(runDir, name));
    if (leader !== undefined) killGroup(leader);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

function lastWords(service: Service): string {
  return [service.output, service.log].map((file) => (file === undefined ? '' : tail(file))).join('\n');
}

function tail(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return `${basename(file)}:\n${lines.slice(-QUOTED_LINES).join('\n')}`;
  } catch {
    return `${basename(file)}: nothing`;
  }
}
