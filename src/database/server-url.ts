/**
 * What the URLs of all servers have in common.
 */
import { type UrlSource, urlError } from './url-parameters.ts';

/** How long a connection may take to come about where the URL says nothing. */
export const CONNECT_TIMEOUT_SEC = 10;

/** How long a statement may take where the URL says nothing; the largest here reads some thousand rows. */
export const READ_TIMEOUT_SEC = 30;

const MAX_PORT = 65_535;

/** @throws ConfigError CONFIG_DATABASE for what is no port; it may be a part of a password, and is not repeated */
export function portOf(text: string | undefined, fallback: number, source: UrlSource): number {
  if (text === undefined || text === '') return fallback;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= MAX_PORT) return port;
  throw urlError(source, 'its port is not a number between 1 and 65535');
}
