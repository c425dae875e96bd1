import { CacheStateError } from '../errors/cache-error.ts';
import { moveAwayCommand } from '../errors/next-step.ts';

/** The error for whatever lies in place of a folder of the cache: a link, which is never followed, or a file. */
export function notAFolder(path: string): CacheStateError {
  return new CacheStateError('CACHE_DIR', `Cannot use ${JSON.stringify(path)}: it is not a folder`, {
    hint: `Move it out of the way; glance-api and these programs create the folder when they need it: ${moveAwayCommand(path)}`,
    details: { path },
  });
}
