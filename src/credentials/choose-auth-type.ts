/**
 * The way to log in that a source means: the one that it names, else the one that what it gives is for.
 */
import { ConfigError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { quoteValue } from '../settings/quote-value.ts';
import { type AuthType, combinedType, typeNamed } from './auth-types.ts';
import { FACTOR_NAMES, factorsOf, USUAL_FACTORS } from './factors.ts';
import { type CredentialSource, type GivenOptions, isNoAuth, type OptionKey } from './source.ts';
import { unknownAuthType } from './unknown-auth-type.ts';

/**
 * The way to log in that a source asks for, else the one that what it gives is for.
 *
 * @throws ConfigError CONFIG_CREDENTIALS for a way that is not known or cannot be combined, and where nothing tells
 */
export function chooseAuthType(source: CredentialSource): AuthType {
  const { given } = source;
  const type = typeMeant(given);
  const asked = given.get('auth_type');
  if (type === undefined) throw asked === undefined ? nobodyNamed(source) : unknownAuthType(source, asked);
  const methods = given.get('auth_methods');
  const factors = type.name === 'v3multifactor' && methods !== undefined ? factorsOf(methods.text) : [];
  if (typeof factors !== 'string') return type;
  throw new ConfigError(
    'CONFIG_CREDENTIALS',
    `Cannot log in with the credentials from ${source.name}: auth_methods has ${quoteValue(factors)} (${methods?.origin})`,
    {
      hint: `The ways to log in that can be combined are ${FACTOR_NAMES.join(', ')}: ${THIS_COMMAND} --os-auth-methods v3password,v3totp`,
      details: { source: source.name, auth_methods: methods?.text, known: FACTOR_NAMES },
    },
  );
}

/** The way to log in that options are for; undefined where they ask for one that is not known, and where nothing tells. */
export function typeMeant(given: GivenOptions): AuthType | undefined {
  const asked = given.get('auth_type')?.text;
  const type = typeNamed(asked ?? inferred(given) ?? '');
  if (type?.name !== 'v3multifactor') return type;
  const methods = given.get('auth_methods')?.text;
  // Without a list and without the type, it is what is given that asks for both.
  if (methods === undefined && asked !== undefined) return type;
  const factors = factorsOf(methods ?? USUAL_FACTORS);
  return typeof factors === 'string' ? type : combinedType(factors);
}

function inferred(given: GivenOptions): string | undefined {
  if (isNoAuth(given.get('auth_strategy'))) return 'noauth';
  const has: Has = (...keys) => keys.some((key) => given.has(key));
  if (has('auth_methods')) return 'v3multifactor';
  if (has('application_credential_id', 'application_credential_name', 'application_credential_secret')) {
    return 'v3applicationcredential';
  }
  // A token alone would do at Keystone; without one, and with an endpoint, it is for the endpoint.
  if (has('token')) return has('endpoint') && !has('auth_url') ? 'admin_token' : 'token';
  if (has('access_token')) return 'v3oidcaccesstoken';
  if (has('oauth2_client_id')) return 'v3oauth2clientcredential';
  return inferredForClient(has) ?? inferredForUser(has);
}

type Has = (...keys: readonly OptionKey[]) => boolean;

function inferredForClient(has: Has): string | undefined {
  if (!has('client_id') || !has('identity_provider')) return undefined;
  if (has('code')) return 'v3oidcauthcode';
  if (!has('username', 'user_id')) return has('client_secret') ? 'v3oidcclientcredentials' : 'v3oidcdeviceauthz';
  // A user with an ID or a domain is one of Keystone, whatever is left of another login beside it.
  return has('user_id', 'user_domain_id', 'user_domain_name') ? undefined : 'v3oidcpassword';
}

function inferredForUser(has: Has): string | undefined {
  if (!has('username', 'user_id')) return undefined;
  if (!has('passcode')) return 'password';
  return has('password') ? 'v3multifactor' : 'v3totp';
}

function nobodyNamed({ name, given, spell }: CredentialSource): ConfigError {
  // A client is nobody before it is known to whom.
  const isClient = given.has('client_id');
  const identities = ['username', 'token', 'application_credential_id'] as const;
  const keys = isClient ? (['identity_provider'] as const) : identities;
  return new ConfigError(
    'CONFIG_CREDENTIALS',
    isClient
      ? `Cannot log in with the credentials from ${name}: they name a client, and no identity provider that it is for`
      : `Cannot log in with the credentials from ${name}: they name no user, no token and no application credential`,
    {
      hint: `Set ${keys.map(spell).join(', ')} or ${spell('auth_type')}, as in: ${THIS_COMMAND} ${isClient ? '--os-auth-type v3oidcclientcredentials' : '--os-username glance'}`,
      details: { source: name },
    },
  );
}
