/**
 * Fills a part from the file of Glance's store: by reference where the file system can, byte by byte elsewhere. Either
 * way all of it is hashed.
 */
import { CacheError } from '../../errors/cache-error.ts';
import { hasErrno } from '../../errors/errno.ts';
import type { ByteSource } from '../transfer/byte-source.ts';
import { openFileSource } from '../transfer/file-source.ts';
import { tryReflink } from '../transfer/reflink.ts';
import { type PartRequest, WorkingPart } from './working-part.ts';

/** A file of the store that cannot be read to its end: a fault of the store, not of the cache. */
export class StoreFileFault extends Error {
  override readonly name = 'StoreFileFault';
}

/**
 * Makes the part of an image from a file of the store. What an earlier run has left is given up once that file can be
 * read: a download could go on with it.
 *
 * @param storePath the file in the store
 * @returns the part, with all bytes in it, to be finished and closed
 * @throws StoreFileFault; CacheStateError; IntegrityError INTEGRITY_SIZE when the file has more than the image; the
 *   signal's reason
 */
export async function copyPart(request: PartRequest, storePath: string): Promise<WorkingPart> {
  const { ports, image } = request;
  const source = await openSource(storePath);
  try {
    ports.parts.removePart(image.imageId);
    if (await tryReflink(storePath, ports.parts.path(image.imageId))) return await hashReflink(request);
    const part = await WorkingPart.open(request, 0);
    try {
      await part.append(source);
      return part;
    } catch (error) {
      await part.close();
      if (error instanceof StoreFileFault) ports.parts.removePart(image.imageId);
      throw error;
    }
  } finally {
    await source.close();
  }
}

/** The blocks are those of the store: what the disk cannot read of them is no fault of the cache. */
async function hashReflink(request: PartRequest): Promise<WorkingPart> {
  const { parts } = request.ports;
  const { imageId } = request.image;
  try {
    return await WorkingPart.open(request, parts.look(imageId)?.sizeBytes ?? 0);
  } catch (cause) {
    if (!(cause instanceof CacheError && hasErrno(cause.cause, 'EIO'))) throw cause;
    parts.removePart(imageId);
    throw new StoreFileFault(cause.message, { cause });
  }
}

async function openSource(path: string): Promise<ByteSource> {
  const source = await blamingStore(() => openFileSource(path));
  if (source === undefined) throw new StoreFileFault('the file is not there any more');
  return { ...source, read: (target) => blamingStore(() => source.read(target)) };
}

async function blamingStore<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new StoreFileFault(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
