import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../../support/run-program.ts';
import { TLS } from '../../support/tls.ts';

/** Puts a certificate for localhost and 127.0.0.1, and its authority, where a server is; it alone may read the key. */
export function placeTlsFiles(folder: string, { uid, gid }: Identity): void {
  const files = { 'server.pem': TLS.localhost.cert, 'server.key': TLS.localhost.key, 'ca.pem': TLS.ca };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: name === 'server.key' ? 0o600 : 0o644 });
    chownSync(path, uid, gid);
  }
}
