/**
 * `fetch` for openid-client, over the transport of the run: its certificates, proxies, bounds and patience are those of
 * all requests. An answer that is neither a grant nor a refusal of OAuth is an error here, before the library sees it.
 */
import { isJsonObject, type JsonObject, parseJsonObject, stringIn } from '../http/json.ts';
import { maskAnswer } from '../http/mask-answer.ts';
import { errorSaying } from '../http/status-error.ts';
import type { Transport } from '../http/transport.ts';
import { shownUrl } from '../http/url.ts';

/** What `fetch` needs. */
export interface TransportFetch {
  readonly transport: Transport;
  /** Ends all requests; the timeout that the library has is not used. */
  readonly signal: AbortSignal;
  /** What answers may repeat. */
  readonly secrets: readonly string[];
  /** Hears of the ID token of an answer, which the library does not get. */
  readonly onIdToken: (token: string) => void;
}

/** One request as the library makes it. */
interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Such a `fetch`. It throws what {@link Transport.send} does, and RemoteError and AuthError for the status. */
export function transportFetch(options: TransportFetch): (url: string, request: FetchOptions) => Promise<Response> {
  return async (url, { headers = {}, body }) => {
    const { transport, signal, secrets } = options;
    const what = `log in at the identity provider "${shownUrl(new URL(url))}"`;
    const sent = await transport.send({ method: 'POST', url, headers: { ...headers }, body: String(body) }, signal);
    const { status } = sent;
    const isSuccess = status === 200 || status === 201;
    const said = await (isSuccess ? sent : maskAnswer(sent, secrets)).text();
    const answer = isSuccess ? parseJsonObject(said, what) : refusalIn(said);
    const isTransient = status >= 500 || status === 429 || status === 408;
    if (answer === undefined || isTransient) throw errorSaying(sent, what, said);
    // Some say no with a status that says yes.
    return Response.json(plain(answer, options.onIdToken), { status: isRefusal(answer) ? Math.max(status, 400) : 200 });
  };
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
function refusalIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && isRefusal(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRefusal(answer: JsonObject): boolean {
  return stringIn(answer, 'error') !== undefined && stringIn(answer, 'access_token') === undefined;
}

/**
 * An answer as the library is to see it. An ID token is not for this program: Keystone's side checks it, and keystoneauth
 * does not look at it either. The library would refuse one whose issuer the settings do not tell.
 */
function plain(answer: JsonObject, onIdToken: (token: string) => void): JsonObject {
  const { id_token: idToken, refresh_token: _refreshToken, ...rest } = answer;
  if (typeof idToken === 'string') onIdToken(idToken);
  // keystoneauth does without.
  return 'access_token' in rest && !('token_type' in rest) ? { ...rest, token_type: 'bearer' } : rest;
}
