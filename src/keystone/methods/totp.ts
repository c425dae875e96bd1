import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import { describeUser, userOf } from '../user.ts';
import { passcodeSource } from './ask-for-passcode.ts';
import type { Factor } from './factor.ts';

/**
 * A user and a one-time passcode, which is asked for where it is not given:
 * https://docs.openstack.org/keystone/latest/admin/auth-totp.html
 *
 * @throws ConfigError CONFIG_CREDENTIALS where there is no user, or a name lacks its domain
 */
export function totpFactor(credentials: Credentials): Factor {
  const user = userOf(credentials);
  if (user === undefined) {
    throw credentialsError(credentials, {
      state: 'they name no user',
      hint: `Set username and user_domain_name, or user_id, as in: ${THIS_COMMAND} --os-username glance --os-user-domain-name Default`,
    });
  }
  const who = describeUser(user);
  const passcodeFor = passcodeSource();
  return {
    who,
    whatToCheck: 'the user, the passcode, which is good for half a minute only',
    async prove(means, signal) {
      const passcode = await passcodeFor({ credentials, means, who }, signal);
      return { method: 'totp', data: { user: { ...user, passcode } }, secrets: [passcode] };
    },
  };
}
