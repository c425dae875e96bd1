import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import type { LoginMeans } from './method.ts';

/** What it is about. */
export interface PasscodeRequest {
  readonly credentials: Credentials;
  readonly means: LoginMeans;
  /** Whose it is. */
  readonly who: string;
}

/** What asks for a passcode, each time that one is wanted; the one that was given is for the first login of a run. */
export function passcodeSource(): (request: PasscodeRequest, signal: AbortSignal) => Promise<string> {
  let asked: { readonly passcode: string; readonly atSec: number; readonly loginsBefore: number } | undefined;
  return async (request, signal) => {
    const { passcode: given } = request.credentials.auth;
    const { clock, loginsBefore } = request.means;
    if (given !== undefined && loginsBefore === 0) return withoutBlanks(given);
    // A login that failed for a moment is tried again at once, with the same one.
    if (asked?.loginsBefore === loginsBefore && clock.monotonicSec() - asked.atSec < GOOD_SEC) return asked.passcode;
    const passcode = await askForPasscode(request, signal);
    asked = { passcode, atSec: clock.monotonicSec(), loginsBefore };
    return passcode;
  };
}

/** How long a passcode is shown by whatever makes it: https://www.rfc-editor.org/rfc/rfc6238#section-5.2 */
const GOOD_SEC = 30;

/**
 * Asks whoever is there for a one-time passcode.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where nobody is there, or gives one; the signal's reason
 */
export async function askForPasscode(
  { credentials, means, who }: PasscodeRequest,
  signal: AbortSignal,
): Promise<string> {
  const { interaction, loginsBefore } = means;
  const isSpent = loginsBefore > 0 && credentials.auth.passcode !== undefined;
  if (interaction?.canAsk() !== true) {
    throw credentialsError(credentials, {
      state: isSpent
        ? 'the token has ended, and the passcode was good for one login'
        : 'there is no passcode, and nobody at a terminal to ask for it',
      hint: isSpent
        ? `Run it again with the passcode that is good then; an application credential can log in again by itself: ${THIS_COMMAND} --os-passcode PASSCODE`
        : `Give the passcode that is good now: ${THIS_COMMAND} --os-passcode PASSCODE`,
    });
  }
  const passcode = await interaction.ask(`One-time passcode of ${who}:`, signal);
  if (passcode !== undefined && passcode !== '') return withoutBlanks(passcode);
  throw credentialsError(credentials, {
    state: 'no passcode was given',
    hint: `Type the passcode that is good now, or give it: ${THIS_COMMAND} --os-passcode PASSCODE`,
  });
}

/** Apps show it in two halves. */
function withoutBlanks(passcode: string): string {
  return passcode.replaceAll(/\s+/g, '');
}
