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

/** Whether a file system in a file can be mounted, as a container often may not: one whose folders take space. */
export function canMountFile(): boolean {
  const script =
    'f=$(mktemp) && truncate -s 1M "$f" && mkfs.ext4 -q -F "$f" && mount -o loop "$f" /mnt; s=$?; rm "$f"; exit $s';
  return CAN_MOUNT && spawnSync('unshare', ['--mount', 'sh', '-c', script], { stdio: 'ignore' }).status === 0;
}

/**
 * Runs a command while a folder is on an ext4 of 4 MiB; other than on a tmpfs, a folder needs room there to be made or to
 * grow. What is in the folder afterwards is copied to one beside it, `.after`.
 *
 * @param before commands of the shell to run in the folder first
 */
export function withExt4(folder: string, before: string): readonly string[] {
  return within(
    `exec 9>&1 >/dev/null
     mkdir '${folder}.copy' && cp -a '${folder}/.' '${folder}.copy' && truncate -s 4M '${folder}.img' &&
     mkfs.ext4 -q -F -m 0 -b 1024 -N 256 '${folder}.img' && mount -o loop '${folder}.img' '${folder}' &&
     cp -a '${folder}.copy/.' '${folder}' && (cd '${folder}' && ${before}) || exit 99
     "$@" >&9; code=$?
     rm -f '${folder}/filler'; mkdir '${folder}.after' && cp -a '${folder}/.' '${folder}.after'; exit $code`,
  );
}

/** Runs a command while a folder is on an ext4 on which no byte is free; see {@link withExt4}. */
export function withFullExt4(folder: string): readonly string[] {
  return withExt4(folder, 'for size in 64k 1k 1; do dd if=/dev/zero bs=$size 2> /dev/null >> filler; done; true');
}

/**
 * Runs a command while a folder is on a file system of its own, which holds what was in the folder, attributes included.
 *
 * @param mount the command of the shell that mounts `$disk`, an ext4 in a file, or anything else, on `$folder`
 */
export function withMount(folder: string, mount: string): readonly string[] {
  return within(
    `exec 9>&1 >/dev/null; folder='${folder}'; disk="$folder.img"
     mkdir "$folder.copy" && cp -a "$folder/." "$folder.copy" && truncate -s 4M "$disk" && mkfs.ext4 -q -F -m 0 "$disk" &&
     ${mount} && cp -a "$folder.copy/." "$folder" || exit 99
     "$@" >&9`,
  );
}
