import type { Credentials } from '../../credentials/credentials.ts';
import { credentialsError } from '../credentials-error.ts';
import { adminTokenMethod } from './admin-token.ts';
import { applicationCredentialMethod } from './application-credential.ts';
import type { AuthMethod } from './method.ts';
import { noMethod } from './none.ts';
import { passwordMethod } from './password.ts';
import { tokenMethod } from './token.ts';

// By the names of keystoneauth. Its aliases, and the types of version 2, are gone from credentials that are complete.
const METHODS: ReadonlyMap<string, (credentials: Credentials) => AuthMethod> = new Map<
  string,
  (credentials: Credentials) => AuthMethod
>([
  ['password', passwordMethod],
  ['v3password', passwordMethod],
  ['token', tokenMethod],
  ['v3token', tokenMethod],
  ['v3applicationcredential', applicationCredentialMethod],
  ['admin_token', adminTokenMethod],
  ['none', noMethod],
  ['noauth', noMethod],
]);

/**
 * The way to log in that the credentials name.
 *
 * @throws ConfigError CONFIG_CREDENTIALS for a way that is not known, and for credentials that lack a part of theirs
 */
export function chooseMethod(credentials: Credentials): AuthMethod {
  const method = METHODS.get(credentials.authType);
  if (method === undefined) {
    throw credentialsError(credentials, {
      state: `auth_type ${JSON.stringify(credentials.authType)} is not known`,
      hint: `Set auth_type to one of ${[...METHODS.keys()].join(', ')}, as in --os-auth-type password`,
    });
  }
  return method(credentials);
}
