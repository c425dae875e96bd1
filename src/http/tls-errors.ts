/**
 * What OpenSSL and Node hold against a certificate or a handshake, in words.
 */
import { THIS_COMMAND } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import type { Failure } from './errors.ts';

// X.509 results are listed in https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes
const TLS_CODE =
  /^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH$|EPROTO$|UNSPECIFIED$|UND_ERR_PRX_TLS$)/;

const UNKNOWN_AUTHORITY = [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'INVALID_CA',
];

// The first when plain HTTP comes, the second when what came looks even less like TLS.
const NOT_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'];

const NAMES_LENGTH = 120;

interface Told {
  readonly state: string;
  readonly hint: string;
}

/** Whether a code is one of a certificate or a handshake. */
export function isTlsCode(code: string): boolean {
  return TLS_CODE.test(code);
}

/** What such an error means. Trying again does not help. */
export function tlsFailure(error: Error, code: string, url: URL): Failure {
  return { code: 'REMOTE_TLS', ...told(error, code, url), isTransient: false };
}

/** The command that shows the certificate of a server. */
function certificateOf({ hostname, port }: URL): string {
  return `openssl s_client -connect ${hostname}:${port === '' ? 443 : port} </dev/null`;
}

function told(error: Error, code: string, url: URL): Told {
  if (UNKNOWN_AUTHORITY.includes(code)) {
    return {
      state: `its certificate comes from an authority that is not trusted (${code})`,
      hint: `Name the certificate of that authority with cafile, or trust any with --insecure; for those that this system trusts: ${THIS_COMMAND} --os-cacert /etc/ssl/certs/ca-certificates.crt`,
    };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      state: `its certificate ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'} (${code})`,
      hint: `Check the clock of this machine, with "date", and the certificate of the server, or trust any with --insecure: ${certificateOf(url)}`,
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return {
      state: `its certificate is for ${namesOf(error)}, not for ${url.hostname} (${code})`,
      hint: `Write the host in the URL as the certificate does, or trust any certificate with --insecure: ${certificateOf(url)}`,
    };
  }
  if (NOT_TLS.includes(code)) {
    return {
      state: `it does not speak TLS (${code})`,
      hint: `Check the port, and whether the URL begins with http://: curl -i http://${url.host}`,
    };
  }
  if (code.includes('_ALERT_')) {
    return {
      state: `the server ended the handshake (${code})`,
      hint: `It may want a certificate of this client, or another one: see certfile and keyfile, or --os-cert and --os-key: ${certificateOf(url)}`,
    };
  }
  return {
    state: `no secure connection could be made (${code})`,
    hint: `Check the certificate and the TLS settings of the server, or trust any certificate with --insecure: ${certificateOf(url)}`,
  };
}

/** The names in the certificate that Node adds to its error. */
function namesOf(error: Error): string {
  const cert: unknown = 'cert' in error ? error.cert : undefined;
  const names = typeof cert === 'object' && cert !== null && 'subjectaltname' in cert ? cert.subjectaltname : undefined;
  return typeof names === 'string' ? printable(names).slice(0, NAMES_LENGTH) : 'another name';
}
