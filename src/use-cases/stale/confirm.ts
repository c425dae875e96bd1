/**
 * Asks Glance about each suspect by itself. Only this answer makes an image stale.
 */

import { AuthError, type CacheError, NotFoundError } from '../../errors/cache-error.ts';
import { OWN_ROLES } from '../../errors/next-step.ts';
import { type CachedBytes, type StaleImage, type StaleReason, staleReason } from '../../plan/stale.ts';
import { inParallel } from '../in-parallel.ts';
import { Outage } from '../outage.ts';
import type { FailedImage } from './find-suspects.ts';
import { QUESTIONS_AT_A_TIME, type StaleRun } from './stale-run.ts';

/** What was confirmed. */
export interface Confirmed {
  readonly stale: readonly (CachedBytes & StaleImage)[];
  readonly failed: readonly FailedImage[];
}

/**
 * Confirms what is stale of the suspects, in their order.
 *
 * @throws the signal's reason
 */
export async function confirmStale(run: StaleRun, suspects: readonly CachedBytes[]): Promise<Confirmed> {
  const { clock, signal } = run.access;
  const outage = new Outage();
  const failed: FailedImage[] = [];
  const answers = await inParallel(suspects, QUESTIONS_AT_A_TIME, async (suspect) => {
    const { imageId, file } = suspect;
    if (signal.aborted) return undefined;
    const askedSec = clock.monotonicSec();
    try {
      if (outage.error !== undefined) throw outage.error;
      const reason = await askAbout(run, suspect);
      return reason === undefined ? undefined : { ...suspect, reason, askedSec };
    } catch (error) {
      outage.note(error);
      failed.push({ imageId, file, error });
      return undefined;
    }
  });
  signal.throwIfAborted();
  return { stale: answers.filter((answer) => answer !== undefined), failed };
}

async function askAbout(
  { access: { signal }, glance }: StaleRun,
  suspect: CachedBytes,
): Promise<StaleReason | undefined> {
  try {
    return staleReason(await glance.image(suspect.imageId, signal), suspect);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // The token may have been renewed meanwhile, and the roles with it.
    if (!(await glance.isAdmin(signal))) throw notAdmin();
    return 'deleted';
  }
}

/** Without an admin role a 404 may mean no more than "not for you". */
export function notAdmin(): CacheError {
  return new AuthError(
    'AUTH_FORBIDDEN',
    'Cannot look for stale images: the account has no role called "admin", so what Glance does not show it may be there all the same',
    { hint: `Log in as somebody with that role, such as the service user of glance-api; what there is: ${OWN_ROLES}` },
  );
}
