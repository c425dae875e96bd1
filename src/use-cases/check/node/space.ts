/**
 * Whether the limits of the cache fit the file system that it is on.
 */
import { statfsSync } from 'node:fs';
import { shellWord } from '../../../errors/shell-word.ts';
import { OPTIONS } from '../../../settings/options.ts';
import type { Settings } from '../../../settings/resolve.ts';
import { minFreeBytes } from '../../min-free.ts';
import type { Check } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { gib, share } from './look/amounts.ts';
import { lookAt } from './look/entries.ts';
import { measureCache } from './look/measure-cache.ts';
import { changeTo, settingOf } from './look/setting.ts';
import { found } from './make-finding.ts';

const GIB = 1024 ** 3;

/** Room for what comes in between two runs of the pruner, where no image of the cache says more. */
const HEADROOM_SHARE = 0.05;
const MOST_HEADROOM_BYTES = 10 * GIB;

/** So many free inodes are none: a pruner run, a log and a few images take them. */
const FEW_INODES = 100;
const FEW_INODES_SHARE = 0.01;

/** Looks at limits and room. */
export const SPACE: Check = {
  name: 'space',
  run({ layout, settings }) {
    if (layout === undefined || lookAt(layout.root)?.isDirectory() !== true) return [];
    const { blocks, bavail, bsize, files, ffree } = statfsSync(layout.root);
    const { areas, parts } = measureCache(layout);
    const measured = [areas.cached, areas.incomplete, areas.invalid, parts];
    const room: Room = {
      path: layout.root,
      totalBytes: blocks * bsize,
      availableBytes: bavail * bsize,
      ownBytes: measured.reduce((sum, { takenBytes }) => sum + takenBytes, 0),
      largestBytes: Math.max(...measured.map(({ largestBytes }) => largestBytes)),
    };
    return [...judgeLimits(room, settings), ...judgeInodes(layout.root, { files, ffree })];
  },
};

/** The file system of a cache, and what the cache takes of it. */
export interface Room {
  readonly path: string;
  readonly totalBytes: number;
  /** Free for unprivileged users. */
  readonly availableBytes: number;
  /** What the cache takes, with what is incomplete, invalid and being fetched. */
  readonly ownBytes: number;
  /** The largest file of the cache. */
  readonly largestBytes: number;
}

/** What is to be said about image_cache_max_size and min_free. */
export function judgeLimits(room: Room, settings: Settings): readonly CheckFinding[] {
  const { totalBytes, availableBytes, ownBytes } = room;
  const maxBytes = settingOf(settings, OPTIONS.imageCacheMaxSize);
  const minFree = minFreeBytes(settingOf(settings, OPTIONS.minFree), { totalBytes, availableBytes });
  const kept = minFree > availableBytes + ownBytes ? [unreachable(room, settings, minFree)] : [];
  if (maxBytes === undefined) return kept;
  if (maxBytes === 0) return [...kept, emptied(settings)];
  const tooLarge = judgeMaximum(room, settings, { maxBytes, minFree });
  return tooLarge === undefined ? kept : [...kept, tooLarge];
}

function judgeMaximum(
  room: Room,
  settings: Settings,
  { maxBytes, minFree }: { readonly maxBytes: number; readonly minFree: number },
): CheckFinding | undefined {
  const { path, totalBytes, availableBytes, ownBytes, largestBytes } = room;
  const reachableBytes = availableBytes + ownBytes;
  const neededBytes = Math.max(largestBytes, Math.min(totalBytes * HEADROOM_SHARE, MOST_HEADROOM_BYTES));
  const command = `df -h ${shellWord(path)}`;
  const otherBytes = totalBytes - reachableBytes;
  const free = `${gib(availableBytes)} of ${gib(totalBytes)} are free, the cache takes ${gib(ownBytes)}, other data and what is reserved for root ${gib(otherBytes)}`;
  const isAbove = maxBytes > totalBytes;
  // What is to stay free is kept free by the pruner, whatever the maximum is.
  if (minFree >= neededBytes && !isAbove) return undefined;
  const headroomBytes = Math.max(reachableBytes - maxBytes, minFree);
  if (headroomBytes >= neededBytes && !isAbove) return undefined;
  const fitting = Math.floor((reachableBytes - neededBytes) / GIB) * GIB;
  const change = fitting > 0 ? changeTo(settings, OPTIONS.imageCacheMaxSize, String(fitting)) : undefined;
  if (isAbove) {
    return found('max-size-above-disk', minFree > 0 ? 'warning' : 'error', {
      message: `image_cache_max_size is ${gib(maxBytes)}, and the file system of ${JSON.stringify(path)} has ${gib(totalBytes)} in all`,
      reason: 'The disk is full before the pruner has anything to do, and then glance-api can cache nothing',
      change,
      command,
    });
  }
  if (maxBytes > reachableBytes) {
    return found('max-size-above-room', 'warning', {
      message: `image_cache_max_size is ${gib(maxBytes)}, and the cache can reach no more than ${gib(reachableBytes)}: ${free}`,
      reason: 'The disk is full before the pruner has anything to do, and then glance-api can cache nothing',
      change,
      command,
    });
  }
  return found('no-headroom', 'warning', {
    message: `Once the cache is at its image_cache_max_size of ${gib(maxBytes)}, ${gib(reachableBytes - maxBytes)} are left: ${free}`,
    reason: `Images that are being written, and those that come in between two runs of the pruner, need room as well: ${gib(neededBytes)} or more, ${largestBytes >= neededBytes ? 'as the largest file of the cache takes' : `which is ${share(neededBytes, totalBytes)} of the disk`}`,
    change,
    command,
  });
}

function emptied(settings: Settings): CheckFinding {
  return found('max-size-zero', 'note', {
    message: 'image_cache_max_size is 0',
    reason: 'Each run of the pruner removes every image but the pinned ones',
    change: changeTo(settings, OPTIONS.imageCacheMaxSize, '10737418240'),
  });
}

function unreachable(
  { path, totalBytes, availableBytes, ownBytes }: Room,
  settings: Settings,
  minFree: number,
): CheckFinding {
  const isNever = minFree > totalBytes;
  return found('min-free-unreachable', isNever ? 'error' : 'warning', {
    message: `min_free asks for ${gib(minFree)}, and ${isNever ? `the file system of ${JSON.stringify(path)} has ${gib(totalBytes)} in all` : `without any image ${gib(availableBytes + ownBytes)} would be free`}`,
    reason: 'Each run of the pruner removes every image but the pinned ones, and the prefetcher fetches none',
    change: changeTo(settings, OPTIONS.minFree, '5%'),
    command: `df -h ${shellWord(path)}`,
  });
}

/** What is to be said about inodes; a file system that makes them as they are needed has no number of them. */
export function judgeInodes(
  path: string,
  { files, ffree }: { readonly files: number; readonly ffree: number },
): readonly CheckFinding[] {
  if (files === 0 || (ffree > FEW_INODES && ffree > files * FEW_INODES_SHARE)) return [];
  return [
    found('no-inodes', ffree === 0 ? 'error' : 'warning', {
      message: `The file system of ${JSON.stringify(path)} has ${ffree} of ${files} inodes left`,
      reason: 'Each file takes one: without any, nothing can be cached however much space is free',
      command: `df -i ${shellWord(path)}`,
    }),
  ];
}
