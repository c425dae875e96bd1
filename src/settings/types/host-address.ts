import { isIPv4, isIPv6 } from '../../text/ip-address.ts';
import { type OptionType, ValueError } from '../option.ts';

/** One part of a host name between dots. */
const LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

/** oslo.config's host address: an IPv4 or IPv6 address without brackets, or a name by RFC 1123. */
export const hostAddress: OptionType<string> = {
  expects: 'an IP address or a host name',
  parse: parseHostAddress,
  referenced: parseHostAddress,
};

function parseHostAddress(text: string): string {
  // Node takes a zone ("fe80::1%eth0") for a part of the address, Python does not.
  if (isIPv4(text) || (isIPv6(text) && !text.includes('%'))) return text;
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const labels = name.split('.');
  // A last label of digits alone would be a mistyped IPv4 address.
  const hasNameAtEnd = /[A-Za-z-]/.test(labels.at(-1) ?? '');
  if (text.length <= 253 && hasNameAtEnd && labels.every((label) => LABEL.test(label))) return name;
  throw new ValueError('is not a valid host address', hostHint(text));
}

function hostHint(text: string): string | undefined {
  if (/^\[.*\]$/.test(text)) return 'Write an IPv6 address without brackets';
  return /^[a-z]+:\/\//i.test(text) ? 'Write the host alone, without a scheme and path' : undefined;
}
