/**
 * A provider that is asked with openid-client. Only this file knows the library.
 */
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientError,
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
  ResponseBodyError,
  randomPKCECodeVerifier,
} from 'openid-client';
import { AuthError, CacheError, RemoteError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { shownUrl } from '../http/url.ts';
import { printable } from '../text/printable.ts';
import { type ClientAuthentication, clientAuthentications, rawBasic } from './client-authentication.ts';
import { type Endpoints, findEndpoints, type Grant } from './endpoints.ts';
import { pollForToken } from './poll-for-token.ts';
import type { DeviceLogin, Provider, ProviderMeans, ProviderSettings, ProviderUser } from './provider.ts';
import { type Refused, refusalError, tooLateError } from './refusal.ts';
import { STATUS_HEADER, transportFetch } from './transport-fetch.ts';

const CLIENT: Grant = { type: 'client_credentials', name: 'logins of clients' };
const USER: Grant = { type: 'password', name: 'logins with a user and a password' };
const CODE: Grant = { type: 'authorization_code', name: 'logins with a code' };
const DEVICE: Grant = {
  type: 'urn:ietf:params:oauth:grant-type:device_code',
  name: 'logins on another device',
  isForDevices: true,
};

/** Longer than anybody waits. */
const MAX_WAIT_SEC = 86_400;

/** A provider; nothing is sent before a token is asked for. */
export function openIdProvider(settings: ProviderSettings, means: ProviderMeans): Provider {
  return {
    clientToken: (signal) =>
      withLibrary({ settings, means, grant: CLIENT }, signal, (config) =>
        clientCredentialsGrant(config, scoped({}, settings)),
      ),
    userToken: ({ username, password, others }: ProviderUser, signal) =>
      withLibrary({ settings, means, grant: USER }, signal, (config) =>
        genericGrantRequest(config, USER.type, scoped({ ...others, username, password }, settings)),
      ),
    codeToken: (code, redirectUri, signal) =>
      withLibrary({ settings, means, grant: CODE }, signal, (config) =>
        genericGrantRequest(config, CODE.type, {
          code,
          ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
        }),
      ),
    deviceToken: async (login, signal) => {
      // What has been shown must not be shown again because a later request is refused.
      let begun: Begun | undefined;
      return withLibrary({ settings, means, grant: DEVICE }, signal, async (config) => {
        begun ??= await begin(config, { settings, means, login });
        return confirmed(config, { begun, means }, signal);
      });
    },
  };
}

/** The parameters of a request, and the scope where there is one. */
function scoped(parameters: Readonly<Record<string, string>>, { scope }: ProviderSettings): Record<string, string> {
  return scope === undefined ? { ...parameters } : { ...parameters, scope };
}

/** What a request is made of. */
interface Asked {
  readonly settings: ProviderSettings;
  readonly means: ProviderMeans;
  readonly grant: Grant;
}

/** What the library gives. */
interface Granted {
  readonly access_token: string;
}

/**
 * Asks with the library, in one of the ways in which the client may identify itself, and takes the token that is wanted.
 *
 * @param ask gives undefined when it is too late for a token
 */
async function withLibrary(
  { settings, means: { transport }, grant }: Asked,
  signal: AbortSignal,
  ask: (config: Configuration) => Promise<Granted | undefined>,
): Promise<string> {
  const endpoints = await findEndpoints(settings, { transport, grant }, signal);
  let url = endpoints.token;
  const refused = (): Refused => ({ url, clientId: settings.clientId, isForDevices: grant.isForDevices === true });
  const send = transportFetch({ settings, transport, signal });
  const ways = clientAuthentications(settings, endpoints.authMethods);
  for (const [index, way] of ways.entries()) {
    const config = configurationOf(settings, endpoints, way);
    config[customFetch] = (asked, request) => {
      url = new URL(asked);
      return send(asked, request);
    };
    try {
      const token = await ask(config);
      if (token === undefined) throw tooLateError(refused());
      return token.access_token;
    } catch (error) {
      if (!isAboutClient(error) || index === ways.length - 1) throw toldBy(error, refused(), signal);
    }
  }
  throw new TypeError('There is always a way to try');
}

/** Whether it may be that the provider does not know the client; not all say so as RFC 6749 has it. */
function isAboutClient(error: unknown): boolean {
  if (!(error instanceof ResponseBodyError)) return ownErrorIn(error) instanceof AuthError;
  // It is the user then, with some providers at 401 too, and a second wrong password may lock the account.
  if (error.error === 'invalid_grant') return false;
  return error.status === 401 || ['invalid_client', 'invalid_request', 'unauthorized_client'].includes(error.error);
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
  /** What goes with every question. */
  readonly parameters: Readonly<Record<string, string>>;
  /** By the steady clock. */
  readonly untilSec: number;
}

/** What a login on another device begins with. */
interface DeviceStart {
  readonly settings: ProviderSettings;
  readonly means: ProviderMeans;
  readonly login: DeviceLogin;
}

async function begin(config: Configuration, { settings, means, login }: DeviceStart): Promise<Begun> {
  const { challengeMethod, show } = login;
  const verifier = challengeMethod === undefined ? undefined : randomPKCECodeVerifier();
  // Some providers want the ID also beside a secret.
  const parameters = scoped({ client_id: settings.clientId }, settings);
  if (challengeMethod !== undefined && verifier !== undefined) {
    parameters['code_challenge_method'] = challengeMethod;
    parameters['code_challenge'] = challengeMethod === 'plain' ? verifier : await calculatePKCECodeChallenge(verifier);
  }
  const answer = await initiateDeviceAuthorization(config, parameters);
  const lifetimeSec = Math.min(answer.expires_in, MAX_WAIT_SEC);
  const untilSec = means.clock.monotonicSec() + lifetimeSec;
  const complete = answer.verification_uri_complete;
  await show({
    page: printable(answer.verification_uri),
    code: printable(answer.user_code),
    pageWithCode: complete === undefined ? undefined : printable(complete),
    lifetimeSec,
  });
  const asked = { client_id: settings.clientId, device_code: answer.device_code };
  return { answer, parameters: verifier === undefined ? asked : { ...asked, code_verifier: verifier }, untilSec };
}

/** Waits until somebody has confirmed the login. */
async function confirmed(
  config: Configuration,
  { begun, means: { clock } }: { readonly begun: Begun; readonly means: ProviderMeans },
  signal: AbortSignal,
): Promise<Granted | undefined> {
  const { answer, parameters, untilSec } = begun;
  const polling = {
    clock,
    intervalSec: answer.interval ?? 0,
    untilSec,
    ask: () =>
      genericGrantRequest(config, DEVICE.type, parameters).catch((error: unknown): never => {
        throw ownErrorIn(error) ?? error;
      }),
    isPending,
  };
  return pollForToken(polling, signal);
}

function isPending(error: unknown): 'wait' | 'slow down' | undefined {
  const code = error instanceof ResponseBodyError ? error.error : undefined;
  if (code === 'authorization_pending') return 'wait';
  return code === 'slow_down' ? 'slow down' : undefined;
}

/** What the library throws, as an error of the toolkit. */
function toldBy(error: unknown, refused: Refused, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const own = ownErrorIn(error);
  if (own !== undefined) return own;
  if (error instanceof ResponseBodyError) {
    const { error: code, error_description: description, response } = error;
    const status = Number(response.headers.get(STATUS_HEADER));
    return refusalError({ error: code, description, status }, refused);
  }
  // What is shown on the way may fail as well.
  if (!(error instanceof ClientError)) return error;
  const url = shownUrl(refused.url);
  return new RemoteError(
    'REMOTE_ANSWER',
    `Cannot log in at the identity provider "${url}": its answer is not what OAuth 2.0 has there`,
    {
      hint: `Check that the URL is that of the identity provider: curl -i ${shellWord(url)}`,
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
