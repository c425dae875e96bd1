import type { Clock } from '../time/clock.ts';
import type { KeptToken, TokenKeeper } from './kept-token.ts';

/**
 * Keeps a token in memory, for a run that opens several sessions with one login: nobody is to be asked for a second
 * passcode, nor to open a second page in a browser.
 */
export function runTokens(clock: Pick<Clock, 'monotonicSec'>): TokenKeeper {
  let last: { readonly issued: KeptToken['issued']; readonly sinceSec: number } | undefined;
  return {
    kept() {
      if (last === undefined) return undefined;
      const { issued, sinceSec } = last;
      const ageSec = clock.monotonicSec() - sinceSec;
      return ageSec < (issued.lifetimeSec ?? Infinity) ? { issued, ageSec } : undefined;
    },
    keep(issued, ageSec) {
      last = { issued, sinceSec: clock.monotonicSec() - ageSec };
    },
    forget(token) {
      if (last?.issued.token === token) last = undefined;
    },
  };
}
