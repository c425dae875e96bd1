/**
 * Where the `xattr` driver cannot work: on file systems that keep no attributes of users, and on those that do not note
 * when a file was read. Both are errors of configuration: another driver, or another mount.
 */

import { ConfigError } from '../../../errors/cache-error.ts';
import { onPath } from '../../../errors/from-errno.ts';
import { shellWord } from '../../../errors/next-step.ts';
import { mountOf } from './mount-options.ts';
import type { UserAttributes } from './user-attributes.ts';

const OTHER_DRIVERS = 'let glance-api use the driver sqlite or centralized_db, which work there';

/** @throws ConfigError CONFIG_DRIVER where reading a file leaves no trace: nobody could tell what is in use */
export function refuseNoatime(folder: string): void {
  const mount = onPath('look at', folder, () => mountOf(folder));
  if (mount?.options.includes('noatime') !== true) return;
  const { point } = mount;
  throw new ConfigError(
    'CONFIG_DRIVER',
    `Cannot use image_cache_driver "xattr" on ${JSON.stringify(folder)}: ${JSON.stringify(point)} is mounted with noatime, so that nobody can tell which images are in use`,
    {
      // With relatime alone mount(8) keeps the noatime that it finds in fstab, or in the mount.
      hint: `Run "mount -o remount,atime,relatime ${shellWord(point)}" as root and take noatime out of /etc/fstab, or ${OTHER_DRIVERS}`,
      details: { path: folder, mount_point: point },
    },
  );
}

/** @throws ConfigError CONFIG_DRIVER where the file system keeps no user attributes */
export function refuseWithoutAttributes(folder: string, attributes: UserAttributes): void {
  if (onPath('read attributes of', folder, () => attributes.areKeptIn(folder))) return;
  throw new ConfigError(
    'CONFIG_DRIVER',
    `Cannot use image_cache_driver "xattr" on ${JSON.stringify(folder)}: its file system keeps no user attributes`,
    {
      hint: `On such a file system glance-api itself falls back to the driver sqlite, with a warning in its log: set image_cache_driver = sqlite for both, or ${OTHER_DRIVERS}`,
      details: { path: folder },
    },
  );
}
