/**
 * What TLS asks for, with its files read.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getBuiltinModule } from 'node:process';
import { ConfigError } from '../errors/cache-error.ts';
import { describeErrno, isSystemError } from '../errors/errno.ts';
import { shellWord } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import type { TlsWish } from './database-target.ts';

/** What both packages hand to Node's TLS. */
export interface TlsMaterial {
  /** Whether a certificate that nobody vouches for ends the connection. */
  readonly rejectUnauthorized: boolean;
  /** Whether the certificate has to be one of the host. */
  readonly verifyIdentity: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly ciphers?: string;
}

/** Certificates in a folder, as `c_rehash` leaves them. */
const CERTIFICATE = /\.(?:pem|crt|cer|\d+)$/;

/**
 * Reads the files.
 *
 * @throws ConfigError CONFIG_TLS
 */
export function readTlsMaterial(wish: TlsWish): TlsMaterial {
  const ca = [
    ...(wish.caFile === undefined ? [] : [readFile('CA certificate', wish.caFile)]),
    ...(wish.caFolder === undefined ? [] : readFolder(wish.caFolder)),
  ];
  // PyMySQL takes a certificate with its key in one file.
  const keyFile = wish.keyFile ?? wish.certFile;
  const material = {
    rejectUnauthorized: wish.mode === 'verify-ca' || wish.mode === 'verify-full',
    verifyIdentity: wish.mode === 'verify-full',
    ...(ca.length > 0 && { ca: ca.join('\n') }),
    ...(wish.certFile !== undefined && { cert: readFile('certificate', wish.certFile) }),
    ...(keyFile !== undefined && { key: readFile('key', keyFile) }),
    ...(wish.keyPassword !== undefined && { passphrase: wish.keyPassword }),
    ...(wish.ciphers !== undefined && { ciphers: wish.ciphers }),
  };
  refuseUnusable(material);
  return material;
}

/** Found out here: in the middle of a handshake nobody would hear of it. */
function refuseUnusable(material: TlsMaterial): void {
  try {
    getBuiltinModule('node:tls').createSecureContext(material);
  } catch (error) {
    const text = printable(error instanceof Error ? error.message : String(error));
    throw new ConfigError('CONFIG_TLS', `Cannot use the TLS parameters of the database: ${text}`, {
      hint: 'They are in PEM form, and a key belongs to its certificate: check the files in [database] connection: glance-cache-manage config | grep -w connection',
      cause: error,
    });
  }
}

function readFolder(folder: string): readonly string[] {
  return guarded('folder of CA certificates', folder, () => {
    const names = readdirSync(folder).filter((name) => CERTIFICATE.test(name));
    return names.map((name) => readFileSync(join(folder, name), 'utf8'));
  });
}

function readFile(what: string, path: string): string {
  return guarded(what, path, () => readFileSync(path, 'utf8'));
}

function guarded<T>(what: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new ConfigError(
      'CONFIG_TLS',
      `Cannot read the ${what} ${JSON.stringify(path)} of the database: ${describeErrno(error)}`,
      {
        hint: `Correct the path in [database] connection, or let the user that glance-api runs as read the file: sudo setfacl -m u:glance:r ${shellWord(path)}`,
        details: { path },
        cause: error,
      },
    );
  }
}
