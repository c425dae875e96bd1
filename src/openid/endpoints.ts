/**
 * Where an OpenID provider takes requests: from its document,
 * https://openid.net/specs/openid-connect-discovery-1_0.html, and from the settings, which win.
 */
import { type CacheError, ConfigError, RemoteError } from '../errors/cache-error.ts';
import { shellWord, THIS_COMMAND } from '../errors/next-step.ts';
import { arrayIn, type JsonObject, jsonObjectOf, objectIn, stringIn } from '../http/json.ts';
import { errorOfStatus } from '../http/status-error.ts';
import type { Transport } from '../http/transport.ts';
import { shownUrl } from '../http/url.ts';
import { printable } from '../text/printable.ts';
import type { ProviderSettings } from './provider.ts';

/** What is known of a provider. */
export interface Endpoints {
  /** Whatever the settings or the document call it: no answer is held to it. */
  readonly issuer: string;
  readonly token: URL;
  /** Where logins on another device begin; undefined where the grant has nothing to do with it. */
  readonly device: URL | undefined;
  /** How clients may identify themselves, in the names of RFC 8414; empty where the provider does not say. */
  readonly authMethods: readonly string[];
}

/** A way to get a token, as the protocol names it and as messages do. */
export interface Grant {
  readonly type: string;
  readonly name: string;
  /** It begins at the endpoint for devices. */
  readonly isForDevices?: boolean;
}

/**
 * Finds the endpoints for a grant.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where the provider does not offer the grant, or does not say where; RemoteError
 * of the request, and where the document is none, or leads from https to http; the signal's reason
 */
export async function findEndpoints(
  settings: ProviderSettings,
  { transport, grant }: { readonly transport: Transport; readonly grant: Grant },
  signal: AbortSignal,
): Promise<Endpoints> {
  const { discoveryEndpoint } = settings;
  const document = discoveryEndpoint === undefined ? {} : await readDocument(discoveryEndpoint, transport, signal);
  const offered = arrayIn(document, 'grant_types_supported');
  if (discoveryEndpoint !== undefined && offered.length > 0 && !offered.includes(grant.type)) {
    const provider = shownUrl(discoveryEndpoint);
    throw new ConfigError(
      'CONFIG_CREDENTIALS',
      `Cannot log in at the identity provider of "${provider}": it does not offer ${grant.name} (${grant.type})`,
      {
        hint: `Choose another way to log in with auth_type, or have it offered there; what it offers: curl -s ${shellWord(provider)}`,
        details: { provider, grant_types_supported: textsIn(offered).slice(0, MAX_LISTED).map(shortened) },
      },
    );
  }
  // Where it takes certificates of clients, https://www.rfc-editor.org/rfc/rfc8705#section-5
  const aliases = settings.hasCertificate ? (objectIn(document, 'mtls_endpoint_aliases') ?? {}) : {};
  const endpoint = (given: URL | undefined, key: string): URL | undefined =>
    given ?? announced(stringIn(aliases, key) ?? stringIn(document, key), { key, discoveryEndpoint });
  const token = endpoint(settings.tokenEndpoint, 'token_endpoint');
  // A fault in what is not used does not matter.
  const device =
    grant.isForDevices === true ? endpoint(settings.deviceEndpoint, 'device_authorization_endpoint') : undefined;
  if (token === undefined) throw nowhere(discoveryEndpoint, 'token_endpoint', 'access-token-endpoint');
  if (device === undefined && grant.isForDevices === true) {
    throw nowhere(discoveryEndpoint, 'device_authorization_endpoint', 'device-authorization-endpoint');
  }
  const issuer = stringIn(document, 'issuer') ?? '';
  return {
    // The library wants one, whatever it is.
    issuer: issuer === '' ? token.origin : issuer,
    token,
    device,
    authMethods: textsIn(arrayIn(document, 'token_endpoint_auth_methods_supported')),
  };
}

const MAX_LISTED = 30;
const MAX_CHARACTERS = 100;

function textsIn(list: readonly unknown[]): readonly string[] {
  return list.filter((item) => typeof item === 'string');
}

function shortened(text: string): string {
  return printable(text.slice(0, MAX_CHARACTERS));
}

async function readDocument(url: URL, transport: Transport, signal: AbortSignal): Promise<JsonObject> {
  const what = `read the document of the identity provider at "${shownUrl(url)}"`;
  const response = await transport.send(
    { method: 'GET', url: url.href, headers: { accept: 'application/json' } },
    signal,
  );
  if (response.status === 200) {
    const document = jsonObjectOf(await response.text());
    if (document !== undefined) return document;
  }
  const error = response.status === 200 ? noDocument(what) : await errorOfStatus(response, what);
  if (error instanceof RemoteError && error.isTransient) throw error;
  throw new ConfigError('CONFIG_CREDENTIALS', error.message, {
    hint: `Check discovery_endpoint, which ends in /.well-known/openid-configuration with most providers: curl -i ${shellWord(shownUrl(url))}`,
    details: { ...error.details, url: shownUrl(url) },
  });
}

/** Neither the text nor what a parser says about it: it is some page. */
function noDocument(what: string): CacheError {
  return new RemoteError('REMOTE_ANSWER', `Cannot ${what}: the answer is no JSON object`);
}

/** An endpoint that the document names. What was found in confidence is not sent in the open. */
function announced(
  text: string | undefined,
  { key, discoveryEndpoint }: { readonly key: string; readonly discoveryEndpoint: URL | undefined },
): URL | undefined {
  if (text === undefined || discoveryEndpoint === undefined) return undefined;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const url = parsed?.username === '' && parsed.password === '' ? parsed : undefined;
  const isHttp = url?.protocol === 'http:';
  if (url?.protocol === 'https:' || (isHttp && discoveryEndpoint.protocol === 'http:')) return url;
  const flag = `--os-${key.replace(/^token/, 'access_token').replaceAll('_', '-')}`;
  const state = isHttp
    ? `names "${shownUrl(url)}" as ${key}, where a secret would go without TLS`
    : `names something as ${key} that is no URL of http or https`;
  throw new RemoteError(
    'REMOTE_ANSWER',
    `Cannot log in at the identity provider of "${shownUrl(discoveryEndpoint)}": its document ${state}`,
    {
      hint: `Have the document corrected, or say where it is: ${THIS_COMMAND} ${flag} https://idp.example.org/token`,
      details: { provider: shownUrl(discoveryEndpoint) },
    },
  );
}

function nowhere(discoveryEndpoint: URL | undefined, key: string, flag: string): ConfigError {
  const provider = discoveryEndpoint === undefined ? undefined : shownUrl(discoveryEndpoint);
  return new ConfigError(
    'CONFIG_CREDENTIALS',
    provider === undefined
      ? `Cannot log in at the identity provider: there is no ${key}`
      : `Cannot log in at the identity provider of "${provider}": its document names no ${key}`,
    {
      hint: `Check discovery_endpoint, or say where it is: ${THIS_COMMAND} --os-${flag} https://idp.example.org/token`,
      details: { provider },
    },
  );
}
