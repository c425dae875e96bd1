import { afterEach } from 'vitest';
import { type Cloud, type CloudOptions, startCloud } from './cloud.js';

/** Starts clouds; all are closed after each test. */
export function useClouds(): (options?: CloudOptions) => Promise<Cloud> {
  const clouds: Cloud[] = [];
  afterEach(async () => {
    for (const cloud of clouds.splice(0)) await cloud.close();
  });
  return async (options) => {
    const cloud = await startCloud(options);
    clouds.push(cloud);
    return cloud;
  };
}
