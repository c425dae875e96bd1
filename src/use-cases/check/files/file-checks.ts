/**
 * What is checked of the configuration files, and of what they lead to.
 */
import type { CacheError } from '../../../errors/cache-error.ts';
import type { Check } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { findDisagreements } from './agreement.ts';
import { findBadValues } from './bad-values.ts';
import { findCacheDirFaults } from './cache-dir.ts';
import { findDriverFaults } from './driver.ts';
import { findFlippedDriver } from './flipped-driver.ts';
import { findLimitFaults } from './limits.ts';
import { findObsolete } from './obsolete-options.ts';
import { findPipelineFaults } from './pipeline.ts';
import { findRbdStore } from './rbd-store.ts';
import type { Configuration } from './read-configuration.ts';
import { findSharedDatabaseFaults } from './shared-database.ts';
import { findUnreadLines } from './unread-lines.ts';
import { findUnreadable } from './unreadable-files.ts';
import { findUnseenGlanceApi } from './unseen-glance-api.ts';

/**
 * The checks, in the order in which their findings are shown.
 *
 * @param cacheDirError why the cache directory cannot be used; undefined where it can
 */
export function fileChecks(configuration: Configuration, cacheDirError: CacheError | undefined): readonly Check[] {
  const check = (name: string, find: (configuration: Configuration) => readonly CheckFinding[]): Check => ({
    name,
    run: () => find(configuration),
  });
  return [
    check('the configuration files', findUnreadable),
    check('the cache directory', (given) => findCacheDirFaults(given, cacheDirError)),
    check('values', findBadValues),
    check('lines', findUnreadLines),
    check('the pipeline', findPipelineFaults),
    check('the driver', findDriverFaults),
    { name: 'the index', run: findFlippedDriver },
    check('what glance-api and the cache programs share', findDisagreements),
    check('the shared database', findSharedDatabaseFaults),
    check('limits', findLimitFaults),
    check('the store', findRbdStore),
    check('obsolete options', findObsolete),
    check('the configuration of glance-api', findUnseenGlanceApi),
  ];
}
