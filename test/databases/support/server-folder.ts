import { chmodSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder that servers and programs of any user can enter, with a path that is short enough for sockets. */
export function makeServerFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'glance-cache-tools-db-')));
  chmodSync(folder, 0o755);
  return folder;
}
