/**
 * One complete set of credentials for a run, from one source, never mixed: a named cloud, else the environment, else the
 * configuration files; flags replace single values of it. A source that identifies somebody and lacks something is an
 * error: whoever falls back to the next one acts as somebody else. All files are read here and now, because root gives up
 * its rights afterwards.
 */

import { ConfigError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { AUTH_OPTIONS } from '../settings/options/keystone.ts';
import type { Settings } from '../settings/resolve.ts';
import { chooseAuthType } from './choose-auth-type.ts';
import { readCloud } from './clouds/read-cloud.ts';
import { completeAuth } from './complete-auth.ts';
import { readConfiguration } from './configuration.ts';
import type { Credentials } from './credentials.ts';
import { chooseEndpoint, parseTimeout } from './endpoint-choice.ts';
import { readEnvironment } from './environment.ts';
import { NO_SOURCE, overlayFlags } from './overlay-flags.ts';
import { readTls } from './read-tls.ts';
import { secretsIn, secretsOf } from './secret-texts.ts';
import {
  type CredentialSource,
  type GivenOptions,
  givenValue,
  identifiesSomebody,
  isMeant,
  namesSomebody,
  type OptionKey,
} from './source.ts';

/** What decides the credentials. */
export interface CredentialsRequest {
  /** The flags that were given. */
  readonly flags: GivenOptions;
  /** The value of `--os-cloud`. */
  readonly cloud: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string | undefined;
  readonly settings: Settings;
  /** What stands in for what the source lacks. It is no source itself: it identifies nobody. */
  readonly fallbacks?: GivenOptions;
}

/** Credentials, and what is to be said about them. */
export interface ResolvedCredentials {
  readonly credentials: Credentials;
  /** What they were made from, with where each value was given: secrets are among it. */
  readonly given: GivenOptions;
  /** Texts that no output may contain: of the credentials, and of what flags have replaced. */
  readonly secrets: readonly string[];
  /** One sentence each, for the log. None has a secret in it. */
  readonly warnings: readonly string[];
  /** The same, for debug level. */
  readonly notes: readonly string[];
}

/**
 * The credentials of a run.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where there are none, or none that are complete; CONFIG_CLOUDS, CONFIG_TLS;
 * CONFIG_VALUE for a bad value in the configuration that they are taken from
 */
export async function resolveCredentials(request: CredentialsRequest): Promise<ResolvedCredentials> {
  const { flags, fallbacks = new Map() } = request;
  const chosen = await chooseSource(request);
  const source = withFallbacks(overlayFlags(chosen.source, flags), fallbacks);
  const type = chooseAuthType(source);
  const { auth, unused } = completeAuth(source, type);
  const { tls, warnings, notes } = readTls(source.given, request);
  const credentials: Credentials = {
    source: source.name,
    authType: type.name,
    auth,
    tls,
    timeoutSec: parseTimeout(source.given.get('timeout')),
    endpoint: chooseEndpoint(source.given),
  };
  const ignored = unused.flatMap((name) => {
    const value = source.given.get(name);
    return value === fallbacks.get(name) ? [] : [value?.origin ?? name];
  });
  return {
    credentials,
    given: source.given,
    secrets: [...new Set([...secretsOf(credentials), ...secretsIn(chosen.source.given), ...secretsIn(flags)])],
    warnings: [...chosen.source.warnings, ...warnings],
    notes: [
      `Credentials are from ${source.name}, auth_type ${type.name}`,
      ...chosen.notes,
      ...chosen.source.notes,
      ...(ignored.length === 0 ? [] : [`Not used with auth_type ${type.name}: ${ignored.join(', ')}`]),
      ...notes,
    ],
  };
}

/** Options that say the same as another one. */
const EQUIVALENT: Readonly<Partial<Record<OptionKey, OptionKey>>> = {
  endpoint: 'endpoint_override',
  default_domain_id: 'default_domain_name',
};

function withFallbacks(source: CredentialSource, fallbacks: GivenOptions): CredentialSource {
  const given = new Map(source.given);
  for (const [key, value] of fallbacks) {
    if (!given.has(key) && !given.has(EQUIVALENT[key] ?? key)) given.set(key, value);
  }
  return { ...source, given };
}

interface ChosenSource {
  readonly source: CredentialSource;
  readonly notes: readonly string[];
}

async function chooseSource(request: CredentialsRequest): Promise<ChosenSource> {
  const { flags, env, settings } = request;
  const environment = environmentUnder(flags, env);
  const cloud = request.cloud ?? givenValue(env['OS_CLOUD'], 'OS_CLOUD')?.text;
  if (cloud !== undefined) {
    const source = await readCloud({ ...request, cloud, regionName: flags.get('region_name')?.text });
    return { source, notes: ignoredVariables(source, environment) };
  }
  if (isMeant(environment)) return { source: environment, notes: [] };
  // Flags that say who logs in are completed by the rest of an openrc file, not by the service user of glance-api.
  if (namesSomebody(flags) && AUTH_OPTIONS.some(({ name }) => environment.given.has(name))) {
    return { source: environment, notes: [] };
  }
  const configuration = readConfiguration(settings, env);
  if (configuration !== undefined) {
    return { source: configuration, notes: ignoredVariables(configuration, environment) };
  }
  if (!identifiesSomebody(flags)) throw noCredentials();
  return { source: environment.given.size === 0 ? NO_SOURCE : environment, notes: [] };
}

/** `-S keystone` takes back what `OS_AUTH_STRATEGY` says. */
function environmentUnder(flags: GivenOptions, env: CredentialsRequest['env']): CredentialSource {
  return readEnvironment(flags.has('auth_strategy') ? { ...env, OS_AUTH_STRATEGY: undefined } : env);
}

function ignoredVariables(used: CredentialSource, environment: CredentialSource): readonly string[] {
  const origins = new Set([...used.given.values()].map(({ origin }) => origin));
  const ignored = [...environment.given.values()].map(({ origin }) => origin).filter((origin) => !origins.has(origin));
  return ignored.length === 0 ? [] : [`Not used beside ${used.name}: ${ignored.join(', ')}`];
}

function noCredentials(): ConfigError {
  return new ConfigError('CONFIG_CREDENTIALS', 'Cannot log in to Keystone: no credentials are given', {
    hint: `Source an openrc file (OS_AUTH_URL, OS_USERNAME and so on), or set auth_url, username, password and so on in [keystone_authtoken] or [cache_tools] of the configuration, or name a cloud of clouds.yaml, with OS_CLOUD or as in: ${THIS_COMMAND} --os-cloud admin`,
    // Nobody has asked for a login: that differs from one that lacks something.
    details: { credentials: 'none' },
  });
}
