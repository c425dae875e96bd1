/**
 * What a connection needs to know about TLS, made from the settings once for all connections.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError } from '../errors/cache-error.ts';
import type { TlsSettings } from './tls-settings.ts';

/** How connections are made secure, as `tls.connect` takes it. */
export interface TlsContext {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
}

/**
 * Where distributions keep the certificates that they trust: Debian, Red Hat, SUSE, Alpine. Node brings its own list and
 * does not look there, but a cloud's own authority is installed there, and the other OpenStack clients find it.
 */
export const AUTHORITY_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The certificates that this system trusts, in PEM; undefined for those that come with Node. */
export function systemAuthorities(files: readonly string[] = AUTHORITY_FILES): string | undefined {
  for (const file of files) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // Not this distribution; one that nobody may read is as good as none.
    }
  }
  return undefined;
}

/**
 * The context for connections to servers, with this client's certificate if it has one.
 *
 * @param authorities what to trust where the settings do not say
 * @throws ConfigError CONFIG_TLS
 */
export function tlsContext(tls: TlsSettings, authorities: () => string | undefined): TlsContext {
  // Whoever trusts anybody needs no list; a broken one is no reason to fail then.
  const ca = tls.insecure ? undefined : tls.ca === undefined ? authorities() : checkedAuthorities(tls.ca);
  // A certificate without a key comes in one file with it.
  const key = tls.key ?? tls.cert;
  const secureContext = orConfigError("this client's certificate and key", () =>
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(key === undefined ? {} : { key }),
    }),
  );
  return { secureContext, rejectUnauthorized: !tls.insecure };
}

/** OpenSSL takes a file without any certificate and trusts nobody then: the servers would be blamed. */
function checkedAuthorities(pem: string): string {
  orConfigError('the certificates to trust', () => new X509Certificate(pem));
  return pem;
}

function orConfigError<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no PEM';
    throw new ConfigError('CONFIG_TLS', `Cannot use ${what}: OpenSSL does not take them (${code})`, {
      hint: 'They are PEM, the key is without a passphrase and of that certificate: see what cafile, certfile and keyfile name: glance-cache-manage config | grep file',
      details: { openssl: code },
      cause: error,
    });
  }
}
