/**
 * Parts of the program are loaded where they are used, after root's rights were given up: the cache's owner must be
 * able to read them.
 */
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CacheLayout } from '../cache/layout.ts';
import { ConfigError } from '../errors/cache-error.ts';
import { hasErrno } from '../errors/errno.ts';
import type { Rights } from './rights.ts';

/** @throws ConfigError CONFIG_INSTALL when the owner of the cache may not read the program, as below root's home */
export function refuseUnreadableProgram(rights: Rights, { root }: Pick<CacheLayout, 'root'>): void {
  if (!rights.hasSteppedDown) return;
  const path = fileURLToPath(import.meta.url);
  try {
    closeSync(openSync(path, 'r'));
  } catch (error) {
    if (!hasErrno(error, 'EACCES')) throw error;
    throw new ConfigError(
      'CONFIG_INSTALL',
      `Cannot work as root on ${JSON.stringify(root)}: its owner, whose rights are taken, may not read the program in ${JSON.stringify(dirname(path))}`,
      {
        hint: 'Install the package where every user may read it: sudo npm install --global --prefix /usr/local glance-cache-tools',
        cause: error,
      },
    );
  }
}
