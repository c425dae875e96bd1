/**
 * What is asked of Glance, as a port. Every call logs in, renews the token once on a 401, and tries again while
 * a failure may pass.
 */
import type { ImageId } from '../cache/image-id.ts';
import type { Image } from './image.ts';

/** Which images are meant by something other than their ID. */
export interface ImageQuery {
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
}

/** An image as a list tells of it. */
export interface ListedImage extends Image {
  /** When anything of its record was changed last, by the clock of Glance, epoch seconds; undefined where that is not told. */
  readonly updatedSec: number | undefined;
}

/** An answer to a download. */
export interface ImageBytes {
  /** Where in the image the bytes begin: what was asked for, or 0 where Glance could give the whole image only. */
  readonly offsetBytes: number;
  /** Length of the whole image as far as the answer tells. */
  readonly totalBytes: number | undefined;
  /** MD5 of the whole image, lower-case hexadecimal, as far as the answer tells. */
  readonly md5: string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Asks Glance. */
export interface Glance {
  /**
   * One image, whatever its state.
   *
   * @throws NotFoundError NOT_FOUND_IMAGE when it does not exist or is not visible; ConfigError CONFIG_ENDPOINT when
   * what answers is not Glance; AuthError; RemoteError
   */
  image(imageId: ImageId, signal: AbortSignal): Promise<Image>;
  /**
   * The images that match letter by letter, hidden ones included. All pages are read. What Glance does not list unless
   * it is asked for, such as community images of others, it is not asked for: `visibility=community` as property is.
   *
   * @throws AuthError; RemoteError; ConfigError CONFIG_ENDPOINT
   */
  find(query: ImageQuery, signal: AbortSignal): Promise<readonly Image[]>;
  /**
   * Those of the images that Glance lists, in few requests, whatever their state and whoever may see them. For one that
   * is missing, {@link image} is the question that counts: a list may leave an image out for many reasons.
   *
   * @throws AuthError; RemoteError; ConfigError CONFIG_ENDPOINT
   */
  lookUp(imageIds: readonly ImageId[], signal: AbortSignal): Promise<ReadonlyMap<ImageId, ListedImage>>;
  /**
   * Begins a download. Not tried again: whoever reads knows where to go on from. A 401 renews the token once. An image
   * that ends before the offset, or whose store cannot begin there, begins at 0.
   *
   * @param offsetBytes where to begin; undefined for the whole of an image whose size nobody knows
   * @throws NotFoundError; AuthError AUTH_FORBIDDEN; RemoteError, transient or not; ConfigError CONFIG_ENDPOINT
   */
  download(imageId: ImageId, offsetBytes: number | undefined, signal: AbortSignal): Promise<ImageBytes>;
  /** Whether the account has an admin role: an image it is not shown does not exist. */
  isAdmin(signal: AbortSignal): Promise<boolean>;
}
