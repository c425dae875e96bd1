/**
 * What a provider says, in the form that openid-client wants: providers are not as strict as it is, and keystoneauth takes
 * what they send.
 */
import { type JsonObject, jsonObjectOf, numberIn, stringIn } from '../http/json.ts';
import type { ProviderSettings } from './provider.ts';

type TokenType = ProviderSettings['tokenType'];

/** What an answer is to hold. */
export type Wanted = TokenType | 'device_code';

/** RFC 8628 has it where a provider does not say. */
const USUAL_INTERVAL_SEC = 5;

/** Long enough to fetch a telephone, where a provider does not say. */
const USUAL_LIFETIME_SEC = 600;

/** What an answer grants; undefined where it does not hold what is wanted. */
export function grantIn(text: string, wanted: Wanted): JsonObject | undefined {
  const answer = jsonObjectOf(text) ?? {};
  return wanted === 'device_code' ? deviceGrantIn(answer) : tokenIn(answer, wanted);
}

/** What an answer refuses, and why: https://www.rfc-editor.org/rfc/rfc6749#section-5.2; undefined where it does not say. */
export function refusalIn(text: string): JsonObject | undefined {
  const answer = jsonObjectOf(text) ?? {};
  const error = stringIn(answer, 'error') ?? '';
  const description = stringIn(answer, 'error_description');
  if (error === '') return undefined;
  return description === undefined ? { error } : { error, error_description: description };
}

/**
 * The token that is wanted. Neither its type nor its life nor the other tokens are for this program: Keystone's side checks
 * them, and keystoneauth does not look at them either. The library would refuse an ID token whose issuer it does not know.
 */
function tokenIn(answer: JsonObject, type: TokenType): JsonObject | undefined {
  const token = stringIn(answer, type);
  // It goes into a header.
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) return undefined;
  return { access_token: token, token_type: 'bearer' };
}

/** https://www.rfc-editor.org/rfc/rfc8628#section-3.2; Google and others have `verification_url`. */
function deviceGrantIn(answer: JsonObject): JsonObject | undefined {
  const deviceCode = stringIn(answer, 'device_code') ?? '';
  const userCode = stringIn(answer, 'user_code') ?? '';
  const page = stringIn(answer, 'verification_uri') ?? stringIn(answer, 'verification_url') ?? '';
  if (deviceCode === '' || userCode === '' || page === '') return undefined;
  const pageWithCode = stringIn(answer, 'verification_uri_complete') ?? '';
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    ...(pageWithCode === '' ? {} : { verification_uri_complete: pageWithCode }),
    expires_in: secondsIn(answer, 'expires_in') ?? USUAL_LIFETIME_SEC,
    interval: secondsIn(answer, 'interval') ?? USUAL_INTERVAL_SEC,
  };
}

/** Some write numbers as texts. */
function secondsIn(answer: JsonObject, name: string): number | undefined {
  const seconds = numberIn(answer, name) ?? Number.parseFloat(stringIn(answer, name) ?? '');
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
