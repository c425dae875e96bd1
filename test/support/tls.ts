/**
 * Certificates for servers and clients of tests; test/fixtures/tls/README.md says how they were made.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and its key, in PEM, as servers and clients take them. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'tls');

/** Where a file of these lies: `ca.pem`, `client.pem`, `client.key`. */
export function tlsFile(name: string): string {
  return join(FOLDER, name);
}

function keyPair(name: string): KeyPair {
  return { key: readFileSync(tlsFile(`${name}.key`), 'utf8'), cert: readFileSync(tlsFile(`${name}.pem`), 'utf8') };
}

/** All are signed by `ca`, which no machine trusts by itself. */
export const TLS = {
  ca: readFileSync(tlsFile('ca.pem'), 'utf8'),
  /** For localhost, 127.0.0.1 and ::1. */
  localhost: keyPair('localhost'),
  /** For another name. */
  wrongName: keyPair('wrong-name'),
  /** For localhost, but no longer. */
  expired: keyPair('expired'),
  /** For a client. */
  client: keyPair('client'),
};
