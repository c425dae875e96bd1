/**
 * Root takes the rights of the cache's owner: "run it as root" is no advice to whoever has done so.
 */
import { CacheError, CacheStateError, type ErrorExtras, PartialError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import type { Rights } from './rights.ts';

/**
 * An error that ends a run, with advice that is of use to the user who has started it.
 *
 * @param owned that whose owner's rights are taken
 */
export function forWhoeverRuns(
  error: unknown,
  { hasSteppedDown }: Pick<Rights, 'hasSteppedDown'>,
  { what = 'cache directory', path }: { readonly what?: string; readonly path: string },
): unknown {
  if (!hasSteppedDown) return error;
  const refused = refusedPath(error) ?? path;
  const mend =
    refused === path
      ? `namei -l ${shellWord(path)}`
      : `sudo chown --reference=${shellWord(path)} ${shellWord(refused)}`;
  const hint = `As root this program takes the rights of the owner of the ${what}; give that path, and the folders above, to the same owner: ${mend}`;
  if (isPermission(error)) return new CacheStateError('CACHE_PERMISSION', error.message, extrasOf(error, hint));
  if (error instanceof PartialError && isPermission(error.cause)) {
    return new PartialError(error.message, extrasOf(error, hint));
  }
  return error;
}

function isPermission(error: unknown): error is CacheError {
  return error instanceof CacheError && error.code === 'CACHE_PERMISSION';
}

/** The path that was refused; undefined where the error is of another. */
function refusedPath(error: unknown): string | undefined {
  if (error instanceof PartialError) return refusedPath(error.cause);
  const path = error instanceof CacheError ? error.details?.['path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}

function extrasOf({ details, cause }: CacheError, hint: string): ErrorExtras {
  return { hint, ...(details === undefined ? {} : { details }), cause };
}
