/**
 * Whether both sides know where the cache is.
 */
import type { CacheError } from '../../../errors/cache-error.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { changeOf } from '../change-of.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import type { Configuration } from './read-configuration.ts';
import { usableValue } from './usable-value.ts';

/** Where packages and manuals have it. */
const USUAL = '/var/lib/glance/image-cache';

const IN_VAIN = 'The programs of this toolkit have nothing to look after so, and stop at once';

const DIR = OPTIONS.imageCacheDir;

/**
 * What there is to say.
 *
 * @param error why these programs cannot use what the settings say; undefined where they can
 */
export function findCacheDirFaults(
  { settings, glanceApi, cachePrograms }: Configuration,
  error: CacheError | undefined,
): readonly CheckFinding[] {
  const findings: CheckFinding[] = [];
  const ours = usableValue(settings, DIR);
  const theirs = glanceApi === undefined ? undefined : usableValue(glanceApi.settings, DIR);
  if (error !== undefined && error.code !== 'CONFIG_VALUE') {
    const ownFile = cachePrograms?.ownFile ?? glanceApi?.ownFile;
    findings.push(
      makeFinding({
        check: ours === undefined ? 'cache-dir-unset' : 'cache-dir-unusable',
        severity: 'error',
        message: error.message,
        reason: ours === undefined ? IN_VAIN : `${IN_VAIN}. ${error.hint ?? ''}`,
        change: ours === undefined ? changeOf(settings, DIR, theirs ?? USUAL, ownFile) : undefined,
      }),
    );
  }
  if (glanceApi !== undefined && ours !== undefined && (theirs ?? '') === '') {
    findings.push(
      makeFinding({
        check: 'cache-dir-unset-for-glance-api',
        severity: 'error',
        message: 'image_cache_dir is not set for glance-api',
        reason: 'With caching in its pipeline glance-api does not start so, and without it does not cache',
        change: changeOf(glanceApi.settings, DIR, ours, glanceApi.ownFile),
      }),
    );
  }
  return findings;
}
