import type { Credentials } from '../../credentials/credentials.ts';
import { type FactorName, factorsOf, USUAL_FACTORS } from '../../credentials/factors.ts';
import { credentialsError } from '../credentials-error.ts';
import { scopeOf } from '../scope.ts';
import { applicationCredentialFactor } from './application-credential.ts';
import { type Factor, loginWith } from './factor.ts';
import type { LoginMethod } from './method.ts';
import { passwordFactor } from './password.ts';
import { tokenFactor } from './token.ts';
import { totpFactor } from './totp.ts';

const FACTORS: Readonly<Record<FactorName, (credentials: Credentials) => Factor>> = {
  v3password: passwordFactor,
  v3totp: totpFactor,
  v3token: tokenFactor,
  v3applicationcredential: applicationCredentialFactor,
};

/**
 * Several factors in one login: https://docs.openstack.org/keystone/latest/admin/multi-factor-authentication.html
 *
 * @throws ConfigError CONFIG_CREDENTIALS where a factor lacks something
 */
export function multiFactorMethod(credentials: Credentials): LoginMethod {
  const names = factorsOf(credentials.auth.auth_methods ?? USUAL_FACTORS);
  const [first, ...others] = typeof names === 'string' ? [] : names.map((name) => FACTORS[name](credentials));
  if (first === undefined) {
    throw credentialsError(credentials, {
      state: 'auth_methods names no way to log in that can be combined',
      hint: 'Set auth_methods to what the account wants, as in --os-auth-methods v3password,v3totp',
    });
  }
  return loginWith([first, ...others], { scope: scopeOf(credentials) });
}
