import type { Option } from '../option.ts';
import { duration } from '../types/duration.ts';
import { percent } from '../types/percent.ts';
import { sizeOrPercent } from '../types/size-or-percent.ts';

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
    help: 'Prune until this much of the file system is free.',
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
  lockTimeout: {
    group: 'cache_tools',
    name: 'lock_timeout',
    type: duration,
    defaultText: '10',
    flags: { names: ['--lock-timeout'], beyondStock: true, metavar: 'TIME' },
    help: 'How long to wait for another run or for Glance to give up a lock.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;
