/**
 * URLs of MySQL and MariaDB: what the parameters mean that PyMySQL, mysqlclient and MySQL's own connector know.
 */
import type { ServerAddress, ServerTarget, TlsMode, TlsWish } from './database-target.ts';
import { CONNECT_TIMEOUT_SEC, portOf, READ_TIMEOUT_SEC } from './server-url.ts';
import { UrlParameters, type UrlSource, urlError } from './url-parameters.ts';
import type { UrlParts } from './url-parts.ts';

const PORT = 3306;

/** The drivers of SQLAlchemy that are built on the C library, which takes "localhost" for a socket. */
const BY_SOCKET = ['', 'mysqldb', 'mariadbconnector'];

/** Where Debian, Red Hat and MySQL itself have it. */
const SOCKETS = ['/run/mysqld/mysqld.sock', '/var/lib/mysql/mysql.sock', '/tmp/mysql.sock'];

/** What changes nothing for whoever sends a handful of statements. */
const HARMLESS = [
  'charset',
  'use_unicode',
  'write_timeout',
  'binary_prefix',
  'local_infile',
  'client_flag',
  'compress',
];

/** `ssl_mode` of mysqlclient. */
const MODES = {
  disabled: 'disable',
  preferred: 'prefer',
  required: 'require',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-full',
} as const satisfies Readonly<Record<string, TlsMode>>;

/** @throws ConfigError CONFIG_DATABASE */
export function mysqlTarget(parts: UrlParts, source: UrlSource): ServerTarget {
  const parameters = new UrlParameters(parts.query, source);
  const database = parameters.text('db', 'database') ?? parts.database;
  if (database === undefined) throw urlError(source, 'it names no database');
  const addresses = addressesOf(parts, parameters, source);
  return {
    dialect: 'mysql',
    label: source.label,
    addresses,
    user: parameters.text('user') ?? parts.user,
    password: parameters.text('password', 'passwd') ?? parts.password,
    database,
    tls: tlsOf(parts.driver, parameters),
    connectTimeoutSec: parameters.seconds('connect_timeout') ?? CONNECT_TIMEOUT_SEC,
    readTimeoutSec: parameters.seconds('read_timeout') ?? READ_TIMEOUT_SEC,
    sessionOptions: undefined,
    notes: parameters.notes(...HARMLESS),
  };
}

function addressesOf(
  { host: hostPart, port: portPart, driver }: UrlParts,
  parameters: UrlParameters,
  source: UrlSource,
): readonly ServerAddress[] {
  const port = portOf(parameters.text('port') ?? portPart, PORT, source);
  const host = parameters.text('host') ?? hostPart ?? 'localhost';
  const socket = parameters.text('unix_socket');
  if (socket !== undefined) return [{ host: socket, port }];
  const sockets = host === 'localhost' && BY_SOCKET.includes(driver) ? SOCKETS : [];
  return [...sockets, host].map((name) => ({ host: name, port }));
}

function tlsOf(driver: string, parameters: UrlParameters): TlsWish {
  const files = {
    caFile: parameters.text('ssl_ca'),
    caFolder: parameters.text('ssl_capath'),
    certFile: parameters.text('ssl_cert'),
    keyFile: parameters.text('ssl_key'),
    keyPassword: undefined,
    ciphers: parameters.text('ssl_cipher'),
  };
  const hasAny = Object.values(files).some((value) => value !== undefined);
  const hasCa = files.caFile !== undefined || files.caFolder !== undefined;
  return { ...files, mode: modeOf({ driver, hasAny, hasCa }, parameters) };
}

/**
 * PyMySQL uses TLS only where a parameter asks for it, and looks at the certificate and its name where it has been told
 * whom to trust. The C library uses TLS wherever the server has it, and by itself looks at no name.
 */
function modeOf(
  { driver, hasAny, hasCa }: { readonly driver: string; readonly hasAny: boolean; readonly hasCa: boolean },
  parameters: UrlParameters,
): TlsMode {
  const disabled = parameters.boolean('ssl_disabled');
  const named = parameters.choice('ssl_mode', Object.keys(MODES) as (keyof typeof MODES)[]);
  const byCertificate = parameters.boolean('ssl_verify_cert');
  const byIdentity = parameters.boolean('ssl_verify_identity');
  const byName = parameters.boolean('ssl_check_hostname');
  const plain = parameters.boolean('ssl');
  if (disabled === true) return 'disable';
  if (named !== undefined) return MODES[named];
  if (byIdentity === true) return 'verify-full';
  if (byCertificate === false) return 'require';
  if (hasCa) return (byName ?? (driver === 'pymysql' && byIdentity !== false)) ? 'verify-full' : 'verify-ca';
  if (byCertificate === true) return 'verify-ca';
  if (hasAny || plain === true) return 'require';
  return driver === 'pymysql' || plain === false ? 'disable' : 'prefer';
}
