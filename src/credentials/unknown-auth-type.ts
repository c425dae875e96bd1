/**
 * What to say of a way to log in that this version does not know: what was meant, or what to use instead.
 */
import { ConfigError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { quoteValue } from '../settings/quote-value.ts';
import { nearestWord } from '../text/nearest-word.ts';
import { AUTH_TYPE_NAMES } from './auth-types.ts';
import type { CredentialSource, GivenValue } from './source.ts';

const MAKE_CREDENTIAL =
  'make an application credential with the login that you have, and use that: openstack application credential create glance-cache';

/** What keystoneauth has beyond ours, each with the advice to those who use it. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  [
    'v3oidcrefreshtoken',
    `Give what the identity provider exchanges the refresh token for: ${THIS_COMMAND} --os-auth-type v3oidcaccesstoken`,
  ],
  ['v3oauth2mtlsclientcredential', `Nobody can use it without its certificate; ${MAKE_CREDENTIAL}`],
  ['v3samlpassword', `Where the identity provider speaks OpenID too, use v3oidcpassword; else ${MAKE_CREDENTIAL}`],
  ['v3adfspassword', `Where the identity provider speaks OpenID too, use v3oidcpassword; else ${MAKE_CREDENTIAL}`],
  ['v3kerberos', `Jobs have no ticket; ${MAKE_CREDENTIAL}`],
  ['v3fedkerb', `Jobs have no ticket; ${MAKE_CREDENTIAL}`],
  ['v3oauth1', `Keystone keeps it for old consumers; ${MAKE_CREDENTIAL}`],
  ['v3tokenlessauth', `It is for Keystone itself, and tells nothing of where Glance is; ${MAKE_CREDENTIAL}`],
  ['v1password', `It is for Swift without Keystone; for a user of Keystone: ${THIS_COMMAND} --os-auth-type password`],
]);

/** All that somebody may mean; the aliases are not worth a choice. */
const CHOICE = `Use password, token or v3applicationcredential, with a second factor v3totp or v3multifactor, through an identity provider v3oidcclientcredentials, v3oidcpassword, v3oidcdeviceauthz or v3oidcaccesstoken, without Keystone http_basic, admin_token or none: ${THIS_COMMAND} --os-auth-type password`;

/** The error for a way to log in that is not known. */
export function unknownAuthType({ name }: CredentialSource, asked: GivenValue): ConfigError {
  const { text, origin } = asked;
  const advice = INSTEAD.get(text.trim().toLowerCase());
  const what = `the auth_type ${quoteValue(text)} (${origin})`;
  return new ConfigError(
    'CONFIG_CREDENTIALS',
    `Cannot log in with the credentials from ${name}: this version does not ${advice === undefined ? 'know' : 'support'} ${what}`,
    {
      hint: advice ?? meant(text) ?? CHOICE,
      details: { source: name, auth_type: text, known: AUTH_TYPE_NAMES },
    },
  );
}

function meant(text: string): string | undefined {
  const word = nearestWord(text, AUTH_TYPE_NAMES);
  return word === undefined ? undefined : `Write ${word}: ${THIS_COMMAND} --os-auth-type ${word}`;
}
