/**
 * Texts that no output may contain.
 */
import { AUTH_OPTIONS } from '../settings/options/keystone.ts';
import type { Credentials } from './credentials.ts';
import type { GivenOptions, OptionKey } from './source.ts';

const SECRET_OPTIONS = AUTH_OPTIONS.filter(({ secret }) => secret === true).map(({ name }) => name);

const SECRETS: ReadonlySet<OptionKey> = new Set(SECRET_OPTIONS);

/**
 * Whether a value is to be looked for in all output. A passcode of a few digits is good for half a minute, and masking it
 * would put holes into numbers; what is longer or has letters may begin with a PIN, which stays.
 */
function isMasked(name: OptionKey, text: string): boolean {
  return SECRETS.has(name) && !(name === 'passcode' && /^\s*\d{1,8}\s*$/.test(text));
}

const LOGIN_URLS = [
  'auth_url',
  'endpoint',
  'discovery_endpoint',
  'access_token_endpoint',
  'device_authorization_endpoint',
  'oauth2_endpoint',
] as const;
const URLS: readonly OptionKey[] = [...LOGIN_URLS, 'endpoint_override'];

/** The secrets among what a source says, used or not. */
export function secretsIn(given: GivenOptions): readonly string[] {
  return [...given].flatMap(([key, { text }]) => {
    if (isMasked(key, text)) return [text];
    return URLS.includes(key) ? urlPasswords(text) : [];
  });
}

/** The secrets of credentials: passwords, also inside of URLs, tokens, and the key of a client. */
export function secretsOf({ auth, tls, endpoint }: Credentials): readonly string[] {
  const urls = [...LOGIN_URLS.map((name) => auth[name]), endpoint.override].flatMap((url) => urlPasswords(url ?? ''));
  const texts = SECRET_OPTIONS.map((name) => [name, auth[name] ?? ''] as const)
    .filter(([name, text]) => text !== '' && isMasked(name, text))
    .map(([, text]) => text);
  return [...new Set([...texts, ...(tls.key === undefined ? [] : [tls.key]), ...urls])];
}

/** What was sent in confidence with a login, and may come back in an answer. */
export function sentSecrets({ auth }: Credentials): readonly string[] {
  return SECRET_OPTIONS.map((name) => auth[name] ?? '').filter((text) => text !== '');
}

/** The options of a login without those that are secret, and without passwords inside of URLs. */
export function withoutSecrets(auth: Credentials['auth']): Credentials['auth'] {
  const isUrl = (name: string): boolean => LOGIN_URLS.some((url) => url === name);
  const isSecret = (name: string): boolean => SECRET_OPTIONS.some((secret) => secret === name);
  const open = Object.entries(auth).filter(([name]) => !isSecret(name));
  return Object.fromEntries(
    open.map(([name, text]) => [name, isUrl(name) ? text.replace(PASSWORD_IN_URL, '$1@') : text]),
  );
}

/** One with an unescaped `@` or `/` in it is taken whole. */
const PASSWORD_IN_URL = /^(\s*[A-Za-z][\w+.-]*:\/\/[^:@/]*):(.+)@/s;

/** As it is written and as it is meant. */
function urlPasswords(text: string): readonly string[] {
  const password = PASSWORD_IN_URL.exec(text)?.[2];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A bare percent sign is a legal part of a password.
    return [password];
  }
}
