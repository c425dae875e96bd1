import { ConfigError } from '../errors/cache-error.ts';

/**
 * Facilities and their numbers, by syslog.h. `kern` is not there: programs may not use it, and oslo.log refuses it.
 */
const FACILITIES: ReadonlyMap<string, number> = new Map([
  ['user', 1],
  ['mail', 2],
  ['daemon', 3],
  ['auth', 4],
  ['syslog', 5],
  ['lpr', 6],
  ['news', 7],
  ['uucp', 8],
  ['cron', 9],
  ['authpriv', 10],
  ['ftp', 11],
  ['local0', 16],
  ['local1', 17],
  ['local2', 18],
  ['local3', 19],
  ['local4', 20],
  ['local5', 21],
  ['local6', 22],
  ['local7', 23],
]);

/**
 * The number of a facility, from `syslog_log_facility`: in any case, `LOG_` in front or not.
 *
 * @throws ConfigError `CONFIG_VALUE` for a name that is none
 */
export function parseSyslogFacility(text: string): number {
  const name = text.toLowerCase().replace(/^log_/, '');
  const facility = FACILITIES.get(name);
  if (facility !== undefined) return facility;
  throw new ConfigError('CONFIG_VALUE', `Cannot use syslog_log_facility '${text}': there is no such facility`, {
    hint: `Write it as in syslog_log_facility = LOG_USER; there are ${[...FACILITIES.keys()].map((known) => `LOG_${known.toUpperCase()}`).join(', ')}`,
    details: { option: 'syslog_log_facility', value: text },
  });
}
