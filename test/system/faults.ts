/**
 * Which faults there are for a system call, and a shuffle to take some of them.
 */
import type { Fault, WatchedCall } from '../support/strace.ts';

const DEVICE = ['EIO'];
const NEW_NAME = ['ENOSPC', 'EDQUOT', 'EIO', 'EACCES', 'EROFS', 'EPERM'];
const GONE_NAME = ['EIO', 'EACCES', 'EROFS', 'EPERM', 'EBUSY', 'ENOSPC', 'EDQUOT'];
const LOOK = ['EIO', 'EACCES', 'ELOOP', 'ENAMETOOLONG', 'ENOMEM'];
const WRITE = ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'];

/** What each call may fail with, as its manual page and file systems have it. */
const ERRNOS: Readonly<Record<string, readonly string[]>> = {
  openat: ['EIO', 'EACCES', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'EROFS', 'EPERM', 'ELOOP', 'ENOTDIR'],
  access: ['EIO', 'EACCES', 'ENOMEM'],
  newfstatat: LOOK,
  statx: LOOK,
  statfs: ['EIO', 'EACCES', 'ENOSYS'],
  readlink: ['EIO', 'EACCES'],
  getdents64: ['EIO', 'ENOMEM'],
  read: DEVICE,
  pread64: DEVICE,
  write: WRITE,
  pwrite64: WRITE,
  fallocate: WRITE,
  ftruncate: ['EIO', 'EFBIG', 'EROFS'],
  fsync: ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'],
  fdatasync: ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'],
  close: ['EIO', 'ENOSPC', 'EDQUOT'],
  mkdir: NEW_NAME,
  rename: [...NEW_NAME, 'EBUSY'],
  link: [...NEW_NAME, 'EMLINK'],
  unlink: GONE_NAME,
  utimensat: ['EIO', 'EACCES', 'EROFS', 'EPERM'],
  // Not EPERM: what belongs to somebody else is not adopted, which is no failure.
  setxattr: ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'],
  getxattr: ['EIO', 'EACCES', 'ENODATA'],
  removexattr: ['EIO', 'EROFS', 'EPERM', 'ENODATA'],
  fchmod: ['EIO', 'EROFS', 'EPERM'],
  fchown: ['EIO', 'EROFS', 'EPERM'],
  chmod: ['EIO', 'EROFS', 'EPERM'],
  ioctl: ['EOPNOTSUPP', 'ENOSPC', 'EIO'],
  // Not EACCES or ENOLCK: SQLite takes either for a lock that somebody holds.
  fcntl: ['EIO'],
};

/** Every fault of these calls: the first one, the second one, all of them, with each errno. */
export function faultsOf(calls: readonly WatchedCall[]): Fault[] {
  return calls.flatMap(({ name, path, count }) =>
    (ERRNOS[name] ?? []).flatMap((errno) =>
      ([1, 2, 'all'] as const)
        .filter((which) => which === 1 || count > 1)
        .map((which) => ({ name, path, errno, which })),
    ),
  );
}

/** The same things in an order that follows from a seed. */
export function shuffled<T>(things: readonly T[], seed: number): T[] {
  let state = seed;
  const random = (): number => {
    // The constants of Numerical Recipes.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return things
    .map((thing) => ({ thing, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}
