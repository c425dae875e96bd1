/**
 * What Glance's shared database knows of the caches of all nodes: a port for whoever only looks.
 */
import type { IndexRow } from '../index-db.ts';

/** A node, as the `centralized_db` driver knows it. */
export interface FleetNode {
  /** Its `worker_self_reference_url`. */
  readonly url: string;
  readonly images: number;
  readonly sizeBytes: number;
  readonly hits: number;
  /** When any of its images was used last, epoch seconds; undefined where it has none. */
  readonly lastAccessedSec: number | undefined;
}

/** A cached image of one node. */
export interface FleetRow extends IndexRow {
  /** The node's `worker_self_reference_url`. */
  readonly nodeUrl: string;
}

/** The caches of all nodes. */
export interface Fleet {
  /** Every node that has ever started with this driver, ordered by URL. */
  nodes(): Promise<readonly FleetNode[]>;
  /** The images of all nodes, ordered by node and image ID; those of one image where it is named. */
  rows(imageId?: string): Promise<readonly FleetRow[]>;
  close(): void;
}
