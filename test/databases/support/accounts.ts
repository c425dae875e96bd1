/**
 * The accounts of the servers of the tests, with passwords that have to be escaped in a URL, in SQL or in a message.
 */

/** What each is for. All are ASCII: PyMySQL takes others for Latin-1, psycopg2 for UTF-8. */
export const ACCOUNTS = {
  /** Glance's own: may do anything in its databases. */
  glance: `p@ss:w/rd%2F+%40 '"\\?#&=[]`,
  /** May read, and nothing else. */
  reader: 'read:er/%+@',
  /** May do all but delete. */
  keeper: 'keep@er%25',
  /** May come over TLS only. */
  secured: 'sec/ured+@',
  /** May come with a certificate of its own only. */
  certified: 'certi:fied@',
} as const;

/** The name of an account. */
export type AccountName = keyof typeof ACCOUNTS;

/** What each but the first may do with a table. */
export const TABLE_RIGHTS: Readonly<Record<Exclude<AccountName, 'glance'>, string>> = {
  reader: 'SELECT',
  keeper: 'SELECT, INSERT, UPDATE',
  secured: 'SELECT, INSERT, UPDATE, DELETE',
  certified: 'SELECT, INSERT, UPDATE, DELETE',
};

/** A text as a string literal of either engine, in its default mode. */
export function literal(text: string, engine: 'mariadb' | 'postgresql'): string {
  const doubled = text.replaceAll("'", "''");
  return engine === 'mariadb' ? `'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}
