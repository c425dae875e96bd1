/**
 * Reads images and compares their bytes with what Glance says about them. No lock is held meanwhile: it may take hours,
 * and each verdict is about one file as it was.
 */
import { join } from 'node:path';
import type { FileFacts } from '../../cache/file-facts.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { CacheSnapshot } from '../../cache/snapshot.ts';
import { CacheError, NotFoundError } from '../../errors/cache-error.ts';
import { hasErrno } from '../../errors/errno.ts';
import type { Image } from '../../glance/image.ts';
import { chooseImages } from '../../plan/data-subset.ts';
import { isJudgeable } from '../../plan/grace.ts';
import { judgeStatus } from '../../plan/prefetch.ts';
import type { ContentCheck, ContentVerdict } from '../../plan/verify.ts';
import { inParallel } from '../in-parallel.ts';
import { Outage } from '../outage.ts';
import { errorOf } from '../report.ts';
import type { UnverifiedImage, UnverifiedReason } from './verify-report.ts';
import type { ContentReading, VerifyRun } from './verify-run.ts';

/** What was learned about the bytes. */
export interface CheckedContents {
  readonly contents: ReadonlyMap<ImageId, ContentCheck>;
  readonly unverified: readonly UnverifiedImage[];
  /** Errors of single images. */
  readonly errors: readonly unknown[];
  readonly readImages: number;
  readonly readBytes: number;
}

/** Nothing was read. */
export const NOTHING_READ: CheckedContents = {
  contents: new Map(),
  unverified: [],
  errors: [],
  readImages: 0,
  readBytes: 0,
};

interface ReadImage {
  readonly imageId: ImageId;
  readonly file: FileFacts;
}

/** What came of one image. */
type Learned =
  | { readonly kind: 'verdict'; readonly verdict: ContentVerdict; readonly readBytes: number }
  /** Glance has no such image, for all that an admin can see. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unverified'; readonly reason: UnverifiedReason; readonly error?: unknown };

/** What was learned before a signal is told all the same. */
const STOPPED: Learned = { kind: 'unverified', reason: 'stopped' };

/**
 * Checks the contents of images, but of those that have just come and have no row yet.
 *
 * @throws what concerns all images alike: AuthError, ConfigError, RemoteError of Keystone
 */
export async function checkContents(
  run: VerifyRun,
  reading: ContentReading,
  snapshot: CacheSnapshot,
): Promise<CheckedContents> {
  const { access, request } = run;
  const judgeable = snapshot.images.flatMap((image): readonly ReadImage[] => {
    const { imageId, file } = image;
    const isWanted = request.imageIds?.has(imageId) !== false;
    return file !== undefined && isWanted && isJudgeable(image, snapshot.takenSec) ? [{ imageId, file }] : [];
  });
  const images = chooseImages(judgeable, reading.subset, reading.random);
  if (images.length === 0) return NOTHING_READ;
  const bytes = images.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  reading.watch.planned(images.length, bytes);
  // Before the login, which takes as long as they need.
  reading.hashers.start(images.length);
  // Whatever is wrong with the login is wrong for all: it is to be told once, not for every image.
  await reading.glance.isAdmin(access.signal).catch((error: unknown) => {
    if (!access.signal.aborted) throw error;
  });
  const outage = new Outage();
  const learned = await inParallel(images, reading.hashers.width, async (image): Promise<Learned> => {
    if (access.signal.aborted) return STOPPED;
    const error = outage.error;
    if (error !== undefined) return { kind: 'unverified', reason: 'failed', error };
    let advancedBytes = 0;
    const advanced = (bytes: number): void => {
      advancedBytes += bytes;
      reading.watch.advanced(bytes);
    };
    const fact = await learn(run, reading, { ...image, advanced }).catch((failure: unknown): Learned => {
      if (access.signal.aborted) return STOPPED;
      outage.note(failure);
      return { kind: 'unverified', reason: 'failed', error: failure };
    });
    reading.watch.spared(Math.max(0, image.file.sizeBytes - advancedBytes));
    return fact;
  });
  return summed(images, learned);
}

function summed(images: readonly ReadImage[], learned: readonly Learned[]): CheckedContents {
  // A Glance that has never heard of any image may well be that of another cloud: then nothing follows from it.
  const knowsSome = learned.some((fact) => fact.kind === 'verdict' || KNOWN.has(reasonOf(fact)));
  const contents = new Map<ImageId, ContentCheck>();
  const unverified: UnverifiedImage[] = [];
  const errors: unknown[] = [];
  let readBytes = 0;
  for (const [place, { imageId, file }] of images.entries()) {
    const fact = knownBy(knowsSome, learned[place]);
    if (fact?.kind === 'verdict') {
      contents.set(imageId, { file, verdict: fact.verdict });
      readBytes += fact.readBytes;
    } else if (fact !== undefined) {
      const { reason, error } = fact;
      unverified.push({ imageId, reason, error: error === undefined ? undefined : errorOf(error) });
      if (error !== undefined) errors.push(error);
    }
  }
  const readImages = [...contents.values()].filter(({ verdict }) => verdict.kind !== 'deleted').length;
  return { contents, unverified, errors, readImages, readBytes };
}

/** Why nothing was learned about an image that Glance does know. */
const KNOWN: ReadonlySet<string | undefined> = new Set<UnverifiedReason>(['no-hash', 'changed']);

function reasonOf(fact: Learned): UnverifiedReason | undefined {
  return fact.kind === 'unverified' ? fact.reason : undefined;
}

/** What it means that Glance has no such image. */
function knownBy(knowsSome: boolean, fact: Learned | undefined): Exclude<Learned, { kind: 'unknown' }> | undefined {
  if (fact?.kind !== 'unknown') return fact;
  return knowsSome ? verdictOf({ kind: 'deleted' }, 0) : { kind: 'unverified', reason: 'none-known' };
}

/** An image with who is told of its bytes. */
interface WatchedImage extends ReadImage {
  readonly advanced: (bytes: number) => void;
}

async function learn(run: VerifyRun, reading: ContentReading, image: WatchedImage): Promise<Learned> {
  const { signal } = run.access;
  const { glance } = reading;
  let known: Image;
  try {
    known = await glance.image(image.imageId, signal);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // As in the prefetcher: only an admin's token tells "does not exist" from "is not shown".
    const isAdmin = await glance.isAdmin(signal);
    return isAdmin ? { kind: 'unknown' } : { kind: 'unverified', reason: 'not-visible' };
  }
  if (judgeStatus(known).reason === 'deleted') return verdictOf({ kind: 'deleted' }, 0);
  return compare(run, reading.hashers, { image, known });
}

async function compare(
  run: VerifyRun,
  hashers: ContentReading['hashers'],
  { image, known }: { readonly image: WatchedImage; readonly known: Image },
): Promise<Learned> {
  const { access } = run;
  const { imageId, file } = image;
  if (known.sizeBytes !== undefined && known.sizeBytes !== file.sizeBytes) {
    return damaged('wrong-length', String(known.sizeBytes), String(file.sizeBytes));
  }
  if (known.digest === undefined) return { kind: 'unverified', reason: 'no-hash' };
  const { algorithm, hex } = known.digest;
  try {
    const found = await hashers.hash({
      path: join(access.layout.areas.cached, imageId),
      facts: file,
      algorithm,
      onBytes: image.advanced,
      signal: access.signal,
    });
    if (found === undefined) return { kind: 'unverified', reason: 'changed' };
    return found === hex
      ? verdictOf({ kind: 'sound' }, file.sizeBytes)
      : { ...damaged('wrong-hash', `${algorithm}:${hex}`, `${algorithm}:${found}`), readBytes: file.sizeBytes };
  } catch (error) {
    // The disk has lost it: no client will get it either. What this account may not read is another matter.
    if (error instanceof CacheError && hasErrno(error.cause, 'EIO')) {
      return damaged('unreadable', undefined, error.message);
    }
    throw error;
  }
}

function verdictOf(verdict: ContentVerdict, readBytes: number): Extract<Learned, { kind: 'verdict' }> {
  return { kind: 'verdict', verdict, readBytes };
}

function damaged(
  reason: Extract<ContentVerdict, { kind: 'damaged' }>['reason'],
  expected: string | undefined,
  found: string | undefined,
): Extract<Learned, { kind: 'verdict' }> {
  return verdictOf({ kind: 'damaged', reason, expected, found }, 0);
}
