/**
 * URLs as they are configured, announced by a catalog, and shown. What is shown has no user, password or query: all
 * three have carried secrets.
 */
import { ConfigError } from '../errors/cache-error.ts';
import { printable } from '../text/printable.ts';

const SHOWN_LENGTH = 200;

/**
 * A URL to send a request to.
 *
 * @throws ConfigError CONFIG_ENDPOINT when it is none, or neither `http` nor `https`
 */
export function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw notUsable(text, 'it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw notUsable(text, 'it begins with neither http nor https');
  return url;
}

/** Nobody can tell where the password is in what is no proper URL: what comes before an "@" goes, wherever that is. */
function notUsable(text: string, state: string): ConfigError {
  const shown = printable(
    text
      .replace(/^.*@/s, '')
      .replace(/[?#].*$/s, '')
      .slice(0, SHOWN_LENGTH),
  );
  return new ConfigError('CONFIG_ENDPOINT', `Cannot use the URL "${shown}": ${state}`, {
    hint: 'Write it as https://host:port/path in the endpoint override, in the catalog of Keystone, or as in auth_url = https://keystone.example.org:5000/v3',
    details: { url: shown },
  });
}

/** A URL for messages: origin and path. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`.slice(0, SHOWN_LENGTH);
}
