/**
 * Texts that no output may contain.
 */
import { AUTH_OPTIONS } from '../settings/options/keystone.ts';
import type { Credentials } from './credentials.ts';
import type { GivenOptions, OptionKey } from './source.ts';

const SECRET_OPTIONS: ReadonlySet<OptionKey> = new Set(
  AUTH_OPTIONS.filter(({ secret }) => secret === true).map(({ name }) => name),
);

const URLS: readonly OptionKey[] = ['auth_url', 'endpoint', 'endpoint_override'];

/** The secrets among what a source says, used or not. */
export function secretsIn(given: GivenOptions): readonly string[] {
  return [...given].flatMap(([key, { text }]) => {
    if (SECRET_OPTIONS.has(key)) return [text];
    return URLS.includes(key) ? urlPasswords(text) : [];
  });
}

/** The secrets of credentials: passwords, also inside of URLs, tokens, and the key of a client. */
export function secretsOf({ auth, tls, endpoint }: Credentials): readonly string[] {
  const { password, token, application_credential_secret: secret } = auth;
  const urls = [auth.auth_url, auth.endpoint, endpoint.override].flatMap((url) => urlPasswords(url ?? ''));
  const texts = [password, token, secret, tls.key].filter((text) => text !== undefined);
  return [...new Set([...texts, ...urls])];
}

/** As it is written and as it is meant. One with an unescaped `@` or `/` in it is taken whole. */
function urlPasswords(text: string): readonly string[] {
  const password = /^\s*[A-Za-z][\w+.-]*:\/\/[^:@/]*:(.+)@/s.exec(text)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A bare percent sign is a legal part of a password.
    return [password];
  }
}
