import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { installPackages } from '../../support/packages.ts';
import { type RunResult, run } from './run.ts';
import { canSwitchUser } from './service-user.ts';
import { systemEnvironment } from './system-environment.ts';

/** A kind of file system that can share extents among files, and what makes one. */
export interface SharingKind {
  readonly name: 'btrfs' | 'xfs';
  readonly packages: readonly string[];
  readonly mkfs: readonly string[];
}

/** The kinds that clouds have. */
export const SHARING_KINDS: readonly SharingKind[] = [
  { name: 'btrfs', packages: ['btrfs-progs'], mkfs: ['/sbin/mkfs.btrfs', '--quiet'] },
  { name: 'xfs', packages: ['xfsprogs'], mkfs: ['/sbin/mkfs.xfs', '-q'] },
];

const SIZE_BYTES = 400 * 1024 * 1024;

/** A file system in a file. It is mounted for one command at a time, in a mount namespace that ends with the command. */
export class LoopMount {
  /** Where it is mounted. */
  readonly folder: string;
  private readonly file: string;

  private constructor(folder: string, file: string) {
    this.folder = folder;
    this.file = file;
  }

  /**
   * Makes one, empty.
   *
   * @returns why that cannot be done on this machine, where it cannot: a container may often not mount
   */
  static make({ name, packages, mkfs }: SharingKind): LoopMount | string {
    if (!canSwitchUser) return 'only root can mount a file system';
    const dir = mkdtempSync(join(inject('stack').stateDir, `${name}-`));
    const mount = new LoopMount(join(dir, 'mount'), join(dir, 'disk'));
    // Open to Glance's user.
    chmodSync(dir, 0o755);
    mkdirSync(mount.folder);
    writeFileSync(mount.file, '');
    truncateSync(mount.file, SIZE_BYTES);
    installPackages(packages);
    for (const argv of [[...mkfs, mount.file], mount.command('true')]) {
      const [command = '', ...args] = argv;
      const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
      if (status !== 0) return `cannot mount ${name} through a loop device here: ${stderr.trim()}`;
    }
    return mount;
  }

  /** Runs a script of the shell as root while it is mounted. */
  async run(
    script: string,
    argv: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunResult> {
    const command = this.command(script, argv);
    return run(command, { env: { ...systemEnvironment(inject('stack').homeDir), ...env } });
  }

  private command(script: string, argv: readonly string[] = []): readonly string[] {
    const mount = `mount -o loop '${this.file}' '${this.folder}'`;
    return ['/usr/bin/unshare', '--mount', '/bin/sh', '-c', `set -e; ${mount}; ${script}`, 'sh', ...argv];
  }
}
