/**
 * Why a provider gives no token, as one sentence with what to check: by the error codes of OAuth,
 * https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and https://www.rfc-editor.org/rfc/rfc8628#section-3.5.
 */
import { AuthError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { shownUrl } from '../http/url.ts';
import { printable } from '../text/printable.ts';

/** What a provider says. */
export interface ProviderRefusal {
  /** The code of OAuth, as it came. */
  readonly error: string;
  /** Its own words, as they came. */
  readonly description: string | undefined;
  readonly status: number;
}

/** Who asked, and where. */
export interface Refused {
  readonly url: URL;
  readonly clientId: string;
}

const MAX_CHARACTERS = 200;

const WHAT_TO_CHECK: ReadonlyMap<string, string> = new Map([
  ['invalid_client', 'Check client_id and client_secret, and how the provider wants a client to authenticate'],
  [
    'invalid_grant',
    'Check the user and the password, and that a passcode is not asked for as well, in the field idp_otp_key',
  ],
  ['unauthorized_client', 'Have this way to get a token allowed for the client at the provider'],
  [
    'unsupported_grant_type',
    'Have this way to get a token enabled at the provider, or choose another one with auth_type',
  ],
  ['invalid_scope', 'Check openid_scope: the provider must know each of its words, and allow them to the client'],
  ['access_denied', 'The login was turned down at the provider: run it again, and allow it there'],
  ['expired_token', 'The code was not entered in time: run it again'],
]);

/** The error for what a provider says. */
export function refusalError({ error, description, status }: ProviderRefusal, { url, clientId }: Refused): AuthError {
  const code = shown(error);
  const words = description === undefined || description.trim() === '' ? '' : `: ${shown(description)}`;
  const what = WHAT_TO_CHECK.get(error) ?? 'Check the settings of the identity provider, and its log';
  return new AuthError(
    'AUTH_REFUSED',
    `Cannot log in at the identity provider "${shownUrl(url)}" as client ${JSON.stringify(clientId)}: it says "${code}${words}" (HTTP ${status})`,
    {
      hint: `${what}; whether it answers: curl -i ${shellWord(shownUrl(url))}`,
      details: { url: shownUrl(url), client_id: clientId, error: code, status },
    },
  );
}

function shown(text: string): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}
