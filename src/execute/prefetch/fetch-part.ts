/**
 * Brings the bytes of one image into its part, verified and on the disk: from the file store where it can, from Glance
 * otherwise. The journal comes before the part, so that no part is ever without an owner.
 */
import type { PartJournal } from '../../cache/prefetch/journal.ts';
import { IntegrityError } from '../../errors/cache-error.ts';
import type { Image } from '../../glance/image.ts';
import { RetryBudget } from '../../http/with-retries.ts';
import { copyPart, StoreFileFault } from './copy-part.ts';
import { downloadPart } from './download-part.ts';
import type { FetchPorts } from './fetch-ports.ts';
import { presentBytes } from './present-bytes.ts';
import { type Growth, WorkingPart } from './working-part.ts';

/** One image to fetch. */
export interface FetchRequest {
  readonly image: Image;
  /** Its file in the store of Glance; undefined for a download. */
  readonly storePath: string | undefined;
  readonly growth: Growth;
  readonly onRetry: (error: unknown, delaySec: number) => void;
  readonly onNote: (message: string) => void;
}

/** How an image was fetched. */
export interface FetchedPart {
  readonly source: 'store' | 'http';
  readonly sizeBytes: number;
  /** Taken over from an earlier run, bytes. */
  readonly resumedBytes: number;
}

/**
 * Fetches an image into its part.
 *
 * @throws IntegrityError when what came is not the image; errors of Glance; CacheStateError; the signal's reason
 */
export async function fetchPart(ports: FetchPorts, request: FetchRequest): Promise<FetchedPart> {
  const { image, storePath, onNote } = request;
  writeJournal(ports, image);
  if (storePath !== undefined) {
    try {
      return await finished(await copyPart({ ports, ...request }, storePath), 'store', 0);
    } catch (error) {
      if (!isFaultOfStore(error)) throw error;
      onNote(`${error.message}; downloading it instead of copying ${JSON.stringify(storePath)}`);
      // What was copied is of no use; what an earlier download has left is.
      if (error instanceof IntegrityError) ports.parts.removePart(image.imageId);
    }
  }
  const resumedBytes = presentBytes(ports.parts, image);
  const part = await WorkingPart.open({ ports, ...request }, resumedBytes);
  try {
    await downloadPart({ ports, image, part, budget: budgetOf(ports, request) });
  } catch (error) {
    await part.close();
    throw error;
  }
  return finished(part, 'http', resumedBytes);
}

async function finished(part: WorkingPart, source: FetchedPart['source'], resumedBytes: number): Promise<FetchedPart> {
  try {
    await part.finish();
    return { source, sizeBytes: part.lengthBytes, resumedBytes };
  } finally {
    await part.close();
  }
}

/** A store that another Glance has left behind, or that is damaged: what Glance serves decides. */
function isFaultOfStore(error: unknown): error is Error {
  if (error instanceof IntegrityError) return error.code !== 'INTEGRITY_UNVERIFIABLE';
  return error instanceof StoreFileFault;
}

function budgetOf({ retries, clock, random, signal }: FetchPorts, { onRetry }: FetchRequest): RetryBudget {
  return new RetryBudget({ retries, clock, random, signal, onRetry });
}

/** Remembers what the part is to become; how often it went wrong before stays. */
function writeJournal({ parts }: FetchPorts, image: Image): void {
  const { imageId, sizeBytes, digest } = image;
  const earlier: PartJournal | undefined = parts.journal(imageId);
  // A part of other content is cut off when it is opened: until then its journal must not vouch for it.
  if (presentBytes(parts, image) === 0) parts.removePart(imageId);
  parts.writeJournal({
    imageId,
    content: { sizeBytes, digest },
    mismatches: earlier?.mismatches ?? 0,
    lastMismatchSec: earlier?.lastMismatchSec ?? 0,
  });
}
