import type { CloudOptions } from './cloud.js';

/** A cloud that runs in a process of its own, and ends with the one that started it. */
export interface SpawnedCloud {
  /** Without a version and without a slash at the end. */
  readonly keystoneUrl: string;
  /** Without a version and without a slash at the end. */
  readonly glanceUrl: string;
  close(): Promise<void>;
}

/** Starts a cloud in a process of its own. */
export function spawnCloud(options?: CloudOptions): Promise<SpawnedCloud>;
