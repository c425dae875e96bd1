import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import { credentialsError } from '../credentials-error.ts';
import type { LoginMeans } from './method.ts';

/**
 * Asks whoever is there for a one-time passcode.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where nobody is there, or gives one; the signal's reason
 */
export async function askForPasscode(
  { credentials, means, who }: { readonly credentials: Credentials; readonly means: LoginMeans; readonly who: string },
  signal: AbortSignal,
): Promise<string> {
  const passcode = await means.interaction?.ask(`One-time passcode of ${who}:`, signal);
  if (passcode !== undefined && passcode !== '') return passcode;
  throw credentialsError(credentials, {
    state:
      means.interaction === undefined
        ? 'there is no passcode, and nobody at a terminal to ask for it'
        : 'no passcode was given',
    hint: `Give the passcode that is good now: ${THIS_COMMAND} --os-passcode 123456`,
  });
}
