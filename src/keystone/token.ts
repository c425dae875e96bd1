/**
 * A token as Keystone issues it: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
 */

import { RemoteError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { isJsonObject } from '../http/json.ts';

/** A token and what came with it. */
export interface IssuedToken {
  /** Secret. */
  readonly token: string;
  /** What goes with it in every request, beside itself. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long it lasts from when it was issued, seconds; undefined where Keystone does not say. */
  readonly lifetimeSec: number | undefined;
  /** The project it is for. */
  readonly projectId: string | undefined;
  /** Whether it has an admin role. */
  readonly isAdmin: boolean;
  /** The endpoints of all services, unparsed; undefined for a token that is for nothing in particular. */
  readonly catalog: readonly unknown[] | undefined;
}

/**
 * Reads an answer to a login.
 *
 * @param token the header `X-Subject-Token`
 * @param body the answer's JSON
 * @param url where the answer is from, for messages
 * @throws RemoteError REMOTE_ANSWER where it is no token
 */
export function parseToken(
  token: string | undefined,
  body: Readonly<Record<string, unknown>>,
  url: string,
): IssuedToken {
  const facts = body['token'];
  if (token === undefined || !isJsonObject(facts)) {
    throw new RemoteError('REMOTE_ANSWER', `Cannot log in at "${url}": the answer holds no token`, {
      hint: `Check that auth_url names Keystone, and look at what is in front of it: curl -i ${shellWord(url)}`,
    });
  }
  const { catalog, roles, project } = facts;
  if (catalog !== undefined && !Array.isArray(catalog)) {
    throw new RemoteError('REMOTE_ANSWER', `Cannot log in at "${url}": the catalog in the answer is no list`, {
      hint: `Check that auth_url names Keystone, and look at what is in front of it: curl -i ${shellWord(url)}`,
    });
  }
  return {
    token,
    lifetimeSec: lifetimeOf(facts),
    projectId: isJsonObject(project) && typeof project['id'] === 'string' ? project['id'] : undefined,
    isAdmin: Array.isArray(roles) && roles.some(isAdminRole),
    catalog,
  };
}

/** Keystone's clock may be wrong, or ours: only the difference of two of its own times says something. */
function lifetimeOf({ issued_at: issued, expires_at: expires }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof issued !== 'string' || typeof expires !== 'string') return undefined;
  const seconds = (Date.parse(expires) - Date.parse(issued)) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

function isAdminRole(role: unknown): boolean {
  return isJsonObject(role) && typeof role['name'] === 'string' && role['name'].toLowerCase() === 'admin';
}
