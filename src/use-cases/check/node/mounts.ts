/**
 * The file systems that hold the cache and its index: whether they can do what the cache needs.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Mount, mountOf } from '../../../cache/index/xattr/mount-options.ts';
import { refuseNoatime, refuseWithoutAttributes } from '../../../cache/index/xattr/refuse-unfit.ts';
import { loadUserAttributes } from '../../../cache/index/xattr/user-attributes.ts';
import { CacheError } from '../../../errors/cache-error.ts';
import { unlessAbsent } from '../../../errors/errno.ts';
import { shellWord } from '../../../errors/next-step.ts';
import { OPTIONS } from '../../../settings/options.ts';
import type { Check, CheckContext } from '../check.ts';
import { usableValue } from '../files/usable-value.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { lookAt } from './look/entries.ts';

/** Looks at the mounts. */
export const MOUNTS: Check = {
  name: 'mounts',
  async run(context) {
    const { layout, settings } = context;
    if (layout === undefined || lookAt(layout.root)?.isDirectory() !== true) return [];
    const driver = usableValue(settings, OPTIONS.imageCacheDriver);
    const mount = mountOf(layout.root);
    const ofCache = mount === undefined ? [] : judgeMount(mount, { path: layout.root, holds: 'cache' });
    const indexFolder = dirname(layout.index);
    const ofIndex =
      driver === 'sqlite' && lookAt(indexFolder)?.isDirectory() === true
        ? judgeIndexMount(layout.root, indexFolder)
        : [];
    const ofXattr = driver === 'xattr' ? await refusals(layout.root) : [];
    return [...ofCache, ...ofIndex, ...(isOnRoot(context, layout.root) ? [onRoot(layout.root)] : []), ...ofXattr];
  },
};

/** Locks and caches of these are up to a server; `fuse.` is followed by what is behind it. */
const OVER_NETWORK =
  /^(?:nfs4?|cifs|smb3|smbfs|9p|afs|ceph|lustre|beegfs|glusterfs|gfs2|ocfs2|orangefs|virtiofs|fuse\.(?:sshfs|glusterfs|ceph|ceph-fuse|s3fs|rclone|moosefs|juicefs).*)$/;

/** What somebody keeps on a mount. */
export interface Held {
  readonly path: string;
  readonly holds: 'cache' | 'index';
}

/** What is to be said about a mount. */
export function judgeMount({ point, options, type }: Mount, { path, holds }: Held): readonly CheckFinding[] {
  const what = holds === 'cache' ? `The cache ${JSON.stringify(path)}` : `The index in ${JSON.stringify(path)}`;
  const where = `${what} is on a file system of type ${type} (${JSON.stringify(point)})`;
  const findings: CheckFinding[] = [];
  if (options.includes('ro')) {
    findings.push(
      makeFinding({
        check: 'read-only',
        severity: 'error',
        message: `${what} is on a file system that is mounted read-only (${JSON.stringify(point)})`,
        reason:
          'Nothing can be cached, pruned or cleaned there; file systems are mounted so after errors of the disk as well',
        command: `dmesg | tail -50; mount -o remount,rw ${shellWord(point)}`,
      }),
    );
  }
  if (OVER_NETWORK.test(type)) findings.push(overNetwork(where, { options, holds }));
  if (type === 'tmpfs' || type === 'ramfs') {
    findings.push(
      makeFinding({
        check: 'lost-at-restart',
        severity: 'note',
        message: where,
        reason: 'It takes memory, and is empty again when the node restarts',
        command: `findmnt -T ${shellWord(path)}`,
      }),
    );
  }
  if (type === 'overlay' || type === 'aufs') {
    findings.push(
      makeFinding({
        check: 'lost-at-restart',
        severity: 'note',
        message: where,
        reason: 'It is a layer of a container: gone when that is made anew, and slower than a volume',
        command: `findmnt -T ${shellWord(path)}`,
      }),
    );
  }
  return findings;
}

function overNetwork(where: string, { options, holds }: Pick<Mount, 'options'> & Pick<Held, 'holds'>): CheckFinding {
  const hasNoLocks = options.some((option) => option === 'nolock' || option.startsWith('local_lock=all'));
  if (holds === 'index') {
    return makeFinding({
      check: 'index-over-network',
      severity: hasNoLocks ? 'error' : 'warning',
      message: `${where}${hasNoLocks ? ', mounted without locks that others see' : ''}`,
      reason:
        'SQLite relies on locks of files, which network file systems are known to get wrong: the index may be damaged',
      command: 'glance-cache-manage verify',
    });
  }
  return makeFinding({
    check: 'cache-over-network',
    severity: 'warning',
    message: where,
    reason: 'A cache is to save the way over the network, and each node needs one of its own',
  });
}

function judgeIndexMount(root: string, folder: string): readonly CheckFinding[] {
  const mount = mountOf(folder);
  if (mount === undefined) return [];
  const judged = judgeMount(mount, { path: folder, holds: 'index' });
  // What holds both is told of once; only locks matter to the index alone.
  return folder === root ? judged.filter(({ check }) => check === 'index-over-network') : judged;
}

async function refusals(folder: string): Promise<readonly CheckFinding[]> {
  try {
    refuseNoatime(folder);
    refuseWithoutAttributes(folder, await loadUserAttributes());
    return [];
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    const point = error.details?.['mount_point'];
    return [
      makeFinding({
        check: 'xattr-unfit',
        severity: 'error',
        message: error.message,
        reason:
          error.hint ??
          'The driver xattr keeps hits in attributes of files, and goes by the times at which they were read',
        command:
          typeof point === 'string'
            ? `mount -o remount,atime,relatime ${shellWord(point)}`
            : `findmnt -T ${shellWord(folder)}`,
      }),
    ];
  }
}

/** In a container the root is a layer, which is told of by its type. */
function isOnRoot({ root }: CheckContext, folder: string): boolean {
  const ofNode = unlessAbsent(() => statSync(root));
  const type = mountOf(root)?.type;
  return ofNode !== undefined && type !== 'overlay' && statSync(folder).dev === ofNode.dev;
}

function onRoot(folder: string): CheckFinding {
  return makeFinding({
    check: 'on-root-file-system',
    severity: 'warning',
    message: `The cache ${JSON.stringify(folder)} is on the root file system of this node`,
    reason: 'Images that come in faster than the pruner runs fill it, and then logs, databases and logins fail with it',
    command: `df -h / ${shellWord(folder)}`,
  });
}
