import { OPTIONS } from '../settings/options.ts';
import type { Settings } from '../settings/resolve.ts';
import type { PruneRequest } from '../use-cases/prune.ts';

const NO_LOW_WATERMARK_PERCENT = 100;

/**
 * What the pruner prunes to, as far as the settings say it.
 *
 * @throws ConfigError CONFIG_VALUE
 */
export function pruneLimitsOf(settings: Settings): Omit<PruneRequest, 'dryRun' | 'adopt'> {
  return {
    maxSizeBytes: settings.get(OPTIONS.imageCacheMaxSize),
    lowWatermarkPercent: settings.get(OPTIONS.lowWatermark) ?? NO_LOW_WATERMARK_PERCENT,
    minFree: settings.get(OPTIONS.minFree),
    maxAgeSec: settings.get(OPTIONS.maxAge),
  };
}
