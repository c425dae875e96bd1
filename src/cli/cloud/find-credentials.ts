/**
 * The credentials of a run, read with the rights it was started with: what they lie in may be for root's eyes only.
 */
import type { Credentials } from '../../credentials/credentials.ts';
import type { GivenOptions } from '../../credentials/source.ts';
import type { TokenKeeper } from '../../keystone/kept-token.ts';
import { runTokens } from '../../keystone/run-tokens.ts';
import type { Logger } from '../../log/logger.ts';
import type { Settings } from '../../settings/resolve.ts';
import { systemClock } from '../../time/system-clock.ts';
import { authFlagsGiven, TOKEN_CACHE } from '../auth-flags.ts';
import type { Call } from '../program.ts';
import type { TokenCache } from './token-cache/open-token-cache.ts';

/** What a login is made with. */
export interface Login {
  readonly credentials: Credentials;
  /** Keeps its token beyond the run, where somebody asked for that. */
  readonly tokens: TokenCache['tokens'];
  /** Keeps it for all sessions of the run. */
  readonly runTokens: TokenKeeper;
}

/**
 * Credentials, or why there are none. Whoever needs them throws: an empty queue is fetched without. Whoever has looked for
 * them closes them.
 */
export type FoundCredentials = { close(): void } & (
  | {
      readonly kind: 'found';
      readonly login: Login;
      /** What the credentials were made from: secrets are among it. */
      readonly given: GivenOptions;
      readonly warnings: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly kind: 'none'; readonly error: unknown }
);

/**
 * Looks for the credentials of a call.
 *
 * @param fallbacks what stands in for what the credentials lack
 */
export async function findCredentials(
  call: Call,
  settings: Settings,
  fallbacks: GivenOptions = new Map(),
): Promise<FoundCredentials> {
  const { resolveCredentials } = await import('../../credentials/resolve-credentials.ts');
  const { invocation, args } = call;
  try {
    const { env, cwd, homeDir } = invocation;
    const request = { ...authFlagsGiven(args), env, cwd, homeDir, settings, fallbacks };
    const { credentials, given, secrets, warnings, notes } = await resolveCredentials(request);
    invocation.secrets.push(...secrets);
    const cache = await tokenCacheFor(call, credentials);
    const { tokens } = cache;
    return {
      kind: 'found',
      login: { credentials, tokens, runTokens: runTokens(systemClock) },
      given,
      warnings: [...warnings, ...cache.warnings],
      notes: [...notes, ...cache.notes],
      close: () => tokens?.close(),
    };
  } catch (error) {
    return { kind: 'none', error, close: () => undefined };
  }
}

async function tokenCacheFor({ invocation, args }: Call, credentials: Credentials): Promise<TokenCache> {
  if (!args.has(TOKEN_CACHE)) return { tokens: undefined, warnings: [], notes: [] };
  const { openTokenCache } = await import('./token-cache/open-token-cache.ts');
  const { env, homeDir, rights, secrets } = invocation;
  const cache = openTokenCache(credentials, { env, homeDir, user: rights.user, clock: systemClock });
  const token = cache.tokens?.token;
  if (token !== undefined) secrets.push(token);
  return cache;
}

/**
 * The login that was found. What is to be said about them is logged.
 *
 * @throws ConfigError where there are none
 */
export function loginIn(found: FoundCredentials, log: Logger): Login {
  if (found.kind === 'none') throw found.error;
  for (const warning of found.warnings) log.warning(warning);
  for (const note of found.notes) log.debug(note);
  return found.login;
}
