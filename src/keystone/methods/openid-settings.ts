import type { Credentials } from '../../credentials/credentials.ts';
import { sentSecrets } from '../../credentials/secret-texts.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import type { ProviderSettings } from '../../openid/provider.ts';
import { credentialsError } from '../credentials-error.ts';

/** What keystoneauth asks for, except where it reads a configuration file: there it would ask for nothing. */
const USUAL_SCOPE = 'openid profile';

/**
 * The OpenID provider that credentials name, and the client that they are for.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing, or is not what it must be
 */
export function providerSettings(credentials: Credentials): ProviderSettings {
  const { auth } = credentials;
  const clientId = auth.client_id;
  if (clientId === undefined) {
    throw credentialsError(credentials, {
      state: 'they name no client',
      hint: `Set client_id to the client that was registered at the identity provider: ${THIS_COMMAND} --os-client-id glance-cache`,
    });
  }
  return {
    discoveryEndpoint: urlIn(credentials, 'discovery_endpoint'),
    tokenEndpoint: urlIn(credentials, 'access_token_endpoint'),
    deviceEndpoint: urlIn(credentials, 'device_authorization_endpoint'),
    clientId,
    clientSecret: auth.client_secret,
    hasCertificate: auth.client_secret === undefined && credentials.tls.cert !== undefined,
    scope: auth.openid_scope?.trim() ?? USUAL_SCOPE,
    tokenType: tokenTypeIn(credentials),
    secrets: sentSecrets(credentials),
  };
}

function urlIn(
  credentials: Credentials,
  name: 'discovery_endpoint' | 'access_token_endpoint' | 'device_authorization_endpoint',
): URL | undefined {
  const text = credentials.auth[name]?.trim();
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isUsable = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (isUsable) return url;
  throw credentialsError(credentials, {
    state: `${name} is no URL of http or https without a user in it`,
    hint: `Set it as the identity provider has it: ${THIS_COMMAND} --os-${name.replaceAll('_', '-')} https://idp.example.org/path`,
  });
}

/** keystoneauth crashes without one where it reads a configuration file. */
function tokenTypeIn(credentials: Credentials): ProviderSettings['tokenType'] {
  const text = credentials.auth.access_token_type?.trim() ?? 'access_token';
  if (text === 'access_token' || text === 'id_token') return text;
  throw credentialsError(credentials, {
    state: `access_token_type is ${JSON.stringify(text)}`,
    hint: `It is access_token or id_token: ${THIS_COMMAND} --os-access-token-type access_token`,
  });
}
