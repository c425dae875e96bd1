/**
 * An image as Glance describes it: https://docs.openstack.org/api-ref/image/v2/#show-image
 */
import type { ImageId } from '../cache/image-id.ts';

/** What Glance says about an image's state; others may come with later releases. */
export type ImageStatus =
  | 'queued'
  | 'saving'
  | 'uploading'
  | 'importing'
  | 'active'
  | 'deactivated'
  | 'killed'
  | 'deleted'
  | 'pending_delete';

/** One image. */
export interface Image {
  readonly imageId: ImageId;
  readonly name: string | undefined;
  /** One of {@link ImageStatus}, as far as this release knows them. */
  readonly status: string;
  /** Bytes; undefined while, or because, Glance does not know. */
  readonly sizeBytes: number | undefined;
  readonly digest: ImageDigest | undefined;
}

/** What an image's bytes must hash to. */
export interface ImageDigest {
  /** As Node's crypto names it: `sha512`, or `md5` where the image has no better one. */
  readonly algorithm: string;
  /** Lower-case hexadecimal. */
  readonly hex: string;
}
