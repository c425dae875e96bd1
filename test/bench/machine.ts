/**
 * What the figures were had on.
 */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, tmpdir, totalmem } from 'node:os';
import { versionsOfTools } from './tools.ts';

/** A machine, as far as it matters. */
export interface Machine {
  readonly node: string;
  readonly kernel: string;
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memory_gib: number;
  /** Where the data lies. */
  readonly data_dir: string;
  readonly file_system: string;
  readonly tools: Readonly<Record<string, string>>;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  const dataDir = tmpdir();
  return {
    node: process.version,
    kernel: `Linux ${release()} ${arch()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 1024 ** 3),
    data_dir: dataDir,
    file_system: fileSystemOf(dataDir, readFileSync('/proc/self/mountinfo', 'utf8')),
    tools: versionsOfTools(),
  };
}

/**
 * The kind of file system that a folder lies on.
 *
 * @param mountinfo the text of `/proc/self/mountinfo`
 */
export function fileSystemOf(folder: string, mountinfo: string): string {
  let found = { mountPoint: '', type: 'unknown' };
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , mountPoint = ''] = before.split(' ');
    const [type = ''] = after.split(' ');
    const contains = mountPoint === '/' || folder === mountPoint || folder.startsWith(`${mountPoint}/`);
    // Of two on one folder the later one covers the earlier one.
    if (mountPoint !== '' && contains && mountPoint.length >= found.mountPoint.length) found = { mountPoint, type };
  }
  return found.type;
}

/** The machine in words. */
export function machineText({ node, kernel, cpu, cores, memory_gib, data_dir, file_system, tools }: Machine): string {
  const versions = Object.entries(tools).map(([name, version]) => `${name} ${version}`);
  const where = `Node ${node}, ${kernel}, ${cores} cores of ${cpu}, ${memory_gib} GiB, data in ${data_dir} (${file_system})`;
  return [where, ...(versions.length === 0 ? [] : [versions.join(', ')])].join('\n');
}
