/**
 * What a token is for: a project, a domain, a trust or the system, exactly one of them.
 */

import type { Credentials } from '../credentials/credentials.ts';
import type { ConfigError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { credentialsError } from './credentials-error.ts';
import { type NameOrId, nameOrId } from './name-or-id.ts';

/** The `scope` of a login. */
export type Scope =
  | { readonly project: { readonly id: string } | { readonly name: string; readonly domain: NameOrId } }
  | { readonly domain: NameOrId }
  | { readonly 'OS-TRUST:trust': { readonly id: string } }
  | { readonly system: { readonly all: true } };

/**
 * The scope that credentials ask for.
 *
 * @returns undefined where they ask for none: Keystone then takes the user's default project, if there is one
 * @throws ConfigError CONFIG_CREDENTIALS for more than one target, for a project name without a domain, and for a part
 * of the system, which Keystone does not know
 */
export function scopeOf(credentials: Credentials): Scope | undefined {
  const { auth } = credentials;
  const domain = nameOrId(auth.domain_id, auth.domain_name);
  const targets = [
    { what: 'a project', isSet: auth.project_id !== undefined || auth.project_name !== undefined },
    { what: 'a domain', isSet: domain !== undefined },
    { what: 'a trust', isSet: auth.trust_id !== undefined },
    { what: 'the system', isSet: auth.system_scope !== undefined },
  ].filter(({ isSet }) => isSet);
  if (targets.length > 1) throw severalTargets(credentials, targets.map(({ what }) => what).join(' and '));
  if (domain !== undefined) return { domain };
  if (auth.trust_id !== undefined) return { 'OS-TRUST:trust': { id: auth.trust_id } };
  if (auth.system_scope !== undefined) return systemScope(credentials, auth.system_scope);
  return projectScope(credentials);
}

function projectScope(credentials: Credentials): Scope | undefined {
  const { project_id: id, project_name: name, project_domain_id, project_domain_name } = credentials.auth;
  if (id !== undefined) return { project: { id } };
  if (name === undefined) return undefined;
  const domain = nameOrId(project_domain_id, project_domain_name);
  // keystoneauth's generic types send it as it is. Keystone then complains about a schema.
  if (domain === undefined) {
    throw credentialsError(credentials, {
      state: `the project ${JSON.stringify(name)} is given by name, without a domain`,
      hint: `Set project_domain_id, or give the project by project_id, or name the domain, which is "Default" on most clouds: ${THIS_COMMAND} --os-project-domain-name Default`,
    });
  }
  return { project: { name, domain } };
}

function systemScope(credentials: Credentials, system: string): Scope {
  if (system === 'all') return { system: { all: true } };
  throw credentialsError(credentials, {
    state: `system_scope is ${JSON.stringify(system)}`,
    hint: `The only value of system_scope is "all"; Glance wants a project instead: ${THIS_COMMAND} --os-project-name service`,
  });
}

function severalTargets(credentials: Credentials, targets: string): ConfigError {
  return credentialsError(credentials, {
    state: `they ask for ${targets} at once`,
    hint: `Leave one of them; Glance wants a project: project_id, or project_name and project_domain_name; which those of the shell are: env | grep ^OS_ | grep -v -i -e password -e secret -e token`,
  });
}
