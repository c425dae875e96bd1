/**
 * How the file system is mounted that holds a folder. The kernel is asked which mount a folder is reached through, and
 * then for the options of that mount: going by the paths of mount points would be wrong where one mount hides another,
 * and going by the device where it is mounted twice. See proc_pid_mountinfo(5) and proc_pid_fdinfo(5).
 */
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { unlessAbsent } from '../../../errors/errno.ts';
import { O_PATH } from '../../held-folders.ts';

/** A mount, as the process sees it. */
export interface Mount {
  readonly id: number;
  /** Where it is mounted; an absolute path. */
  readonly point: string;
  /** Options of the mount and of its file system, such as `noatime` or `errors=remount-ro`. */
  readonly options: readonly string[];
  /** Of the file system: `ext4`, `nfs4`, `fuse.sshfs`. */
  readonly type: string;
}

/** The mount through which a folder is reached; undefined where that cannot be told, as without procfs. */
export function mountOf(folder: string): Mount | undefined {
  const id = mountIdOf(folder);
  if (id === undefined) return undefined;
  const text = unlessAbsent(() => readFileSync('/proc/self/mountinfo', 'utf8'));
  return text === undefined ? undefined : parseMountInfo(text).find((mount) => mount.id === id);
}

function mountIdOf(folder: string): number | undefined {
  const handle = openSync(folder, O_PATH | constants.O_DIRECTORY);
  try {
    const info = unlessAbsent(() => readFileSync(`/proc/self/fdinfo/${handle}`, 'utf8')) ?? '';
    const [, id] = /^mnt_id:\s*(\d+)$/m.exec(info) ?? [];
    return id === undefined ? undefined : Number(id);
  } finally {
    closeSync(handle);
  }
}

/**
 * The mounts in a text like that of `/proc/self/mountinfo`, in its order. A line that is none of its form is left out.
 */
export function parseMountInfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line): readonly Mount[] => {
    // Between the sixth field and the dash come any number of optional ones.
    const dash = line.indexOf(' - ');
    const [mount, fileSystem] = [line.slice(0, dash), line.slice(dash + ' - '.length)];
    const [id = '', , , , point = '', options = ''] = mount.split(' ');
    if (dash < 0 || !/^\d+$/.test(id) || !point.startsWith('/')) return [];
    const [type = '', , ofFileSystem = ''] = fileSystem.split(' ');
    return [{ id: Number(id), point: unescapeOctal(point), options: `${options},${ofFileSystem}`.split(','), type }];
  });
}

/** Blanks, tabs, line feeds and backslashes are `\040` and the like there. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}
