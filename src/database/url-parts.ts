/**
 * A URL of SQLAlchemy's taken apart as SQLAlchemy does it, which is not quite how URLs are read elsewhere: a `+` in a
 * password is a plus, the name of the database is never decoded, and of several `@` the first ends the password.
 * https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls
 */

/** The parts, decoded. Absent and empty are the same, as for SQLAlchemy. */
export interface UrlParts {
  /** `mysql` of `mysql+pymysql`. */
  readonly backend: string;
  /** `pymysql` of `mysql+pymysql`; empty where none is named. */
  readonly driver: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Without the brackets of an IPv6 address. */
  readonly host: string | undefined;
  /** As it is written. */
  readonly port: string | undefined;
  readonly database: string | undefined;
  readonly query: UrlQuery;
}

/** The parameters after the question mark. Those without a value are left out. */
export type UrlQuery = ReadonlyMap<string, readonly string[]>;

const URL_FORM =
  /^([\w+]+):\/\/(?:([^:/]*)(?::([^@]*))?@)?(?:(?:\[([^/?]+)\]|([^/:?]+))?(?::([^/?]*))?)?(?:\/([^?]*))?(?:\?(.*))?/s;

/** The parts of a URL; undefined where it is none. */
export function urlParts(text: string): UrlParts | undefined {
  const [, name, user, password, ipv6, host, port, database, query] = URL_FORM.exec(text) ?? [];
  if (name === undefined) return undefined;
  const [backend = '', ...driver] = name.split('+');
  return {
    backend,
    driver: driver.join('+'),
    user: filled(user, unquote),
    password: filled(password, unquote),
    host: filled(ipv6 ?? host),
    port: filled(port),
    database: filled(database),
    query: parseQuery(query ?? ''),
  };
}

/**
 * Parameters as Python's `parse_qsl` reads them.
 *
 * @param text what follows the question mark
 */
export function parseQuery(text: string): UrlQuery {
  const query = new Map<string, readonly string[]>();
  for (const pair of text.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    const key = unquote(name.replaceAll('+', ' '));
    if (value !== '') query.set(key, [...(query.get(key) ?? []), unquote(value.replaceAll('+', ' '))]);
  }
  return query;
}

/** A percent sign that begins no code stands for itself. */
function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString());
}

function filled(text: string | undefined, decode = (raw: string): string => raw): string | undefined {
  return text === undefined || text === '' ? undefined : decode(text);
}
