/**
 * Where version 3 of Keystone's API is. keystoneauth asks Keystone itself unless the way to log in names the version;
 * so does this, but it takes version 3 whenever there is one, and does without an answer where it can.
 */

import type { Credentials } from '../credentials/credentials.ts';
import { RemoteError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { isJsonObject, type JsonObject, objectIn, objectsIn, stringIn } from '../http/json.ts';
import { errorOfStatus } from '../http/status-error.ts';
import type { HttpResponse, Transport } from '../http/transport.ts';
import { shownUrl } from '../http/url.ts';
import { atVersion3, namesVersion3, withoutSlashes } from './auth-url.ts';

const USABLE = new Set(['stable', 'current', 'supported', 'deprecated']);

/**
 * Finds version 3.
 *
 * @param authUrl as {@link parseAuthUrl} gives it
 * @returns its URL, without a slash at the end
 * @throws RemoteError where nobody answers, or where Keystone says that it has no version 3
 */
export async function discoverVersion3(
  { authType }: Credentials,
  authUrl: URL,
  { transport, signal }: { readonly transport: Transport; readonly signal: AbortSignal },
): Promise<string> {
  if (authType.startsWith('v3') || namesVersion3(authUrl)) return atVersion3(authUrl);
  const request = { method: 'GET', url: authUrl.href, headers: { accept: 'application/json' } } as const;
  const versions = await readVersions(await transport.send(request, signal), authUrl);
  // Whoever put a proxy in front of Keystone may have left the list of versions behind it.
  if (versions.length === 0) return atVersion3(authUrl);
  const version3 = findVersion3(versions, authUrl);
  if (version3 !== undefined) return version3;
  throw new RemoteError(
    'REMOTE_ANSWER',
    `Cannot log in at "${shownUrl(authUrl)}": it offers no version 3 of Keystone's API`,
    {
      hint: `Check auth_url, as Keystone has had version 3 since 2013, and only that since Queens: curl -i ${shellWord(shownUrl(authUrl))}`,
    },
  );
}

/** The versions that an answer lists; none where it is no list. */
async function readVersions(response: HttpResponse, authUrl: URL): Promise<readonly JsonObject[]> {
  const { status } = response;
  if ((status >= 200 && status < 300) || status === 300) return parseVersions(await response.text());
  if (status >= 500 || status === 429) {
    throw await errorOfStatus(response, `look for Keystone at "${shownUrl(authUrl)}"`);
  }
  response.discard();
  return [];
}

/**
 * The versions in a document of Keystone: at its root, `{"versions": {"values": [...]}}`; at a version's own URL,
 * `{"version": {...}}`; and as other services have it, `{"versions": [...]}`.
 */
export function parseVersions(text: string): readonly JsonObject[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return [];
  }
  if (!isJsonObject(document)) return [];
  const single = objectIn(document, 'version');
  const nested = objectsIn(objectIn(document, 'versions') ?? {}, 'values');
  return [...objectsIn(document, 'versions'), ...nested, ...(single === undefined ? [] : [single])];
}

/**
 * Version 3 in Keystone's list of versions.
 *
 * @param authUrl where the list was
 * @returns its URL, without a slash at the end; undefined where there is no version 3 that can be used
 */
export function findVersion3(versions: readonly JsonObject[], authUrl: URL): string | undefined {
  const entry = versions.find(isVersion3);
  return entry === undefined ? undefined : urlOf(entry, authUrl);
}

function isVersion3(entry: JsonObject): boolean {
  const status = stringIn(entry, 'status')?.toLowerCase();
  return /^v3(\.|$)/.test(stringIn(entry, 'id') ?? '') && status !== undefined && USABLE.has(status);
}

/**
 * Keystone may know itself by an internal address, or by http behind a proxy that speaks https. Only the path of its
 * link counts, and where the link is for another host, only its last segment.
 */
function urlOf(entry: JsonObject, authUrl: URL): string {
  const self = objectsIn(entry, 'links').find((link) => stringIn(link, 'rel') === 'self');
  const href = self === undefined ? undefined : stringIn(self, 'href');
  const base = `${authUrl.origin}${withoutSlashes(authUrl.pathname)}/`;
  if (href === undefined || !URL.canParse(href, base)) return atVersion3(authUrl);
  const link = new URL(href, base);
  const isOurs = link.host === authUrl.host && namesVersion3(link);
  return isOurs ? `${authUrl.origin}${withoutSlashes(link.pathname)}` : atVersion3(authUrl);
}
