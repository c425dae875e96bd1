/**
 * Keystone's side of a login: finds version 3 of its API, asks for a token, and tells why there is none.
 */

import type { Credentials } from '../credentials/credentials.ts';
import { sentSecrets } from '../credentials/secret-texts.ts';
import { AuthError, type CacheError, ConfigError, RemoteError } from '../errors/cache-error.ts';
import { shellWord, THIS_COMMAND, TRY_LOGIN } from '../errors/next-step.ts';
import { parseJsonObject } from '../http/json.ts';
import { maskAnswer } from '../http/mask-answer.ts';
import { beginningOf, errorOfStatus, errorSaying } from '../http/status-error.ts';
import type { HttpResponse, Transport } from '../http/transport.ts';
import { parseAuthUrl } from './auth-url.ts';
import { discoverVersion3 } from './discovery.ts';
import type { IdentityApi, LoginMethod } from './methods/method.ts';
import { describeDemand, hintForDemand, MissingFactorsError, parseDemand } from './missing-factors.ts';
import { type IssuedToken, parseToken } from './token.ts';
import { wantsBrowser, webServerRefusal } from './web-server-refusal.ts';

/** Keystone, as the credentials name it. */
interface Keystone {
  readonly credentials: Credentials;
  readonly transport: Transport;
}

/**
 * Keystone's side of a login with a method.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where there is no URL of Keystone, or none of HTTP
 */
export function createIdentityApi({ credentials, transport }: Keystone, method: LoginMethod): IdentityApi {
  const authUrl = parseAuthUrl(credentials);
  let found: string | undefined;
  const url = async (signal: AbortSignal): Promise<string> => {
    found ??= await discoverVersion3(credentials, authUrl, { transport, signal });
    return found;
  };
  return {
    url,
    async requestToken({ parts, scope, receipt, whatToCheck = method.whatToCheck }, signal) {
      const data = Object.fromEntries(parts.map((part) => [part.method, part.data]));
      const identity = { methods: parts.map((part) => part.method), ...data };
      const auth = scope === undefined ? { identity } : { identity, scope };
      const target = `${await url(signal)}/auth/tokens`;
      const extra = parts.flatMap((part) => Object.entries(part.headers ?? {}));
      const headers = {
        ...JSON_HEADERS,
        ...Object.fromEntries(extra),
        ...(receipt === undefined ? {} : { [RECEIPT]: receipt }),
      };
      const body = JSON.stringify({ auth });
      const response = await transport.send({ method: 'POST', url: target, headers, body }, signal);
      const own = [...(receipt === undefined ? [] : [receipt]), ...parts.flatMap((part) => part.secrets ?? [])];
      const secrets = [...sentSecrets(credentials), ...own];
      return tokenIn(response, { target, credentials, method, secrets, whatToCheck });
    },
    async requestFederatedToken({ identityProvider, protocol, bearer }, signal) {
      const provider = `identity_providers/${encodeURIComponent(identityProvider)}`;
      const path = `OS-FEDERATION/${provider}/protocols/${encodeURIComponent(protocol)}/auth`;
      const target = `${await url(signal)}/${path}`;
      const headers = { accept: 'application/json', authorization: `Bearer ${bearer}` };
      const response = await transport
        .send({ method: 'POST', url: target, headers }, signal)
        .catch((error: unknown): never => {
          const isRedirect = error instanceof RemoteError && error.code === 'REMOTE_REDIRECT';
          throw isRedirect ? wantsBrowser(target, 'redirects to', error) : error;
        });
      if (response.status === 200 && response.header('content-type')?.startsWith('text/html') === true) {
        response.discard();
        throw wantsBrowser(target, 'shows');
      }
      const secrets = [...sentSecrets(credentials), bearer];
      const refused = webServerRefusal(response, { target, who: method.who, source: credentials.source, secrets });
      if (refused !== undefined) {
        response.discard();
        throw refused;
      }
      if (response.status === 409) throw await metAnother(maskAnswer(response, secrets), target);
      return tokenIn(response, { target, credentials, method, secrets, whatToCheck: FEDERATION_TO_CHECK });
    },
  };
}

const JSON_HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

/** Of an answer to a login with too few proofs, and of the request that adds to it. */
const RECEIPT = 'openstack-auth-receipt';

const FEDERATION_TO_CHECK =
  'identity_provider and protocol are names in Keystone, whose web server must take the tokens of that provider, and whose mapping must know the user';

/** Keystone makes a record of a federated user at the first login, and the second of two at once finds it made. */
async function metAnother(response: HttpResponse, target: string): Promise<RemoteError> {
  const { message } = await errorOfStatus(response, `log in at "${target}"`);
  const hint = `Somebody else logged in as the same user for the first time at the same moment: run it again: ${THIS_COMMAND}`;
  return new RemoteError('REMOTE_STATUS', message, { hint, details: { url: target, status: 409 }, isTransient: true });
}

async function tokenIn(response: HttpResponse, refused: Refused): Promise<IssuedToken> {
  // Keystone says 201.
  if (response.status !== 201 && response.status !== 200) {
    throw await refusal(maskAnswer(response, refused.secrets), refused);
  }
  const answer = parseJsonObject(await response.text(), `log in at "${refused.target}"`);
  return parseToken(response.header('x-subject-token'), answer, refused.target);
}

/** What was asked, of whom, and by whom. */
interface Refused {
  readonly target: string;
  readonly credentials: Credentials;
  readonly method: LoginMethod;
  /** What the answer may repeat. */
  readonly secrets: readonly string[];
  /** Follows a colon. */
  readonly whatToCheck: string;
}

async function refusal(
  response: HttpResponse,
  { target, credentials, method, whatToCheck }: Refused,
): Promise<CacheError> {
  const { source } = credentials;
  const { status } = response;
  if (isElsewhere(response)) {
    response.discard();
    return new ConfigError('CONFIG_ENDPOINT', `Cannot log in at "${target}": there is no Keystone (HTTP ${status})`, {
      hint: `Check auth_url in the credentials from ${source}: it names Keystone, with or without /v3 at its end; what answers: curl -i ${shellWord(target)}`,
      details: { url: target, status },
    });
  }
  const what = `log in at "${target}" as ${method.who}`;
  const facts = { url: target, who: method.who, source };
  const receipt = response.header(RECEIPT);
  if (status === 401 && receipt !== undefined) return missingFactors(response, { what, facts, receipt });
  const error = await errorOfStatus(response, what);
  // It is a trust or a token that Keystone cannot find.
  if (!(error instanceof AuthError) && status !== 404) return error;
  return new AuthError(status === 403 ? 'AUTH_FORBIDDEN' : 'AUTH_REFUSED', error.message, {
    hint: `Check the credentials from ${source}: ${whatToCheck}; to try those of the shell: ${TRY_LOGIN}`,
    details: { ...error.details, ...facts },
  });
}

/** Keystone takes what was proved, and wants more. */
async function missingFactors(
  response: HttpResponse,
  { what, facts, receipt }: { readonly what: string; readonly facts: object; readonly receipt: string },
): Promise<CacheError> {
  const demand = parseDemand(await beginningOf(response));
  const { details } = errorSaying(response, what, '');
  return new MissingFactorsError(
    `Cannot ${what}: Keystone wants ${describeDemand(demand)} (HTTP ${response.status})`,
    { hint: hintForDemand(demand), details: { ...details, ...facts, required_auth_methods: demand.rules } },
    { demand, receipt },
  );
}

/** Keystone speaks JSON, except about paths that it does not know. */
function isElsewhere(response: HttpResponse): boolean {
  const isJson = response.header('content-type')?.startsWith('application/json') === true;
  return response.status === 300 || response.status === 405 || (response.status === 404 && !isJson);
}
