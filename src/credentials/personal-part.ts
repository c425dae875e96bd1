/**
 * What of a login nobody but a person can do: cron, timers and daemons have nobody at hand.
 */
import type { Credentials } from './credentials.ts';
import { factorsOf, USUAL_FACTORS } from './factors.ts';

/** A page to open on some device, or a passcode that is good once. */
export type PersonalPart = 'device' | 'passcode';

/** The part of a login that a person has, anew each time; undefined where a program can log in by itself. */
export function personalPartOf({ authType, auth }: Pick<Credentials, 'authType' | 'auth'>): PersonalPart | undefined {
  switch (authType) {
    // The code comes from a browser, and is good once.
    case 'v3oidcauthcode':
    case 'v3oidcdeviceauthz':
      return 'device';
    case 'v3totp':
      return 'passcode';
    case 'v3multifactor':
      return factorsOf(auth.auth_methods ?? USUAL_FACTORS).includes('v3totp') ? 'passcode' : undefined;
    case 'v3oidcpassword':
      return auth.idp_otp_key === undefined ? undefined : 'passcode';
    default:
      return undefined;
  }
}
