import type { Credentials } from '../../credentials/credentials.ts';
import { shellWord, THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import type { FixedMethod } from './method.ts';

/**
 * A user and a password that go to a given endpoint with every request: a Glance that stands alone behind HTTP's own
 * authentication, https://www.rfc-editor.org/rfc/rfc7617. Keystone is not asked.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where one of them is missing, or the user has a colon in it
 */
export function httpBasicMethod(credentials: Credentials): FixedMethod {
  const { source, auth } = credentials;
  const { username, password, endpoint } = auth;
  if (username === undefined || password === undefined) {
    throw credentialsError(credentials, {
      state: username === undefined ? 'they name no user' : 'there is no password',
      hint: `Set username and password, or choose another way to log in: ${THIS_COMMAND} --os-auth-type password`,
    });
  }
  // The first colon ends the user.
  if (username.includes(':')) {
    throw credentialsError(credentials, {
      state: `the user ${JSON.stringify(username)} has a colon in it, which HTTP's Basic authentication cannot send`,
      hint: `Use a user without one: ${THIS_COMMAND} --os-username glance`,
    });
  }
  const pair = `${username}:${password}`;
  const encoded = Buffer.from(pair).toString('base64');
  return {
    kind: 'fixed',
    headers: { authorization: `Basic ${encoded}` },
    secrets: [encoded, pair],
    what: 'the user and the password',
    whatToCheck: (url) =>
      `Check the credentials from ${source}; to try them: curl -i -u ${shellWord(username)} ${shellWord(url)}`,
    endpoint,
  };
}
