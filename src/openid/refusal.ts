/**
 * Why a provider gives no token, as one sentence with what to check: by the error codes of OAuth,
 * https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and https://www.rfc-editor.org/rfc/rfc8628#section-3.5, and by the
 * status of an answer that has none.
 */
import { AuthError, type CacheError, RemoteError } from '../errors/cache-error.ts';
import { shellWord, THIS_COMMAND } from '../errors/next-step.ts';
import { errorSaying } from '../http/status-error.ts';
import type { HttpResponse } from '../http/transport.ts';
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
  /** Whether somebody on another device was waited for. */
  readonly isForDevices: boolean;
}

const MAX_CHARACTERS = 200;

const AGAIN = `run it again: ${THIS_COMMAND}`;

const WHAT_TO_CHECK: ReadonlyMap<string, string> = new Map([
  [
    'invalid_client',
    `Check the client and its secret, and that the provider takes a secret from this client: ${THIS_COMMAND} --os-client-id glance-cache`,
  ],
  [
    'invalid_grant',
    `Check the user and the password, and whether a passcode is to be sent as well, in the field that idp_otp_key names: ${THIS_COMMAND} --os-idp-otp-key totp --os-passcode PASSCODE`,
  ],
  [
    'unauthorized_client',
    `Have this way to get a token allowed for the client at the provider, or check the client and its secret: ${THIS_COMMAND} --os-client-id glance-cache`,
  ],
  [
    'unsupported_grant_type',
    `Have this way to get a token enabled at the provider, or choose another one: ${THIS_COMMAND} --os-auth-type v3oidcclientcredentials`,
  ],
  [
    'invalid_scope',
    `The provider must know each word of the scope, and allow it to the client: ${THIS_COMMAND} --os-openid-scope openid`,
  ],
  ['access_denied', `The provider or the person turned the login down; allow it there, and ${AGAIN}`],
  ['expired_token', `Nobody confirmed the login in time; ${AGAIN}`],
  ['temporarily_unavailable', `The provider is busy; ${AGAIN}`],
  ['server_error', `Look at the log of the provider, and ${AGAIN}`],
]);

/** The error for what a provider says. */
export function refusalError({ error, description = '', status }: ProviderRefusal, refused: Refused): AuthError {
  const { url, clientId, isForDevices } = refused;
  const words = shown(description);
  // There is no password that could be wrong.
  const known = isForDevices && error === 'invalid_grant' ? 'expired_token' : error;
  const check = `Check the settings of the identity provider, and look at its log; whether it answers: curl -i ${shellWord(shownUrl(url))}`;
  return new AuthError(
    'AUTH_REFUSED',
    `Cannot log in at the identity provider "${shownUrl(url)}" as client ${JSON.stringify(clientId)}: it says "${shown(error)}${words === '' ? '' : `: ${words}`}" (HTTP ${status})`,
    {
      hint: WHAT_TO_CHECK.get(known) ?? check,
      details: { url: shownUrl(url), client_id: clientId, error: shown(error), status },
    },
  );
}

/** The error for a code that nobody has entered in its time. */
export function tooLateError({ url, clientId }: Refused): AuthError {
  return new AuthError(
    'AUTH_REFUSED',
    `Cannot log in at the identity provider "${shownUrl(url)}" as client ${JSON.stringify(clientId)}: nobody confirmed the login in time`,
    {
      hint: `Enter the code as soon as it is shown: ${THIS_COMMAND}`,
      details: { url: shownUrl(url), client_id: clientId },
    },
  );
}

/**
 * The error for an answer that says no in no words of OAuth: a page of a web server, or nothing.
 *
 * @param said its text, without what was sent in confidence
 * @returns RemoteError REMOTE_STATUS, transient where the status is; AuthError AUTH_REFUSED for 401 and 403
 */
export function noGrantError(
  response: HttpResponse,
  { url, said }: { readonly url: URL; readonly said: string },
): CacheError {
  const error = errorSaying(response, `log in at the identity provider "${shownUrl(url)}"`, said);
  if (error instanceof RemoteError && error.isTransient) return error;
  const extras = {
    hint: `Check the URL, which is that of the identity provider and not of Keystone, and the client with its secret; what answers: curl -i ${shellWord(shownUrl(url))}`,
    details: { ...error.details, url: shownUrl(url) },
  };
  return error instanceof AuthError
    ? new AuthError('AUTH_REFUSED', error.message, extras)
    : new RemoteError('REMOTE_STATUS', error.message, extras);
}

/** The error for an answer that says yes, and does not hold what was asked for. */
export function noTokenError(url: URL, name: 'access_token' | 'id_token' | 'device_code'): RemoteError {
  const what = name === 'device_code' ? 'no device_code, user_code and verification_uri' : `no usable ${name}`;
  return new RemoteError(
    'REMOTE_ANSWER',
    `Cannot log in at the identity provider "${shownUrl(url)}": its answer holds ${what}`,
    {
      hint:
        name === 'id_token'
          ? `Ask for one with a scope that has the word openid, or do without: ${THIS_COMMAND} --os-access-token-type access_token`
          : `Check the URL, which is that of the identity provider and of none of its pages; what answers: curl -i ${shellWord(shownUrl(url))}`,
      details: { url: shownUrl(url) },
    },
  );
}

function shown(text: string): string {
  const line = [
    ...printable(
      text
        .slice(0, 10 * MAX_CHARACTERS)
        .replace(/\s+/g, ' ')
        .trim(),
    ),
  ];
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS).join('')}…` : line.join('');
}
