/**
 * How the program proves to a provider that it is the client it says it is:
 * https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication
 */

/**
 * A way to do so. `basic` is HTTP's own, with ID and secret as they are, which is how keystoneauth sends them;
 * `encodedBasic` is what RFC 6749 has: encoded as in forms first. With `none` it only gives its ID, and may prove it
 * with the certificate of the connection.
 */
export type ClientAuthentication = 'none' | 'basic' | 'encodedBasic' | 'post' | 'jwt';

/** The ways with a secret, the preferred one first, by the provider's names. */
const WITH_SECRET: ReadonlyMap<string, ClientAuthentication> = new Map([
  ['client_secret_basic', 'basic'],
  ['client_secret_post', 'post'],
  ['client_secret_jwt', 'jwt'],
]);

/**
 * The ways to try, one after the other while the provider does not know the client. It is more than one only where the
 * two ways to write the header differ for a provider that reads it as RFC 6749 has it.
 *
 * @param offered what the provider says it takes, in its own names; empty where it does not say
 */
export function clientAuthentications(
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string | undefined },
  offered: readonly string[],
): readonly [ClientAuthentication, ...ClientAuthentication[]] {
  if (clientSecret === undefined) return ['none'];
  const chosen = [...WITH_SECRET].find(([name]) => offered.includes(name))?.[1] ?? 'basic';
  if (chosen !== 'basic') return [chosen];
  // The first colon ends the ID.
  const differ = /[%+]|[^ -~]/.test(`${clientId}${clientSecret}`) || clientId.includes(':');
  return differ ? ['basic', 'encodedBasic'] : ['basic'];
}

/**
 * What HTTP's Basic authentication sends, with ID and secret as they are. Characters beyond ASCII are sent as keystoneauth
 * does, in Latin-1; what Latin-1 does not have, keystoneauth cannot send at all.
 */
export function rawBasic(clientId: string, clientSecret: string): string {
  const pair = `${clientId}:${clientSecret}`;
  const isLatin1 = [...pair].every((character) => character <= '\u00ff');
  return `Basic ${Buffer.from(pair, isLatin1 ? 'latin1' : 'utf8').toString('base64')}`;
}
