import { type Option, type OptionType, ValueError } from '../option.ts';
import { boolean } from '../types/boolean.ts';
import { byteSize } from '../types/byte-size.ts';
import { duration } from '../types/duration.ts';
import { integer } from '../types/integer.ts';
import { percent } from '../types/percent.ts';
import { sizeOrPercent } from '../types/size-or-percent.ts';

/** Beyond it the timers of Node overflow, and fire at once. */
const LONGEST_PATIENCE_SEC = 24 * 3600;

const upToADay: OptionType<number> = {
  expects: 'a time from 1 second to 1 day, such as 90s or 2m',
  parse(text) {
    const seconds = duration.parse(text);
    if (seconds === 0) throw new ValueError('is no time at all');
    if (seconds > LONGEST_PATIENCE_SEC) throw new ValueError('is longer than a day');
    return seconds;
  },
};

/** What these programs can do and the stock ones cannot. Glance never looks into the section. */
export const CACHE_TOOLS_OPTIONS = {
  lowWatermark: {
    group: 'cache_tools',
    name: 'low_watermark',
    type: percent,
    flags: { names: ['--low-watermark'], beyondStock: true, metavar: 'PERCENT' },
    help: 'Once the cache is above its maximum, prune down to this share of it.',
  },
  minFree: {
    group: 'cache_tools',
    name: 'min_free',
    type: sizeOrPercent,
    flags: { names: ['--min-free'], beyondStock: true, metavar: 'SIZE|PERCENT' },
    help: 'Keep this much of the file system free: the pruner makes room for it, the prefetcher leaves it alone.',
  },
  maxAge: {
    group: 'cache_tools',
    name: 'max_age',
    type: duration,
    flags: { names: ['--max-age'], beyondStock: true, metavar: 'TIME' },
    help: 'Prune images that nobody has used for this long.',
  },
  invalidGrace: {
    group: 'cache_tools',
    name: 'invalid_grace',
    type: duration,
    defaultText: '0',
    flags: { names: ['--invalid-grace'], beyondStock: true, metavar: 'TIME' },
    help: 'Leave invalid images alone for this long.',
  },
  stale: {
    group: 'cache_tools',
    name: 'stale',
    type: boolean,
    defaultText: 'false',
    flags: { names: ['--stale'], negation: '--nostale', beyondStock: true },
    help: 'Ask Glance about the cached images, and remove those that were deleted, deactivated or replaced.',
  },
  staleLimit: {
    group: 'cache_tools',
    name: 'stale_limit',
    type: percent,
    defaultText: '50%',
    flags: { names: ['--stale-limit'], beyondStock: true, metavar: 'PERCENT' },
    help: 'Refuse to remove anything when more than this share of the images seems to be stale; 100% is no limit.',
  },
  jobs: {
    group: 'cache_tools',
    name: 'jobs',
    type: integer({ min: 1, max: 64 }),
    defaultText: '4',
    flags: { names: ['-j', '--jobs'], beyondStock: true, metavar: 'N' },
    help: 'How many images are fetched at the same time.',
  },
  limitRate: {
    group: 'cache_tools',
    name: 'limit_rate',
    type: byteSize,
    flags: { names: ['--limit-rate'], beyondStock: true, metavar: 'SIZE' },
    help: 'Fetch at most this much per second, all images together, such as 50MiB; 0 is no limit.',
  },
  retries: {
    group: 'cache_tools',
    name: 'retries',
    type: integer({ min: 0, max: 1000 }),
    defaultText: '5',
    flags: { names: ['--retries'], beyondStock: true, metavar: 'N' },
    help: 'How often in a row a request that failed for the moment is tried again.',
  },
  stallTimeout: {
    group: 'cache_tools',
    name: 'stall_timeout',
    type: upToADay,
    defaultText: '60',
    flags: { names: ['--stall-timeout'], beyondStock: true, metavar: 'TIME' },
    help: 'How long a server may send nothing before the request counts as failed.',
  },
  lockTimeout: {
    group: 'cache_tools',
    name: 'lock_timeout',
    type: duration,
    defaultText: '10',
    flags: { names: ['--lock-timeout'], beyondStock: true, metavar: 'TIME' },
    help: 'How long to wait for another run or for Glance to give up a lock.',
  },
  wakeupTime: {
    group: 'cache_tools',
    name: 'wakeup_time',
    type: upToADay,
    defaultText: '300',
    flags: { names: ['--wakeup-time'], beyondStock: true, metavar: 'TIME' },
    help: 'How long --daemon waits between two rounds, give or take a tenth.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;
