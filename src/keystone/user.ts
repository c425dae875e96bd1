/**
 * The user who logs in: by ID, or by name within a domain.
 */

import type { Credentials } from '../credentials/credentials.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { credentialsError } from './credentials-error.ts';
import { type NameOrId, nameOrId } from './name-or-id.ts';

/** A user as a login names it. */
export type User = { readonly id: string } | { readonly name: string; readonly domain: NameOrId };

/**
 * The user of the credentials.
 *
 * @returns undefined where they name none
 * @throws ConfigError CONFIG_CREDENTIALS for a name without a domain
 */
export function userOf(credentials: Credentials): User | undefined {
  const { user_id: id, username: name, user_domain_id: domainId, user_domain_name: domainName } = credentials.auth;
  if (id !== undefined) return { id };
  if (name === undefined) return undefined;
  const domain = nameOrId(domainId, domainName);
  if (domain === undefined) {
    throw credentialsError(credentials, {
      state: `the user ${JSON.stringify(name)} is given by name, without a domain`,
      hint: `Set user_domain_id, or give the user by user_id, or name the domain, which is "Default" on most clouds: ${THIS_COMMAND} --os-user-domain-name Default`,
    });
  }
  return { name, domain };
}

/** A user for messages: `user "glance" in domain "Default"`. */
export function describeUser(user: User): string {
  if ('id' in user) return `user ID ${JSON.stringify(user.id)}`;
  const { name, domain } = user;
  const where = 'id' in domain ? `domain ID ${JSON.stringify(domain.id)}` : `domain ${JSON.stringify(domain.name)}`;
  return `user ${JSON.stringify(name)} in ${where}`;
}
