import type { Credentials } from '../../credentials/credentials.ts';
import { credentialsError } from '../credentials-error.ts';
import { describeUser, userOf } from '../user.ts';
import type { Factor } from './factor.ts';

/**
 * An application credential: by ID, or by name and user.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where a part is missing
 */
export function applicationCredentialFactor(credentials: Credentials): Factor {
  const { auth } = credentials;
  const secret = auth.application_credential_secret;
  if (secret === undefined) {
    throw credentialsError(credentials, {
      state: 'there is no secret of the application credential',
      hint: 'Set application_credential_secret, which Keystone shows once, when it is made: openstack application credential create glance-cache',
    });
  }
  const { key, who } = keyOf(credentials);
  return {
    who,
    whatToCheck: 'the ID and the secret, and that the application credential has not expired or been deleted',
    prove: async () => ({ method: 'application_credential', data: { ...key, secret } }),
  };
}

function keyOf(credentials: Credentials): { readonly key: Readonly<Record<string, unknown>>; readonly who: string } {
  const { application_credential_id: id, application_credential_name: name } = credentials.auth;
  if (id !== undefined) return { key: { id }, who: `application credential ID ${JSON.stringify(id)}` };
  if (name === undefined) {
    throw credentialsError(credentials, {
      state: 'they name no application credential',
      hint: 'Set application_credential_id to one of these: openstack application credential list',
    });
  }
  const user = userOf(credentials);
  if (user === undefined) {
    throw credentialsError(credentials, {
      state: `the application credential ${JSON.stringify(name)} is given by name, without its user`,
      hint: 'Set username and user_domain_name, or user_id, or application_credential_id to one of these: openstack application credential list',
    });
  }
  return { key: { name, user }, who: `application credential ${JSON.stringify(name)} of ${describeUser(user)}` };
}
