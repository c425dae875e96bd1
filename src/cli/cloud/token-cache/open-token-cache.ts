/**
 * `--os-token-cache`: the token of a login is kept in the user's cache folder until it expires. Trouble with that is told,
 * and ends no run. Loaded by a run that asks for it.
 */
import type { Credentials } from '../../../credentials/credentials.ts';
import { cacheKeyOf } from '../../../keystone/token-cache/cache-key.ts';
import type { Clock } from '../../../time/clock.ts';
import { TokenFile } from './token-file.ts';
import {
  type CacheHome,
  openInTokenFolder,
  openTokenFolder,
  sweepTokenFolder,
  Unusable,
  unusable,
} from './token-folder.ts';

/** What keeps the token of a login, and what is to be said about it. */
export interface TokenCache {
  /** Undefined where there is none. Whoever has it closes it. */
  readonly tokens: TokenFile | undefined;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** Who runs, and when. */
export interface TokenCacheUser extends CacheHome {
  /** By ID. */
  readonly user: number;
  readonly clock: Pick<Clock, 'nowSec'>;
}

/** Opens the file that keeps the token of a login, with the rights that the process has now. */
export function openTokenCache(credentials: Credentials, { user, clock, ...home }: TokenCacheUser): TokenCache {
  const key = cacheKeyOf(credentials);
  if (key === undefined) {
    const note = `The token cache is not used with auth_type ${credentials.authType}: nothing is kept of such a login`;
    return { tokens: undefined, warnings: [], notes: [note] };
  }
  try {
    const folder = openTokenFolder(home, user);
    const { path, descriptor } = openInTokenFolder(folder, key, user);
    const tokens = readTokenFile(path, descriptor, clock);
    sweepTokenFolder(folder, { except: key, user, nowSec: clock.nowSec() });
    return { tokens, warnings: [], notes: [`Tokens are kept in ${path}`] };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { tokens: undefined, warnings: [`The token cache is not used: ${error.message}`], notes: [] };
  }
}

function readTokenFile(path: string, descriptor: number, clock: TokenCacheUser['clock']): TokenFile {
  try {
    return new TokenFile(path, descriptor, clock);
  } catch (error) {
    throw unusable(error, `${JSON.stringify(path)} cannot be read`, path);
  }
}
