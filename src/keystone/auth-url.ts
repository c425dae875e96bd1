/**
 * Where Keystone is, as the configuration gives it: with or without the version of its API.
 */

import type { Credentials } from '../credentials/credentials.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { credentialsError } from './credentials-error.ts';

/**
 * The URL of Keystone. Version 2 of the API is gone since Queens: `/v2.0` at the end becomes `/v3`.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where it is missing, or no URL of HTTP, or holds a password, which would end
 * up in logs
 */
export function parseAuthUrl(credentials: Credentials): URL {
  const text = credentials.auth.auth_url;
  const hint = `Give the URL of Keystone, as in: ${THIS_COMMAND} --os-auth-url https://keystone.example.org:5000/v3`;
  if (text === undefined) throw credentialsError(credentials, { state: 'there is no auth_url', hint });
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw credentialsError(credentials, { state: 'auth_url is no URL of http or https', hint });
  }
  if (url.username !== '' || url.password !== '') {
    throw credentialsError(credentials, { state: 'auth_url holds a user or a password', hint });
  }
  url.pathname = url.pathname.replace(/\/v2\.0\/*$/, '/v3');
  return url;
}

/** Whether a URL names version 3 already. */
export function namesVersion3(url: URL): boolean {
  return /\/v3\/*$/.test(url.pathname);
}

/** Version 3 of the API at this URL, without a slash at the end. */
export function atVersion3(url: URL): string {
  const path = withoutSlashes(url.pathname);
  return `${url.origin}${path}${namesVersion3(url) ? '' : '/v3'}`;
}

/** A path without slashes at its end. */
export function withoutSlashes(path: string): string {
  return path.replace(/\/+$/, '');
}
