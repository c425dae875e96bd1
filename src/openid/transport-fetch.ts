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
    const form = String(body);
    const sent = await transport.send({ method: 'POST', url, headers: { ...headers }, body: form }, signal);
    const { status } = sent;
    const isSuccess = status === 200 || status === 201;
    const said = await (isSuccess ? sent : maskAnswer(sent, [...secrets, ...secretsSent(headers, form)])).text();
    const answer = isSuccess ? parseJsonObject(said, what) : refusalIn(said);
    const isTransient = status >= 500 || status === 429 || status === 408;
    if (answer === undefined || isTransient) throw errorSaying(sent, what, said);
    // Some say no with a status that says yes.
    return Response.json(plain(answer, options.onIdToken), { status: isRefusal(answer) ? Math.max(status, 400) : 200 });
  };
}

/** Fields that are nobody's secret; all others an answer may not repeat, whatever they are called. */
const PUBLIC_FIELDS = new Set([
  'grant_type',
  'scope',
  'client_id',
  'username',
  'client_assertion_type',
  'code_challenge_method',
]);

/** What a request tells in confidence: some of it is made for that request alone. */
function secretsSent(headers: Readonly<Record<string, string>>, form: string): readonly string[] {
  const [, pair = ''] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? [];
  const fields = [...new URLSearchParams(form)].flatMap(([name, value]) => (PUBLIC_FIELDS.has(name) ? [] : [value]));
  // Whoever repeats the pair may write its Base64 in another way, which is looked for with what it stands for.
  return [pair, Buffer.from(pair, 'base64').toString(), ...fields].filter((text) => text !== '');
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
