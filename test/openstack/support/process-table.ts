import { readdirSync, readFileSync } from 'node:fs';

/** A process, told from a later one with the same id by its start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process. */
  readonly startTicks: number;
}

interface ProcessStatus extends ProcessIdentity {
  readonly isZombie: boolean;
  readonly group: number;
}

const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

/** The process with this id as it is now, or undefined if there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const status = readStatus(pid);
  return status === undefined ? undefined : { pid, startTicks: status.startTicks };
}

/** Whether this very process is still there and not merely waiting to be reaped. */
export function isRunning({ pid, startTicks }: ProcessIdentity): boolean {
  const status = readStatus(pid);
  return status !== undefined && !status.isZombie && status.startTicks === startTicks;
}

/** Whether anything lives in the process group that this process leads or led. */
export function isGroupRunning(leader: ProcessIdentity): boolean {
  if (isReused(leader)) return false;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((name) => {
      const status = readStatus(Number(name));
      return status !== undefined && status.group === leader.pid && !status.isZombie;
    });
}

/** Sends a signal to the whole group; nothing happens if it is gone. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isReused(leader)) return;
  try {
    process.kill(-leader.pid, signal);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
  }
}

/** Kills the group and returns once nobody lives in it. Synchronous, because exit handlers may not wait otherwise. */
export function killGroup(leader: ProcessIdentity): void {
  signalGroup(leader, 'SIGKILL');
  for (let waitedMs = 0; isGroupRunning(leader); waitedMs += PAUSE_MS) {
    if (waitedMs > PATIENCE_MS) throw new Error(`Cannot kill process group ${leader.pid}: it is still there`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

/** The kernel gives no new process the id of a living group, so another start time means ours is long gone. */
function isReused({ pid, startTicks }: ProcessIdentity): boolean {
  const status = readStatus(pid);
  return status !== undefined && status.startTicks !== startTicks;
}

function readStatus(pid: number): ProcessStatus | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in the second field may hold anything, so count from its closing parenthesis: state, parent, group, ...
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid, startTicks: Number(fields[19]), group: Number(fields[2]), isZombie: 'ZX'.includes(fields[0] ?? 'X') };
}
