/**
 * Fleets in memory, for tests of what is made of their rows.
 */
import type { Fleet, FleetNode, FleetRow } from '../../src/cache/index/centralized/fleet.ts';

/** The row of an image on a node, with what a test does not care for filled in. */
export function fleetRow(nodeUrl: string, imageId: string, row: Partial<FleetRow> = {}): FleetRow {
  return { nodeUrl, imageId, lastAccessedSec: 1000, lastModifiedSec: 500, sizeBytes: 100, hits: 0, ...row };
}

/** A node without images. */
export function emptyNode(url: string): FleetNode {
  return { url, images: 0, sizeBytes: 0, hits: 0, lastAccessedSec: undefined };
}

/** A fleet that holds some rows, and remembers what it was asked. */
export class MemoryFleet implements Fleet {
  readonly asked: (string | undefined)[] = [];
  isClosed = false;
  readonly #rows: readonly FleetRow[];

  constructor(rows: readonly FleetRow[]) {
    this.#rows = rows;
  }

  async nodes(): Promise<readonly FleetNode[]> {
    return [...new Set(this.#rows.map(({ nodeUrl }) => nodeUrl))].sort().map(emptyNode);
  }

  async rows(imageId?: string): Promise<readonly FleetRow[]> {
    this.asked.push(imageId);
    return imageId === undefined ? this.#rows : this.#rows.filter((row) => row.imageId === imageId);
  }

  close(): void {
    this.isClosed = true;
  }
}
