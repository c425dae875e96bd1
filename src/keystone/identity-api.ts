/**
 * Keystone's side of a login: finds version 3 of its API, asks for a token, and tells why there is none.
 */

import type { Credentials } from '../credentials/credentials.ts';
import { AuthError, type CacheError, ConfigError } from '../errors/cache-error.ts';
import { shellWord, TRY_LOGIN } from '../errors/next-step.ts';
import { parseJsonObject } from '../http/json.ts';
import { maskAnswer } from '../http/mask-answer.ts';
import { errorOfStatus } from '../http/status-error.ts';
import type { HttpResponse, Transport } from '../http/transport.ts';
import { parseAuthUrl } from './auth-url.ts';
import { discoverVersion3 } from './discovery.ts';
import type { IdentityApi, LoginMethod } from './methods/method.ts';
import { parseToken } from './token.ts';

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
    transport,
    url,
    async requestToken(request, signal) {
      const identity = { methods: [request.method], [request.method]: request.data };
      const auth = request.scope === undefined ? { identity } : { identity, scope: request.scope };
      const target = `${await url(signal)}/auth/tokens`;
      const headers = { accept: 'application/json', 'content-type': 'application/json', ...request.headers };
      const body = JSON.stringify({ auth });
      const response = await transport.send({ method: 'POST', url: target, headers, body }, signal);
      // Keystone says 201.
      if (response.status !== 201 && response.status !== 200) {
        throw await refusal(maskAnswer(response, secretsOf(credentials)), { target, credentials, method });
      }
      const answer = parseJsonObject(await response.text(), `log in at "${target}"`);
      return parseToken(response.header('x-subject-token'), answer, target);
    },
  };
}

function secretsOf({ auth }: Credentials): readonly string[] {
  const { password, token, application_credential_secret: secret } = auth;
  return [password, token, secret].filter((text) => text !== undefined && text !== '').map(String);
}

/** What was asked, of whom, and by whom. */
interface Refused {
  readonly target: string;
  readonly credentials: Credentials;
  readonly method: LoginMethod;
}

async function refusal(response: HttpResponse, { target, credentials, method }: Refused): Promise<CacheError> {
  const { source } = credentials;
  const { status } = response;
  if (isElsewhere(response)) {
    response.discard();
    return new ConfigError('CONFIG_ENDPOINT', `Cannot log in at "${target}": there is no Keystone (HTTP ${status})`, {
      hint: `Check auth_url in the credentials from ${source}: it names Keystone, with or without /v3 at its end; what answers: curl -i ${shellWord(target)}`,
      details: { url: target, status },
    });
  }
  const error = await errorOfStatus(response, `log in at "${target}" as ${method.who}`);
  // It is a trust or a token that Keystone cannot find.
  if (!(error instanceof AuthError) && status !== 404) return error;
  // Keystone sends a receipt where the first of several factors was right.
  const needsMore = response.header('openstack-auth-receipt') !== undefined;
  return new AuthError(status === 403 ? 'AUTH_FORBIDDEN' : 'AUTH_REFUSED', error.message, {
    hint: needsMore
      ? `The account wants a second factor, which a program cannot give: use an application credential instead of the credentials from ${source}: openstack application credential create glance-cache`
      : `Check the credentials from ${source}: ${method.whatToCheck}; to try those of the shell: ${TRY_LOGIN}`,
    details: { ...error.details, url: target, who: method.who, source },
  });
}

/** Keystone speaks JSON, except about paths that it does not know. */
function isElsewhere(response: HttpResponse): boolean {
  const isJson = response.header('content-type')?.startsWith('application/json') === true;
  return response.status === 300 || response.status === 405 || (response.status === 404 && !isJson);
}
