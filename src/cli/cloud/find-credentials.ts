/**
 * The credentials of a run, read with the rights it was started with: what they lie in may be for root's eyes only.
 */
import type { Credentials } from '../../credentials/credentials.ts';
import type { GivenOptions } from '../../credentials/source.ts';
import type { TokenKeeper } from '../../keystone/kept-token.ts';
import type { Logger } from '../../log/logger.ts';
import type { Settings } from '../../settings/resolve.ts';
import { authFlagsGiven } from '../auth-flags.ts';
import type { Call } from '../program.ts';

/** What a login is made with. */
export interface Login {
  readonly credentials: Credentials;
  /** Keeps its token beyond the run, where somebody asked for that. */
  readonly tokens: TokenKeeper | undefined;
}

/** Credentials, or why there are none. Whoever needs them throws: an empty queue is fetched without. */
export type FoundCredentials =
  | {
      readonly kind: 'found';
      readonly login: Login;
      readonly warnings: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly kind: 'none'; readonly error: unknown };

/**
 * Looks for the credentials of a call.
 *
 * @param fallbacks what stands in for what the credentials lack
 */
export async function findCredentials(
  { invocation, args }: Call,
  settings: Settings,
  fallbacks: GivenOptions = new Map(),
): Promise<FoundCredentials> {
  const { resolveCredentials } = await import('../../credentials/resolve-credentials.ts');
  try {
    const { env, cwd, homeDir } = invocation;
    const request = { ...authFlagsGiven(args), env, cwd, homeDir, settings, fallbacks };
    const { credentials, secrets, warnings, notes } = await resolveCredentials(request);
    invocation.secrets.push(...secrets);
    return { kind: 'found', login: { credentials, tokens: undefined }, warnings, notes };
  } catch (error) {
    return { kind: 'none', error };
  }
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
