import { ConfigError } from '../errors/cache-error.ts';
import { TRY_LOGIN } from '../errors/next-step.ts';

// What undici refuses would look like a fault of the program; it is one of the settings: a token with a line feed.
const NOT_IN_HEADERS = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Sees that headers can be sent.
 *
 * @throws ConfigError CONFIG_CREDENTIALS naming the first that cannot
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!NOT_IN_HEADERS.test(value)) continue;
    throw new ConfigError(
      'CONFIG_CREDENTIALS',
      `Cannot send the header "${name}": it has characters that HTTP forbids`,
      {
        hint: `A line feed or a letter from outside Latin 1 may have slipped into the token; a new one: ${TRY_LOGIN}`,
        details: { header: name },
      },
    );
  }
}
