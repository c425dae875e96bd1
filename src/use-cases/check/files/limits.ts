/**
 * Limits that nobody has chosen, that contradict each other, or that do harm.
 */
import type { Option } from '../../../settings/option.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { describeOrigin } from '../../../settings/resolve.ts';
import { changeOf } from '../change-of.ts';
import type { CheckFinding, Severity } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import type { Configuration } from './read-configuration.ts';
import { isSet, usableValue } from './usable-value.ts';

/** A client may pause for longer than this without having given up. */
const SENSIBLE_STALL_SEC = 3600;
const DEFAULT_STALL_SEC = 86_400;
/** glance-api writes in pieces, and a busy store is slow: what is shorter hits downloads that go on. */
const RUINOUS_STALL_SEC = 60;
const SENSIBLE_AGE_SEC = 3600;

/** What there is to say. */
export function findLimitFaults(configuration: Configuration): readonly CheckFinding[] {
  return [...maximum(configuration), ...stallTime(configuration), ...ages(configuration)];
}

function maximum(configuration: Configuration): readonly CheckFinding[] {
  const { settings } = configuration;
  const [option, watermark] = [OPTIONS.imageCacheMaxSize, OPTIONS.lowWatermark];
  const maxBytes = usableValue(settings, option);
  if (!isSet(settings, option)) {
    return [
      about(configuration, {
        check: 'max-size-default',
        severity: 'note',
        option,
        message: 'image_cache_max_size is set nowhere: the pruner goes by its default of 10 GiB',
        reason: 'That holds but a few images, and no more than what the disk has left is a good maximum',
        value: '10737418240',
      }),
    ];
  }
  const share = usableValue(settings, watermark);
  if (maxBytes === 0) {
    const inVain =
      share === undefined
        ? ''
        : `; low_watermark (${describeOrigin(settings.origin(watermark))}) has nothing to be a share of`;
    return [
      about(configuration, {
        check: 'max-size-zero',
        severity: 'warning',
        option,
        message: `image_cache_max_size is 0 (${describeOrigin(settings.origin(option))}): every run of the pruner empties the cache${inVain}`,
        reason:
          'Each image that is downloaded or prefetched is cached in vain; whoever wants no cache takes it out of the pipeline',
        value: '10737418240',
      }),
    ];
  }
  if (share !== 0) return [];
  return [
    about(configuration, {
      check: 'low-watermark-zero',
      severity: 'warning',
      option: watermark,
      message: `low_watermark is 0% (${describeOrigin(settings.origin(watermark))}): once above its maximum the cache is emptied`,
      reason: 'The images that are used most go with the others',
      value: '80%',
    }),
  ];
}

function stallTime(configuration: Configuration): readonly CheckFinding[] {
  const { settings } = configuration;
  const option = OPTIONS.imageCacheStallTime;
  const stallSec = usableValue(settings, option);
  if (stallSec === undefined || stallSec >= SENSIBLE_STALL_SEC) return [];
  const isRuinous = stallSec < RUINOUS_STALL_SEC;
  return [
    about(configuration, {
      check: 'stall-time-short',
      severity: isRuinous ? 'error' : 'warning',
      option,
      message: `image_cache_stall_time is ${stallSec} s (${describeOrigin(settings.origin(option))})`,
      reason:
        'A client that pauses for longer loses what glance-api is caching for it, and where the look at open files is not conclusive a torn image may be published',
      value: String(DEFAULT_STALL_SEC),
    }),
  ];
}

function ages(configuration: Configuration): readonly CheckFinding[] {
  const { settings } = configuration;
  const option = OPTIONS.maxAge;
  const ageSec = usableValue(settings, option);
  if (ageSec === undefined || ageSec >= SENSIBLE_AGE_SEC) return [];
  return [
    about(configuration, {
      check: 'max-age-short',
      severity: 'warning',
      option,
      message: `max_age is ${ageSec} s (${describeOrigin(settings.origin(option))}): the pruner takes what was used a moment ago`,
      reason: 'Each run empties the cache of nearly everything, and the next download fetches it again',
      value: '30d',
    }),
  ];
}

function about(
  { settings, cachePrograms, glanceApi }: Configuration,
  parts: {
    readonly check: string;
    readonly severity: Severity;
    readonly option: Option<unknown>;
    readonly message: string;
    readonly reason: string;
    readonly value: string;
  },
): CheckFinding {
  const { option, value, ...rest } = parts;
  return makeFinding({
    ...rest,
    change: changeOf(settings, option, value, cachePrograms?.ownFile ?? glanceApi?.ownFile),
  });
}
