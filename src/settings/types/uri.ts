import { isIPv6 } from '../../text/ip-address.ts';
import { type OptionType, ValueError } from '../option.ts';

/**
 * URIs. No option of the cache itself is one. They are here because keystoneauth's sections of the same files are full of
 * them: `auth_url`, `endpoint_override`. The checks are those of the Python package rfc3986 as oslo.config calls it,
 * stricter than URL parsers about the host and laxer about the rest.
 */

/** What a URI may start with. */
export interface UriTraits {
  /** The valid schemes, in lower case; any when absent. Case counts: `HTTP` is not `http`. */
  readonly schemes?: readonly string[];
}

/** Anything behind the authority is a path, a query or a fragment. A backslash ends an authority as a slash does. */
const URI = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^\\/?#]*))?([^?#]*)/i;

/** User, host and port. Empty hosts pass, the colon before a port may be missing, and Python's `$` lets a line end pass. */
const AUTHORITY =
  /^(?:(?:[\w.~!$&'()*+,;=:-]|%[\da-f]{2})+@)?(?:\[([^\]]*)\]|((?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)):?\d{0,5}\n?$/i;

const DOTTED_QUAD = /^(?:\d{1,3}\.){3}\d{1,3}$/;
const DOTTED_QUAD_AT_END = /(?<=:)(?:\d{1,3}\.){3}\d{1,3}$/;

/** The address in brackets, before the zone by RFC 6874 if there is one. */
const ADDRESS_AND_ZONE = /^([^%]*)(?:%25(?:[\w.~-]|%[\dA-Fa-f]{2})+)?$/;
const FUTURE_ADDRESS = /^v[\dA-Fa-f]+\.[\w.~!$&'()*+,;=:-]+$/;

/** oslo.config's URI: it must have a scheme and a host. The value is the text as it is written. */
export function uri({ schemes = [] }: UriTraits = {}): OptionType<string> {
  return {
    expects: `a URI with ${schemes.length === 0 ? 'a scheme' : `the scheme ${schemes.join(' or ')}`} and a host`,
    parse(text) {
      const [, scheme, authority = '', path = ''] = URI.exec(text) ?? [];
      if (scheme === undefined) throw new ValueError('has no scheme');
      if (authority === '') throw new ValueError('has no host', hostHint(text));
      if (!isAuthority(authority)) throw new ValueError('has a host or port that is not valid');
      // All other characters that must not be there are percent-encoded before the check.
      if (/[[\]]/.test(path)) throw new ValueError('has a square bracket in its path', 'Write %5B for [ and %5D for ]');
      if (schemes.length > 0 && !schemes.includes(scheme))
        throw new ValueError('has a scheme that is not among the valid ones', schemeHint(scheme, schemes));
      return text;
    },
  };
}

function isAuthority(authority: string): boolean {
  const match = AUTHORITY.exec(authority);
  if (match === null) return false;
  const [, literal, name = ''] = match;
  if (literal !== undefined) return isAddress(literal);
  return !DOTTED_QUAD.test(name) || name.split('.').every((byte) => Number(byte) <= 255);
}

function isAddress(literal: string): boolean {
  const address = ADDRESS_AND_ZONE.exec(literal)?.[1];
  // The four bytes at the end of an IPv6 address are not held to 255 there.
  const isVersion6 = address !== undefined && isIPv6(address.replace(DOTTED_QUAD_AT_END, '0:0'));
  return isVersion6 || FUTURE_ADDRESS.test(literal);
}

/** `keystone:5000` has the scheme `keystone`. */
function hostHint(text: string): string | undefined {
  return text.includes('://') ? undefined : 'Write scheme, colon, two slashes and host: https://example.org';
}

function schemeHint(scheme: string, schemes: readonly string[]): string | undefined {
  const meant = scheme.toLowerCase();
  return schemes.includes(meant) ? `Write ${meant} in lower case` : undefined;
}
