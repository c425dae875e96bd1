/**
 * Error numbers of MySQL and MariaDB: https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
import { codeOf, networkTrouble, type Trouble } from './trouble.ts';

const BY_NUMBER: Readonly<Record<Trouble, readonly number[]>> = {
  // Shutdown, killed, idle for too long; and what the server says when it cannot read or write any more.
  lost: [1053, 1080, 1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 2006, 2013, 4031],
  unreachable: [1040, 1129, 1203, 1226],
  tls: [3159, 1759],
  refused: [1045, 1130, 1251, 1524, 1698, 1820, 1862, 3118, 4151],
  forbidden: [1044, 1142, 1143, 1227, 1370],
  'no-database': [1046, 1049],
  schema: [1051, 1054, 1146, 1364],
  busy: [1205],
  // A deadlock, or a certification that another member of the cluster won; rows that changed; a node that was removed.
  conflict: [1020, 1180, 1213, 1452],
  'read-only': [1290, 1792, 1836, 3100],
  'not-ready': [1047],
  full: [1021, 1114],
  stalled: [1969, 3024],
  corrupt: [1034, 1194, 1877],
  failed: [],
};

/** A mistake of our own. */
const SYNTAX_ERROR = 1064;

/** What mysql2 says about a way to log in that it does not know. */
const AUTH_CODES = ['AUTH_SWITCH_PLUGIN_ERROR', 'ER_NOT_SUPPORTED_AUTH_MODE'];

/** The trouble that an error of mysql2 tells about; undefined for one that nobody foresaw. */
export function mysqlTrouble(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined;
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0;
  for (const [trouble, numbers] of Object.entries(BY_NUMBER) as [Trouble, readonly number[]][]) {
    if (numbers.includes(number)) return trouble;
  }
  const code = codeOf(error);
  if (code !== undefined && AUTH_CODES.includes(code)) return 'refused';
  const byNetwork = networkTrouble(error);
  if (byNetwork !== undefined) return byNetwork;
  // mysql2 has no code for a connection that was closed before.
  if ('fatal' in error && error.fatal === true) return 'lost';
  return number > 0 && number !== SYNTAX_ERROR ? 'failed' : undefined;
}
