import { OPTIONS } from '../../settings/options.ts';
import type { Invocation } from '../invocation.ts';
import type { Call } from '../program.ts';

/** What of a call decides how its progress is shown. */
export type WatchedCall = Pick<Call, 'args'> & { readonly invocation: Pick<Invocation, 'stderr' | 'env' | 'signal'> };

/** Bars are for somebody who looks at a terminal that can draw, and not at debug lines rushing by. */
export function wantsBars({ invocation: { stderr, env }, args }: WatchedCall): boolean {
  return stderr.isTerminal && env['TERM'] !== 'dumb' && !args.isSwitchedOn(OPTIONS.debug);
}
