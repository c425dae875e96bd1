/**
 * The command line of a call, for hints that somebody pastes. What may be a secret is not in it.
 */
import { shellWord } from '../errors/next-step.ts';

/** Flags of credentials in any spelling and abbreviation, alone or in a cluster; one that names no secret is none. */
const MAY_BE_SECRET =
  /^(?:--(?:os(?![-_](?:cloud|user|project|region|auth[-_](?:url|type)|interface|ca?cert|key|token-cache$))|au)|-[a-zA-Z]*[AK])/;

/** An address that somebody has put a password into. */
const HOLDS_USER = /:\/\/[^/]*@/;

const LEFT_OUT = '...';

/**
 * The command line of a call, each argument quoted where a shell wants that; with dots for the arguments where one of them
 * may be a secret.
 *
 * @param name of the program
 */
export function commandLine(name: string, args: readonly string[]): string {
  const isShown = !args.some((arg) => MAY_BE_SECRET.test(arg) || HOLDS_USER.test(arg));
  return [name, ...(isShown ? args.map(shellWord) : [LEFT_OUT])].join(' ');
}
