import type { Credentials } from '../../credentials/credentials.ts';
import { credentialsError } from '../credentials-error.ts';
import { scopeOf } from '../scope.ts';
import { adminTokenMethod } from './admin-token.ts';
import { applicationCredentialFactor } from './application-credential.ts';
import { type Factor, loginWith } from './factor.ts';
import { httpBasicMethod } from './http-basic.ts';
import type { AuthMethod } from './method.ts';
import { multiFactorMethod } from './multi-factor.ts';
import { noMethod } from './none.ts';
import { oauth2ClientCredentialMethod } from './oauth2-client-credential.ts';
import { openIdAccessTokenMethod } from './openid-access-token.ts';
import { openIdClientCredentialsMethod } from './openid-client-credentials.ts';
import { openIdCodeMethod } from './openid-code.ts';
import { openIdDeviceMethod } from './openid-device.ts';
import { openIdPasswordMethod } from './openid-password.ts';
import { passwordFactor } from './password.ts';
import { tokenFactor } from './token.ts';
import { totpFactor } from './totp.ts';

type Choice = (credentials: Credentials) => AuthMethod;

// By the names of keystoneauth. Its aliases, and the types of version 2, are gone from credentials that are complete.
const METHODS: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ['password', passwordMethod],
  ['v3password', passwordMethod],
  ['token', scoped(tokenFactor)],
  ['v3token', scoped(tokenFactor)],
  ['v3totp', scoped(totpFactor)],
  ['v3multifactor', multiFactorMethod],
  ['v3applicationcredential', applicationCredentialMethod],
  ['v3oidcclientcredentials', openIdClientCredentialsMethod],
  ['v3oidcpassword', openIdPasswordMethod],
  ['v3oidcaccesstoken', openIdAccessTokenMethod],
  ['v3oidcdeviceauthz', openIdDeviceMethod],
  ['v3oidcauthcode', openIdCodeMethod],
  ['v3oauth2clientcredential', oauth2ClientCredentialMethod],
  ['http_basic', httpBasicMethod],
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

/** A login with one factor, to what the credentials ask for. */
function scoped(factorOf: (credentials: Credentials) => Factor): Choice {
  return (credentials) => loginWith([factorOf(credentials)], { scope: scopeOf(credentials) });
}

/** Whoever has a second factor, and does not say so, is asked for it. */
function passwordMethod(credentials: Credentials): AuthMethod {
  const factor = passwordFactor(credentials);
  return loginWith([factor], { scope: scopeOf(credentials), secondFactor: totpFactor(credentials) });
}

/**
 * It belongs to one project, and Keystone refuses a login that asks for any scope, even that one; a project that stands
 * beside it in the environment is therefore not sent.
 */
function applicationCredentialMethod(credentials: Credentials): AuthMethod {
  const factor = applicationCredentialFactor(credentials);
  return loginWith([factor], { scope: undefined, whatToCheck: factor.whatToCheck });
}
