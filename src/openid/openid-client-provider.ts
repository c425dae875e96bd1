/**
 * A provider that is asked with openid-client. Only this file knows the library.
 */
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretJwt,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  clientCredentialsGrant,
  customFetch,
  type DeviceAuthorizationResponse,
  genericGrantRequest,
  initiateDeviceAuthorization,
  None,
  pollDeviceAuthorizationGrant,
  ResponseBodyError,
  randomPKCECodeVerifier,
} from 'openid-client';
import { type AuthError, CacheError, RemoteError } from '../errors/cache-error.ts';
import { shellWord, THIS_COMMAND } from '../errors/next-step.ts';
import type { Transport } from '../http/transport.ts';
import { shownUrl } from '../http/url.ts';
import { printable } from '../text/printable.ts';
import { type ClientAuthentication, clientAuthentications, rawBasic } from './client-authentication.ts';
import { type Endpoints, findEndpoints, type Grant } from './endpoints.ts';
import type { DeviceLogin, Provider, ProviderSettings, ProviderUser } from './provider.ts';
import { refusalError } from './refusal.ts';
import { transportFetch } from './transport-fetch.ts';

const CLIENT: Grant = { type: 'client_credentials', name: 'logins of clients' };
const USER: Grant = { type: 'password', name: 'logins with a user and a password' };
const DEVICE: Grant = {
  type: 'urn:ietf:params:oauth:grant-type:device_code',
  name: 'logins on another device',
  isForDevices: true,
};

/** Longer than anybody waits, and short enough for a timer. */
const MAX_WAIT_SEC = 86_400;

/** A provider; nothing is sent before a token is asked for. */
export function openIdProvider(settings: ProviderSettings, transport: Transport): Provider {
  return {
    clientToken: (signal) =>
      withLibrary({ settings, transport, grant: CLIENT }, signal, ({ config }) =>
        clientCredentialsGrant(config, { scope: settings.scope }),
      ),
    userToken: ({ username, password, others }: ProviderUser, signal) =>
      withLibrary({ settings, transport, grant: USER }, signal, ({ config }) =>
        genericGrantRequest(config, USER.type, { ...others, username, password, scope: settings.scope }),
      ),
    deviceToken: async (login, signal) => {
      // What has been shown must not be shown again because a later request is refused.
      let begun: Begun | undefined;
      return withLibrary({ settings, transport, grant: DEVICE }, signal, async ({ config, endpoints }) => {
        begun ??= await begin(config, settings, login);
        return confirmed({ config, endpoints, settings }, begun, signal);
      });
    },
  };
}

/** What a request is made of. */
interface Asked {
  readonly settings: ProviderSettings;
  readonly transport: Transport;
  readonly grant: Grant;
}

/** The library set up for a provider. */
interface Prepared {
  readonly config: Configuration;
  readonly endpoints: Endpoints;
}

/** Asks with the library, in one of the ways in which the client may identify itself, and takes the token that is wanted. */
async function withLibrary(
  { settings, transport, grant }: Asked,
  signal: AbortSignal,
  ask: (prepared: Prepared) => Promise<{ readonly access_token: string }>,
): Promise<string> {
  const endpoints = await findEndpoints(settings, { transport, grant }, signal);
  let idToken: string | undefined;
  const onIdToken = (token: string): void => {
    idToken = token;
  };
  const fetch = transportFetch({ transport, signal, secrets: settings.secrets, onIdToken });
  const ways = clientAuthentications(settings, endpoints.authMethods);
  for (const [index, way] of ways.entries()) {
    const config = configurationOf(settings, endpoints, way);
    config[customFetch] = fetch;
    try {
      const { access_token: accessToken } = await ask({ config, endpoints });
      return settings.tokenType === 'access_token' ? accessToken : given(idToken, endpoints.token);
    } catch (error) {
      const isUnknown = error instanceof ResponseBodyError && error.error === 'invalid_client';
      if (!isUnknown || index === ways.length - 1) throw toldBy(error, { endpoints, settings, signal });
    }
  }
  throw new TypeError('There is always a way to try');
}

function configurationOf(
  { clientId, clientSecret = '' }: ProviderSettings,
  { issuer, token, device }: Endpoints,
  way: ClientAuthentication,
): Configuration {
  const server = {
    issuer,
    token_endpoint: token.href,
    ...(device === undefined ? {} : { device_authorization_endpoint: device.href }),
  };
  const config = new Configuration(server, clientId, undefined, clientAuth(way, clientSecret));
  // Whoever writes http into the settings, or into the document that is read by http, means it.
  allowInsecureRequests(config);
  return config;
}

function clientAuth(way: ClientAuthentication, secret: string): ClientAuth {
  switch (way) {
    case 'none':
      return None();
    case 'post':
      return ClientSecretPost(secret);
    case 'jwt':
      return ClientSecretJwt(secret);
    case 'encodedBasic':
      return ClientSecretBasic(secret);
    case 'basic':
      return (_server, { client_id: id }, _body, headers) => {
        headers.set('authorization', rawBasic(id, secret));
      };
  }
}

/** A login on another device that has begun. */
interface Begun {
  readonly answer: DeviceAuthorizationResponse;
  readonly verifier: string | undefined;
  readonly untilSignal: AbortSignal;
}

async function begin(
  config: Configuration,
  { clientId, scope }: ProviderSettings,
  { challengeMethod, show }: DeviceLogin,
): Promise<Begun> {
  const verifier = challengeMethod === undefined ? undefined : randomPKCECodeVerifier();
  // Some providers want the ID also beside a secret.
  const parameters: Record<string, string> = { client_id: clientId, scope };
  if (challengeMethod !== undefined && verifier !== undefined) {
    parameters['code_challenge_method'] = challengeMethod;
    parameters['code_challenge'] = challengeMethod === 'plain' ? verifier : await calculatePKCECodeChallenge(verifier);
  }
  const answer = await initiateDeviceAuthorization(config, parameters);
  const lifetimeSec = Math.min(answer.expires_in, MAX_WAIT_SEC);
  const complete = answer.verification_uri_complete;
  await show({
    page: printable(answer.verification_uri),
    code: printable(answer.user_code),
    pageWithCode: complete === undefined ? undefined : printable(complete),
    lifetimeSec,
  });
  return { answer, verifier, untilSignal: AbortSignal.timeout(lifetimeSec * 1000) };
}

/** Waits until somebody has confirmed the login. A network that fails for a moment does not end it. */
async function confirmed(
  { config, endpoints, settings }: Prepared & { readonly settings: ProviderSettings },
  { answer, verifier, untilSignal }: Begun,
  signal: AbortSignal,
): Promise<{ readonly access_token: string }> {
  const parameters = { client_id: settings.clientId, ...(verifier === undefined ? {} : { code_verifier: verifier }) };
  const either = AbortSignal.any([signal, untilSignal]);
  for (;;) {
    try {
      return await pollDeviceAuthorizationGrant(config, answer, parameters, { signal: either });
    } catch (error) {
      signal.throwIfAborted();
      if (untilSignal.aborted) throw tooLate(endpoints.token, settings.clientId);
      const known = ownErrorIn(error);
      if (!(known instanceof RemoteError && known.isTransient)) throw error;
    }
  }
}

function tooLate(url: URL, clientId: string): AuthError {
  return refusalError({ error: 'expired_token', description: undefined, status: 400 }, { url, clientId });
}

function given(idToken: string | undefined, url: URL): string {
  if (idToken !== undefined) return idToken;
  throw new RemoteError(
    'REMOTE_ANSWER',
    `Cannot log in at the identity provider "${shownUrl(url)}": its answer holds no id_token`,
    {
      hint: `Ask for one with a scope that has the word openid, or do without: ${THIS_COMMAND} --os-access-token-type access_token`,
    },
  );
}

/** What the library throws, as an error of the toolkit. */
function toldBy(
  error: unknown,
  { endpoints, settings, signal }: { endpoints: Endpoints; settings: ProviderSettings; signal: AbortSignal },
): unknown {
  if (signal.aborted) return signal.reason;
  const own = ownErrorIn(error);
  if (own !== undefined) return own;
  const url = endpoints.token;
  if (error instanceof ResponseBodyError) {
    const { error: code, error_description: description, status } = error;
    return refusalError({ error: code, description, status }, { url, clientId: settings.clientId });
  }
  return new RemoteError(
    'REMOTE_ANSWER',
    `Cannot log in at the identity provider "${shownUrl(url)}": its answer is not what OAuth 2.0 has there`,
    {
      hint: `Check that the URL is that of the identity provider: curl -i ${shellWord(shownUrl(url))}`,
      cause: withoutAnswer(error),
    },
  );
}

/** The library puts the answer behind its errors, tokens and all: what it says itself is enough. */
function withoutAnswer(error: unknown): Error {
  const messages: string[] = [];
  for (let inner = error; inner instanceof Error; inner = inner.cause) messages.push(inner.message);
  return new Error(messages.join(': '));
}

/** The library wraps what `fetch` throws. */
function ownErrorIn(error: unknown): CacheError | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof CacheError) return inner;
  }
  return undefined;
}
