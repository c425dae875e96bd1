/**
 * Credentials in the environment: `OS_USERNAME` and its like, which an openrc file sets. The variables with two
 * underscores, `OS_DEFAULT__DEBUG`, belong to the configuration.
 */
import { ONLY_IN_AUTH, presentKey, readOpenstackKeys } from './openstack-keys.ts';
import { type CredentialSource, type GivenValue, givenValue, type OptionKey } from './source.ts';

/** The environment as a source; it need not identify anybody. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): CredentialSource {
  const inEnv = (key: string): GivenValue | undefined => {
    if (ONLY_IN_AUTH.has(key)) return undefined;
    const variable = variableOf(key);
    return givenValue(env[variable], variable);
  };
  const given = new Map(readOpenstackKeys(inEnv));
  const strategy = inEnv('auth_strategy');
  // The stock tools let a URL of Keystone overrule the strategy: an openrc file often carries both.
  if (strategy !== undefined && !given.has('auth_url')) given.set('auth_strategy', strategy);
  return { name: 'the environment', given, spell: spellVariable, warnings: [], notes: [] };
}

function spellVariable(option: OptionKey): string {
  return variableOf(presentKey(option));
}

function variableOf(key: string): string {
  return `OS_${key.toUpperCase()}`;
}
