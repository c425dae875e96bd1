/**
 * One thing that proves who somebody is. Most logins take one; with `v3multifactor` they take several at once.
 */
import type { Scope } from '../scope.ts';
import type { AuthPart, LoginMeans, LoginMethod } from './method.ts';

/** A factor of a login. */
export interface Factor {
  /** Whom it proves, for messages: `user "glance" in domain "Default"`. Never a secret. */
  readonly who: string;
  /** What may be wrong with it: the beginning of a list, such as `the user, the password`. */
  readonly whatToCheck: string;
  /**
   * The proof.
   *
   * @throws ConfigError CONFIG_CREDENTIALS where it must be asked for, and nobody is there; the signal's reason
   */
  prove(means: LoginMeans, signal: AbortSignal): Promise<AuthPart>;
}

/** What else may be wrong with a login that is for a project. */
export const SCOPE_TO_CHECK = 'the domains of user and project, and that the user has a role in the project';

/** A login with factors, at least one, as the one whom the first of them proves. */
export function loginWith(
  factors: readonly [Factor, ...Factor[]],
  { scope, whatToCheck }: { readonly scope: Scope | undefined; readonly whatToCheck?: string },
): LoginMethod {
  const things = [...new Set(factors.map((factor) => factor.whatToCheck))].join(', ');
  return {
    kind: 'login',
    who: factors[0].who,
    whatToCheck: whatToCheck ?? `${things}, ${SCOPE_TO_CHECK}`,
    async login(means, signal) {
      const parts: AuthPart[] = [];
      // One after the other: each may ask something of whoever is there.
      for (const factor of factors) parts.push(await factor.prove(means, signal));
      return means.identity.requestToken({ parts, scope }, signal);
    },
  };
}
