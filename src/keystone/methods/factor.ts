/**
 * One thing that proves who somebody is. Most logins take one; with `v3multifactor` they take several at once.
 */
import { MissingFactorsError } from '../missing-factors.ts';
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

/** What a login with factors is for, and about. */
export interface FactorLogin {
  readonly scope: Scope | undefined;
  /** Instead of what the factors have. */
  readonly whatToCheck?: string;
  /** What somebody at a terminal is asked for where Keystone wants it beside the rest. */
  readonly secondFactor?: Factor;
}

/** A login with factors, at least one, as the one whom the first of them proves. */
export function loginWith(
  factors: readonly [Factor, ...Factor[]],
  { scope, whatToCheck, secondFactor }: FactorLogin,
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
      try {
        return await means.identity.requestToken({ parts, scope }, signal);
      } catch (error) {
        if (secondFactor === undefined || !canBeCompleted(error, means)) throw error;
        const { receipt } = error;
        means.onSecret(receipt);
        const part = await secondFactor.prove(means, signal);
        const { whatToCheck } = secondFactor;
        return means.identity.requestToken({ parts: [part], scope, receipt, whatToCheck }, signal);
      }
    },
  };
}

function canBeCompleted(error: unknown, { interaction }: LoginMeans): error is MissingFactorsError {
  return error instanceof MissingFactorsError && error.lacksOnly('totp') && interaction?.canAsk() === true;
}
