/**
 * Whether the limits of the cache fit the file system that it is on.
 */
import { statfsSync } from 'node:fs';
import { shellWord } from '../../../errors/next-step.ts';
import type { Option } from '../../../settings/option.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { humanShare, humanSize } from '../../../text/amounts.ts';
import { minFreeBytes } from '../../min-free.ts';
import { changeOf } from '../change-of.ts';
import type { Check, CheckContext } from '../check.ts';
import { usableValue } from '../files/usable-value.ts';
import type { Change, CheckFinding } from '../finding.ts';
import { type FindingParts, makeFinding } from '../make-finding.ts';
import { lookAt } from './look/entries.ts';
import { measureCache } from './look/measure-cache.ts';

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
  run(context) {
    const { layout } = context;
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
    return [...judgeLimits(room, context), ...judgeInodes(layout.root, { files, ffree })];
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

/** Where limits are set. */
export type Limits = Pick<CheckContext, 'settings' | 'cachePrograms' | 'glanceApi'>;

/** What is to be said about image_cache_max_size and min_free. */
export function judgeLimits(room: Room, limits: Limits): readonly CheckFinding[] {
  const { totalBytes, availableBytes, ownBytes } = room;
  const maxBytes = usableValue(limits.settings, OPTIONS.imageCacheMaxSize);
  const minFree = minFreeBytes(usableValue(limits.settings, OPTIONS.minFree), { totalBytes, availableBytes });
  const kept = minFree > availableBytes + ownBytes ? [unreachable(room, limits, minFree)] : [];
  // Each run empties the cache where it is 0, which is no matter of room.
  if (maxBytes === undefined || maxBytes === 0) return kept;
  const neededBytes = Math.max(room.largestBytes, Math.min(totalBytes * HEADROOM_SHARE, MOST_HEADROOM_BYTES));
  const fault = faultOf(room, { maxBytes, minFree, neededBytes });
  if (fault === undefined) return kept;
  const fitting = Math.floor((availableBytes + ownBytes - neededBytes) / GIB) * GIB;
  const change = fitting > 0 ? lineFor(limits, OPTIONS.imageCacheMaxSize, String(fitting)) : undefined;
  const command = change === undefined ? `df -h ${shellWord(room.path)}` : undefined;
  return [...kept, makeFinding({ ...fault, change, command })];
}

interface Wanted {
  readonly maxBytes: number;
  /** What is to stay free; the pruner keeps it free whatever the maximum is. */
  readonly minFree: number;
  /** Room for what is being written. */
  readonly neededBytes: number;
}

function faultOf(room: Room, { maxBytes, minFree, neededBytes }: Wanted): FindingParts | undefined {
  const { path, totalBytes, availableBytes, ownBytes, largestBytes } = room;
  const reachableBytes = availableBytes + ownBytes;
  const full = 'The disk is full before the pruner has anything to do, and then glance-api can cache nothing';
  if (maxBytes > totalBytes) {
    return {
      check: 'max-size-above-disk',
      severity: minFree > 0 ? 'warning' : 'error',
      message: `image_cache_max_size is ${humanSize(maxBytes)}, and the file system of ${JSON.stringify(path)} has ${humanSize(totalBytes)} in all`,
      reason: minFree > 0 ? 'Only min_free keeps the disk from being full' : full,
    };
  }
  if (minFree >= neededBytes || reachableBytes - maxBytes >= neededBytes) return undefined;
  const free = `${humanSize(availableBytes)} of ${humanSize(totalBytes)} are free, the cache takes ${humanSize(ownBytes)}, and other data with what is reserved for root ${humanSize(totalBytes - reachableBytes)}`;
  if (maxBytes > reachableBytes) {
    return {
      check: 'max-size-above-room',
      severity: 'warning',
      message: `image_cache_max_size is ${humanSize(maxBytes)}, and the cache can grow to no more than ${humanSize(reachableBytes)}: ${free}`,
      reason: full,
    };
  }
  const measure =
    largestBytes >= neededBytes
      ? 'what the largest file of the cache takes'
      : `${humanShare(neededBytes, totalBytes)} of the disk`;
  return {
    check: 'no-headroom',
    severity: 'warning',
    message: `Once the cache is at its image_cache_max_size of ${humanSize(maxBytes)}, ${humanSize(reachableBytes - maxBytes)} are left: ${free}`,
    reason: `Images that are being written, and those that come in between two runs of the pruner, need room as well, ${humanSize(neededBytes)} at least (${measure})`,
  };
}

function unreachable(
  { path, totalBytes, availableBytes, ownBytes }: Room,
  limits: Limits,
  minFree: number,
): CheckFinding {
  const isNever = minFree > totalBytes;
  const most = isNever
    ? `the file system of ${JSON.stringify(path)} has ${humanSize(totalBytes)} in all`
    : `without any image ${humanSize(availableBytes + ownBytes)} would be free`;
  return makeFinding({
    check: 'min-free-unreachable',
    severity: isNever ? 'error' : 'warning',
    message: `min_free asks for ${humanSize(minFree)}, and ${most}`,
    reason: 'Each run of the pruner removes every image but the pinned ones, and the prefetcher fetches none',
    change: lineFor(limits, OPTIONS.minFree, '5%'),
  });
}

function lineFor(
  { settings, cachePrograms, glanceApi }: Limits,
  option: Option<unknown>,
  value: string,
): Change | undefined {
  return changeOf(settings, option, value, cachePrograms?.ownFile ?? glanceApi?.ownFile);
}

/** What is to be said about inodes; a file system that makes them as they are needed has no number of them. */
export function judgeInodes(
  path: string,
  { files, ffree }: { readonly files: number; readonly ffree: number },
): readonly CheckFinding[] {
  if (files === 0 || (ffree > FEW_INODES && ffree > files * FEW_INODES_SHARE)) return [];
  return [
    makeFinding({
      check: 'no-inodes',
      severity: ffree === 0 ? 'error' : 'warning',
      message: `The file system of ${JSON.stringify(path)} has ${ffree} of ${files} inodes left`,
      reason: 'Each file takes one: without any, nothing can be cached however much space is free',
      command: `df -i ${shellWord(path)}`,
    }),
  ];
}
