/**
 * From arguments to what Glance's shared database knows of all nodes: settings, the rights, the log, the database. No
 * cache directory is needed, for none is looked at.
 */
import type { Fleet } from '../cache/index/centralized/fleet.ts';
import { openFleet } from '../cache/index/centralized/open-fleet.ts';
import { parseConnectionUrl } from '../database/connection-url.ts';
import { ConfigError } from '../errors/cache-error.ts';
import type { ClosableLogger } from '../log/create-logger.ts';
import { OPTIONS } from '../settings/options.ts';
import { describeOrigin, type Settings } from '../settings/resolve.ts';
import { systemClock } from '../time/system-clock.ts';
import { readFleet } from '../use-cases/fleet/read-fleet.ts';
import { databaseSettings } from './choose-index-driver.ts';
import { ownerForDatabase } from './database-owner.ts';
import { openLog } from './open-log.ts';
import { settingsOf, tellAboutSettings } from './open-run.ts';
import { ownUrlOf } from './own-url.ts';
import { forWhoeverRuns } from './owner-hint.ts';
import type { Call } from './program.ts';
import { refuseUnreadableProgram } from './unreadable-program.ts';

/** What is known beside what was read. */
export interface FleetRun {
  readonly log: ClosableLogger;
  /** The URL by which the database knows this node; undefined where it has none, as a host beside the fleet. */
  readonly ownUrl: string | undefined;
}

/**
 * Reads from Glance's database, closes it, and shows what was read.
 *
 * @param read see `readFleet`
 * @throws ConfigError CONFIG_DRIVER where another driver is configured, CONFIG_MISSING, CONFIG_DATABASE; and as a Database
 *   does
 */
export async function withFleet<T>(
  call: Call,
  read: (fleet: Fleet) => Promise<T>,
  show: (found: T, run: FleetRun) => Promise<void>,
): Promise<void> {
  const { invocation } = call;
  const settings = settingsOf(call);
  refuseOtherDriver(settings);
  const file = databaseFile(settings);
  const owner = ownerForDatabase(settings, file, invocation);
  if (owner !== undefined) {
    invocation.rights.takeThoseOf(owner);
    refuseUnreadableProgram(invocation.rights, { root: owner.path });
  }
  invocation.rights.setUmask();
  const { log, recordEnd } = await openLog(call, settings);
  try {
    tellAboutSettings(settings, log);
    const found = await readFleet(() => openFrom(call, settings, log), read);
    await show(found, { log, ownUrl: ownUrlOf(settings) });
  } catch (error) {
    recordEnd(error);
    const what = file === undefined ? 'cache directory' : 'database';
    throw forWhoeverRuns(error, invocation.rights, { what, path: owner?.path ?? '' });
  } finally {
    await log.close();
  }
}

/** The file that the database is; undefined where it is on a server, or not set: whoever opens it says so. */
function databaseFile(settings: Settings): string | undefined {
  const { connection, connectionParameters, origin } = databaseSettings(settings);
  if (connection === undefined || connection.trim() === '') return undefined;
  const target = parseConnectionUrl({ url: connection, parameters: connectionParameters, origin });
  return target.dialect === 'sqlite' ? target.path : undefined;
}

async function openFrom({ invocation }: Call, settings: Settings, log: ClosableLogger): Promise<Fleet> {
  const { signal } = invocation;
  const onNote = (note: string): void => log.debug(note);
  return openFleet(
    { ...databaseSettings(settings), onNote },
    { clock: systemClock, timeoutSec: settings.get(OPTIONS.lockTimeout), signal },
  );
}

/** Another driver keeps nothing in the database: what some glance-api once left there would be shown as the truth. */
function refuseOtherDriver(settings: Settings): void {
  const driver = settings.get(OPTIONS.imageCacheDriver);
  if (driver === 'centralized_db') return;
  const origin = describeOrigin(settings.origin(OPTIONS.imageCacheDriver));
  throw new ConfigError(
    'CONFIG_DRIVER',
    `Cannot look at all nodes: image_cache_driver is ${driver} (${origin}), and only centralized_db keeps what all nodes cache in one database`,
    {
      hint: 'Set image_cache_driver = centralized_db if glance-api has that, its own default since release 2024.1; nodes with another driver are asked as in "glance-cache-manage --host node1,node2 list-cached"',
      details: { image_cache_driver: driver },
    },
  );
}
