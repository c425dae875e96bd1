import type { Credentials } from '../../credentials/credentials.ts';
import { sentSecrets } from '../../credentials/secret-texts.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import type { LoginMethod } from './method.ts';

/**
 * An application credential as a client of Keystone's own OAuth 2.0 API, for services that want its token beside that of
 * Keystone: https://docs.openstack.org/keystone/latest/admin/oauth2-usage-guide.html. keystoneauth asks for one before
 * each request; here both are those of one login, and are renewed together.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing, or the endpoint is no URL
 */
export function oauth2ClientCredentialMethod(credentials: Credentials): LoginMethod {
  const { oauth2_endpoint: endpoint = '', oauth2_client_id: id, oauth2_client_secret: secret } = credentials.auth;
  const tokenEndpoint = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (tokenEndpoint === undefined || id === undefined || secret === undefined) {
    const url = 'https://keystone.example.org:5000/v3/OS-OAUTH2/token';
    throw credentialsError(credentials, {
      state: 'oauth2_endpoint, oauth2_client_id and oauth2_client_secret must be set, the first one to a URL',
      hint: `The client is an application credential: ${THIS_COMMAND} --os-oauth2-endpoint ${url} --os-oauth2-client-id ID`,
    });
  }
  const settings = {
    discoveryEndpoint: undefined,
    tokenEndpoint,
    deviceEndpoint: undefined,
    clientId: id,
    clientSecret: secret,
    hasCertificate: false,
    scope: undefined,
    tokenType: 'access_token',
    secrets: sentSecrets(credentials),
  } as const;
  return {
    kind: 'login',
    who: `client ${JSON.stringify(id)}`,
    whatToCheck: 'the ID and the secret, and that the application credential has not expired or been deleted',
    async login(means, signal) {
      const parts = [{ method: 'application_credential', data: { id, secret } }];
      const issued = await means.identity.requestToken({ parts, scope: undefined }, signal);
      const { openIdProvider } = await import('../../openid/openid-client-provider.ts');
      const bearer = await openIdProvider(settings, means).clientToken(signal);
      means.onSecret(bearer);
      return { ...issued, headers: { authorization: `Bearer ${bearer}` } };
    },
  };
}
