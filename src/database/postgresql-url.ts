/**
 * URLs of PostgreSQL: what the parameters mean that libpq knows, and asyncpg's few others.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 */
import type { ServerAddress, ServerTarget, TlsMode, TlsWish } from './database-target.ts';
import { CONNECT_TIMEOUT_SEC, portOf, READ_TIMEOUT_SEC } from './server-url.ts';
import { UrlParameters, type UrlSource, urlError } from './url-parameters.ts';
import type { UrlParts } from './url-parts.ts';

const PORT = 5432;

/** The folders of sockets of Debian and Red Hat, and of PostgreSQL itself. */
const SOCKET_FOLDERS = ['/var/run/postgresql', '/tmp'];

const MODES: readonly TlsMode[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** What changes nothing for whoever sends a handful of statements. */
const HARMLESS = [
  'application_name',
  'client_encoding',
  'fallback_application_name',
  'gssencmode',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'prepared_statement_cache_size',
  'tcp_user_timeout',
];

/** @throws ConfigError CONFIG_DATABASE */
export function postgresqlTarget(parts: UrlParts, source: UrlSource): ServerTarget {
  const parameters = new UrlParameters(parts.query, source);
  const user = parameters.text('user') ?? parts.user;
  const database = parameters.text('dbname', 'database') ?? parts.database ?? user;
  if (database === undefined) throw urlError(source, 'it names no database');
  const connectTimeoutSec = parameters.seconds('connect_timeout') ?? CONNECT_TIMEOUT_SEC;
  return {
    dialect: 'postgresql',
    label: source.label,
    addresses: addressesOf(parts, parameters, source),
    user,
    password: parameters.text('password') ?? parts.password,
    database,
    tls: tlsOf(parts.driver, parameters),
    // For libpq 0 means for ever, and 1 means 2.
    connectTimeoutSec: connectTimeoutSec === 0 ? CONNECT_TIMEOUT_SEC : connectTimeoutSec,
    readTimeoutSec: READ_TIMEOUT_SEC,
    sessionOptions: parameters.text('options'),
    notes: parameters.notes(...HARMLESS),
  };
}

/** One host, or several to be tried in turn: `host=h1,h2&port=p1,p2` as libpq has it, `host=h1:p1&host=h2:p2` as SQLAlchemy. */
function addressesOf(parts: UrlParts, parameters: UrlParameters, source: UrlSource): readonly ServerAddress[] {
  const named = parameters.all('host');
  const ports = (parameters.text('port') ?? parts.port ?? '').split(',');
  if (named.length > 1) {
    return named.map((token) => {
      const [, host = '', port = ''] = /^(.*?)(?::(\d*))?$/s.exec(token) ?? [];
      return { host, port: portOf(port, PORT, source) };
    });
  }
  const hosts = named[0]?.split(',') ?? (parts.host === undefined ? [...SOCKET_FOLDERS, 'localhost'] : [parts.host]);
  return hosts.map((host, at) => ({ host, port: portOf(ports.length === 1 ? ports[0] : ports[at], PORT, source) }));
}

function tlsOf(driver: string, parameters: UrlParameters): TlsWish {
  const caFile = parameters.text('sslrootcert');
  const byMode = parameters.choice('sslmode', MODES) ?? parameters.choice('ssl', MODES);
  // pg8000 takes TLS from Python only, never from a URL.
  const mode = byMode ?? (caFile === 'system' ? 'verify-full' : driver === 'pg8000' ? 'disable' : 'prefer');
  return {
    // With a root certificate `require` looks at the certificate, as libpq documents.
    mode: mode === 'require' && caFile !== undefined ? 'verify-ca' : mode,
    caFile: caFile === 'system' ? undefined : caFile,
    caFolder: undefined,
    certFile: parameters.text('sslcert'),
    keyFile: parameters.text('sslkey'),
    keyPassword: parameters.text('sslpassword'),
    ciphers: undefined,
  };
}
