/**
 * The files of TLS: authorities to trust, and what this program identifies itself with. They are read and looked through
 * here, because undici tells about a bad one only in the middle of a run, and not which.
 */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ConfigError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import type { TlsSettings } from '../http/tls-settings.ts';
import { ValueError } from '../settings/option.ts';
import { quoteValue } from '../settings/quote-value.ts';
import { boolean } from '../settings/types/boolean.ts';
import { type PathBase, readSmallFile, resolvePath } from './read-file.ts';
import type { GivenOptions, GivenValue } from './source.ts';

/** The settings of TLS, with remarks. */
export interface ReadTls {
  readonly tls: TlsSettings;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Reads the files of TLS that the options name.
 *
 * @throws ConfigError CONFIG_TLS for a file that is missing, unreadable or not what it should be, and for a switch that
 * is neither on nor off
 */
export function readTls(given: GivenOptions, base: PathBase): ReadTls {
  const { insecure, authorities, notes } = chooseTrust(given);
  const cert = given.get('cert');
  const key = given.get('key');
  const warnings: string[] = [];
  if (insecure !== undefined && authorities !== undefined) {
    warnings.push(`${authorities.origin} is ignored: ${insecure.origin} has any certificate accepted`);
  }
  if (key !== undefined && cert === undefined) {
    warnings.push(`${key.origin} is ignored: there is no certificate that it could be the key of`);
  }
  const ca = insecure === undefined && authorities !== undefined ? readAuthorities(authorities, base) : undefined;
  const identity = cert === undefined ? undefined : readIdentity(cert, key ?? cert, base);
  return {
    tls: { ca, cert: identity?.cert, key: identity?.key, insecure: insecure !== undefined },
    warnings,
    notes: insecure === undefined ? notes : [...notes, `Certificates are not verified: ${insecure.origin}`],
  };
}

interface Trust {
  /** What asks to accept any certificate. */
  readonly insecure: GivenValue | undefined;
  readonly authorities: GivenValue | undefined;
  readonly notes: readonly string[];
}

/**
 * `verify` is false, true, or, as the Python package requests has it, the path of the authorities. openstacksdk takes a
 * "false" in quotes, or `OS_VERIFY=false`, for such a path, and of `OS_INSECURE` nothing but "true", so that 1 has no
 * effect: whoever writes either means it.
 */
function chooseTrust(given: GivenOptions): Trust {
  const authorities = given.get('cacert');
  const insecure = given.get('insecure');
  if (insecure !== undefined && parseSwitch(insecure)) return { insecure, authorities, notes: [] };
  const verify = given.get('verify');
  if (verify === undefined) return { insecure: undefined, authorities, notes: [] };
  const isOn = switchOf(verify.text);
  if (isOn === false) return { insecure: verify, authorities, notes: [] };
  if (isOn === true || authorities !== undefined) return { insecure: undefined, authorities, notes: [] };
  return { insecure: undefined, authorities: verify, notes: [`${verify.origin} is taken for a file of authorities`] };
}

function parseSwitch(value: GivenValue): boolean {
  const isOn = switchOf(value.text);
  if (isOn !== undefined) return isOn;
  throw new ConfigError(
    'CONFIG_TLS',
    `Cannot use ${value.origin}: ${quoteValue(value.text)} is neither true nor false`,
    {
      hint: `Write true to accept any certificate, as --insecure does, or leave it out`,
      details: { option: value.origin },
    },
  );
}

function switchOf(text: string): boolean | undefined {
  try {
    return boolean.parse(text.trim());
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}

function readAuthorities(value: GivenValue, base: PathBase): string {
  const file = readPem(value, base);
  // One of them is looked at: a whole bundle would take longer than all else that is done at the start.
  parsePem(file, 'certificate', () => new X509Certificate(file.pem));
  return file.pem;
}

function readIdentity(
  cert: GivenValue,
  key: GivenValue,
  base: PathBase,
): { readonly cert: string; readonly key: string } {
  const certFile = readPem(cert, base);
  const certificate = parsePem(certFile, 'certificate', () => new X509Certificate(certFile.pem));
  const keyFile = key === cert ? certFile : readPem(key, base);
  const privateKey = parseKey(keyFile);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw tlsError(keyFile, {
      state: `it is not the key of the certificate in ${quoteValue(certFile.path)}`,
      hint: `Give the certificate and the key that were made together; whom it is for: openssl x509 -noout -subject -in ${shellWord(certFile.path)}`,
    });
  }
  return { cert: certFile.pem, key: keyFile.pem };
}

interface PemFile {
  readonly origin: string;
  readonly path: string;
  readonly pem: string;
}

function readPem({ text, origin }: GivenValue, base: PathBase): PemFile {
  const path = resolvePath(text.trim(), base);
  const content = readSmallFile(path);
  if (content.kind === 'text') return { origin, path, pem: content.text };
  const hint =
    content.kind === 'missing'
      ? `Check the path; a relative one starts where the program is started: ls -l ${shellWord(path)}`
      : `Name one file in PEM that this user may read, for the authorities of the system /etc/ssl/certs/ca-certificates.crt; who may: ls -ld ${shellWord(path)}`;
  throw tlsError({ origin, path }, { state: content.reason, hint });
}

function parsePem<T>(file: PemFile, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    // OpenSSL's words help nobody, and its errors are not of a kind that could be told from others.
    throw tlsError(file, {
      state: `there is no ${what} in PEM in it`,
      hint: `A ${what} in PEM begins with "-----BEGIN"; another form becomes one with: openssl ${what === 'certificate' ? 'x509' : 'pkey'} -inform der -in ${shellWord(file.path)} -out ${shellWord(`${file.path}.pem`)}`,
    });
  }
}

function parseKey(file: PemFile): KeyObject {
  if (/^(?:-----BEGIN ENCRYPTED |Proc-Type:.*ENCRYPTED)/m.test(file.pem)) {
    throw tlsError(file, {
      state: 'the key in it is encrypted, and nobody is there to be asked for the passphrase',
      hint: `Store it without one, readable by this user only: (umask 077; openssl pkey -in ${shellWord(file.path)} -out ${shellWord(`${file.path}.plain`)})`,
    });
  }
  return parsePem(file, 'private key', () => createPrivateKey(file.pem));
}

function tlsError(
  { origin, path }: Pick<PemFile, 'origin' | 'path'>,
  { state, hint }: { readonly state: string; readonly hint: string },
): ConfigError {
  return new ConfigError('CONFIG_TLS', `Cannot use ${origin}: ${quoteValue(path)}: ${state}`, {
    hint,
    details: { option: origin, file: path },
  });
}
