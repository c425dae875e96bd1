/**
 * Glance's own database, from the settings that name it.
 */

import { parseConnectionUrl } from '../../../database/connection-url.ts';
import type { Database } from '../../../database/database.ts';
import { openDatabase } from '../../../database/open-database.ts';
import { ConfigError } from '../../../errors/cache-error.ts';
import { THIS_COMMAND } from '../../../errors/next-step.ts';
import type { Patience } from '../../../sqlite/retry-busy.ts';

/** The settings of group `[database]`. */
export interface DatabaseSettings {
  /** `connection`, as it is set. */
  readonly connection: string | undefined;
  /** `connection_parameters`; empty where there are none. */
  readonly connectionParameters: string;
  /** Where `connection` is set, for messages. */
  readonly origin: string;
  /** Takes remarks for debug level. */
  readonly onNote?: (note: string) => void;
}

/**
 * The database; nothing is connected before the first statement.
 *
 * @throws ConfigError CONFIG_MISSING where no database is named, CONFIG_DATABASE for a URL that cannot be used
 */
export async function openConfiguredDatabase(settings: DatabaseSettings, patience: Patience): Promise<Database> {
  const { connection, connectionParameters, origin, onNote } = settings;
  if (connection === undefined || connection.trim() === '') {
    throw new ConfigError('CONFIG_MISSING', "Cannot use Glance's database: [database] connection is not set", {
      hint: `Set it as in glance-api.conf, or name that file: ${THIS_COMMAND} --config-file /etc/glance/glance-api.conf`,
    });
  }
  const target = parseConnectionUrl({ url: connection, parameters: connectionParameters, origin });
  for (const note of target.notes) onNote?.(note);
  return openDatabase(target, patience);
}
