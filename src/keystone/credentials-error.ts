import type { Credentials } from '../credentials/credentials.ts';
import { ConfigError } from '../errors/cache-error.ts';

/**
 * The error for credentials that cannot work, found before anything is sent.
 *
 * @param state what is wrong with them; names options, never their secret values
 */
export function credentialsError(
  { source, authType }: Credentials,
  { state, hint }: { readonly state: string; readonly hint: string },
): ConfigError {
  return new ConfigError('CONFIG_CREDENTIALS', `Cannot log in with the credentials from ${source}: ${state}`, {
    hint,
    details: { source, auth_type: authType },
  });
}
