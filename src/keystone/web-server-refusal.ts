/**
 * What a web server says that lets nobody through to Keystone: at the path of federated logins it looks at the token of
 * the identity provider before Keystone does, and tells what is wrong with it as
 * https://www.rfc-editor.org/rfc/rfc6750#section-3 has it; or that shows its page for browsers instead.
 */
import { AuthError, RemoteError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { maskText } from '../http/mask-answer.ts';
import { serverText } from '../http/server-text.ts';
import type { HttpResponse } from '../http/transport.ts';

/** What to do where the web server takes no tokens. */
const TAKE_TOKENS =
  'Have the web server of Keystone take bearer tokens at this path, as with "AuthType auth-openidc" of mod_auth_openidc';

/** What was asked, and by whom. */
export interface FederatedRequest {
  readonly target: string;
  readonly who: string;
  /** Where the credentials are from. */
  readonly source: string;
  /** What the answer may repeat. */
  readonly secrets: readonly string[];
}

/**
 * The error for an answer that is a refusal of a web server, not of Keystone, which speaks JSON.
 *
 * @returns undefined for all other answers
 */
export function webServerRefusal(
  response: HttpResponse,
  { target, who, source, secrets }: FederatedRequest,
): AuthError | undefined {
  const { status } = response;
  const isJson = response.header('content-type')?.startsWith('application/json') === true;
  if ((status !== 401 && status !== 403) || isJson) return undefined;
  const said = reasonIn(response.header('www-authenticate') ?? '');
  const state =
    said === undefined
      ? 'the web server in front of Keystone lets nobody in with a token at this path'
      : `the web server in front of Keystone refuses the token of the identity provider, and says "${serverText(maskText(said, secrets))}"`;
  const whatToDo =
    said === undefined
      ? TAKE_TOKENS
      : `Check the token in the credentials from ${source}, which may have expired, access_token_type, and that the web server trusts the provider that gave the token; its log says more`;
  return new AuthError(
    status === 403 ? 'AUTH_FORBIDDEN' : 'AUTH_REFUSED',
    `Cannot log in at "${target}" as ${who}: ${state} (HTTP ${status})`,
    {
      hint: `${whatToDo}; what it answers: curl -i -X POST ${shellWord(target)}`,
      details: { url: target, who, source, status },
    },
  );
}

/** The reason in a challenge for bearers; undefined where it is none. */
function reasonIn(challenge: string): string | undefined {
  if (!/^bearer\b/i.test(challenge)) return undefined;
  const [error, description] = ['error', 'error_description'].map(
    (name) => new RegExp(`[\\s,]${name}\\s*=\\s*"([^"]*)"`, 'i').exec(challenge)?.[1],
  );
  return [error ?? 'no token', description].filter((text) => text !== undefined && text !== '').join(': ');
}

/**
 * The error for a web server in front of Keystone that knows only people with browsers.
 *
 * @param does what it does with its page for them: `redirects to`
 * @param cause what the transport says of a redirect
 */
export function wantsBrowser(target: string, does: string, cause?: RemoteError): RemoteError {
  return new RemoteError(
    'REMOTE_REDIRECT',
    `Cannot log in at "${target}": it ${does} a page for browsers instead of taking the token of the identity provider`,
    {
      hint: `${TAKE_TOKENS}; what it answers: curl -i -X POST ${shellWord(target)}`,
      details: { ...cause?.details, url: target },
      cause,
    },
  );
}
