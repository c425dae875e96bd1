/**
 * File systems of a test's own, which only root can make, in a mount namespace that ends with the program.
 */
import { spawnSync } from 'node:child_process';
import { AS_ROOT } from './run-program.ts';

/** Whether mounting is allowed: root in a container often may not. */
export const CAN_MOUNT =
  AS_ROOT &&
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' }).status === 0;

function within(script: string): readonly string[] {
  return ['unshare', '--mount', 'sh', '-c', script, 'sh'];
}

/** Runs a command while a folder is read-only. */
export function withReadOnly(folder: string): readonly string[] {
  return within(`mount --bind '${folder}' '${folder}' && mount -o remount,bind,ro '${folder}' && exec "$@"`);
}

/**
 * Runs a command while a folder is on a disk that is full: of bytes, or of files. The names it holds afterwards are
 * printed below what the command prints.
 */
export function withFullDisk(folder: string, full: 'bytes' | 'files'): readonly string[] {
  const fill =
    full === 'bytes'
      ? `cat /dev/zero > '${folder}/filler' 2> /dev/null`
      : `i=0; while touch '${folder}/filler'$i 2> /dev/null; do i=$((i+1)); done`;
  return within(
    `mkdir '${folder}.copy' && cp -a '${folder}/.' '${folder}.copy' && mount -t tmpfs -o size=256k,nr_inodes=64 none '${folder}' &&
     cp -a '${folder}.copy/.' '${folder}' || exit 99
     ${fill}
     "$@"; code=$?
     cd '${folder}' && ls -A | grep -v filler; exit $code`,
  );
}
