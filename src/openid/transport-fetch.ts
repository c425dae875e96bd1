/**
 * `fetch` for openid-client, over the transport of the run: its certificates, proxies, bounds and patience are those of
 * all requests. The library sees only what it needs, in the form that it wants: providers are not as strict as it is, and
 * keystoneauth takes what they send. An answer that is neither a grant nor a refusal of OAuth is an error here already.
 */
import { RemoteError } from '../errors/cache-error.ts';
import { jsonObjectOf } from '../http/json.ts';
import { maskText } from '../http/mask-answer.ts';
import type { HttpResponse, Transport } from '../http/transport.ts';
import { grantIn, refusalIn } from './lenient-answer.ts';
import type { ProviderSettings } from './provider.ts';
import { noGrantError, noTokenError } from './refusal.ts';

/** What `fetch` needs. */
export interface TransportFetch {
  readonly settings: ProviderSettings;
  readonly transport: Transport;
  /** Ends all requests; the timeout that the library has is not used. */
  readonly signal: AbortSignal;
}

/** One request as the library makes it. */
interface FetchOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What of a form is no secret; the rest may be repeated in an answer, and must not be repeated in a message. */
const IN_THE_OPEN = ['grant_type', 'client_id', 'scope', 'username', 'code_challenge_method', 'client_assertion_type'];

/** The header in which a refusal has the status that it came with. */
export const STATUS_HEADER = 'x-answered-with';

/** Such a `fetch`. It throws what {@link Transport.send} does, AuthError AUTH_REFUSED, and RemoteError for the status. */
export function transportFetch({
  settings,
  transport,
  signal,
}: TransportFetch): (url: string, request: FetchOptions) => Promise<Response> {
  return async (url, { headers: own = {}, body }) => {
    const form = String(body);
    const fields = new URLSearchParams(form);
    // RFC 6749 and keystoneauth have it without the charset that the library adds.
    const headers = { ...own, 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await transport.send({ method: 'POST', url, headers, body: form }, signal);
    const text = await textOf(sent);
    const wanted = fields.has('grant_type') ? settings.tokenType : 'device_code';
    const isSuccess = sent.status >= 200 && sent.status < 300;
    const granted = isSuccess ? grantIn(text, wanted) : undefined;
    if (granted !== undefined) return Response.json(granted);
    const said = maskText(text, [...settings.secrets, ...secretsOf(fields, own)]);
    const refusal = isForLater(sent) ? undefined : refusalIn(said);
    // Some say no with a status that says yes, which the library would believe.
    const told = { status: Math.max(sent.status, 400), headers: { [STATUS_HEADER]: String(sent.status) } };
    if (refusal !== undefined) return Response.json(refusal, told);
    throw isSuccess
      ? noTokenError(new URL(url), wanted)
      : noGrantError(sent, { url: new URL(url), said: wordsIn(said) });
  };
}

/** JSON that is cut, or broken in another way, may be a grant: what is no sentence is not shown. */
function wordsIn(text: string): string {
  return jsonObjectOf(text) === undefined && /"\s*:/.test(text) ? '' : text;
}

function isForLater({ status }: HttpResponse): boolean {
  return status >= 500 || status === 429 || status === 408;
}

/** The status is what counts: when the text about a failure does not come, it is told without. */
async function textOf(response: HttpResponse): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (response.status >= 400 && error instanceof RemoteError) return '';
    throw error;
  }
}

function secretsOf(fields: URLSearchParams, headers: Readonly<Record<string, string>>): readonly string[] {
  const values = [...fields].flatMap(([name, value]) => (IN_THE_OPEN.includes(name) ? [] : [value]));
  const [, pair = ''] = /^Basic (.+)$/.exec(new Headers(headers).get('authorization') ?? '') ?? [];
  // Whoever repeats the pair may write its Base64 in another way, which is looked for with what it stands for.
  const plain = Buffer.from(pair, 'base64').toString();
  return [...values, pair, plain, plain.slice(plain.indexOf(':') + 1)].filter((text) => text !== '');
}
