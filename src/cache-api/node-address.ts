/**
 * What `--host` takes: a name or an address, with a port or without, or a URL where a node speaks TLS or lies below a
 * path, as behind Apache's mod_wsgi. Pure.
 */
import { UsageError } from '../errors/cache-error.ts';
import { isIPv4, isIPv6 } from '../text/ip-address.ts';
import { printable } from '../text/printable.ts';

/** Where glance-api listens unless told otherwise. */
export const DEFAULT_PORT = 9292;

/** One node to ask. */
export interface NodeAddress {
  /** As it was given. */
  readonly host: string;
  /** Above the versions of the Image API, without a slash at the end: `http://node1:9292`, `https://node1/image`. */
  readonly url: string;
  /** The name or the address alone, without brackets. */
  readonly hostname: string;
}

// Names may have what DNS does not allow: /etc/hosts takes underscores.
const NAME = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?$/i;
const PARTS = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<authority>[^/?#]*)(?<path>.*)$/is;
const SHOWN_LENGTH = 100;

/**
 * The nodes that several `--host` name, each of them one or more with commas between.
 *
 * @param port of nodes that are given without one; 9292 unless given
 * @returns each node once, in the order given
 * @throws UsageError USAGE where one is no address, or there is none
 */
export function parseNodeAddresses(texts: readonly string[], port?: number): readonly NodeAddress[] {
  const nodes = new Map<string, NodeAddress>();
  for (const text of texts.flatMap((list) => list.split(',')).map((part) => part.trim())) {
    if (text === '') continue;
    const node = parseNodeAddress(text, port);
    if (!nodes.has(node.url)) nodes.set(node.url, node);
  }
  if (nodes.size === 0) throw notUsable(texts.join(','), 'it names no node');
  return [...nodes.values()];
}

/**
 * One node.
 *
 * @param defaultPort where the text has none; 9292 unless given
 * @throws UsageError USAGE
 */
export function parseNodeAddress(text: string, defaultPort?: number): NodeAddress {
  const { scheme = 'http', authority = '', path = '' } = PARTS.exec(text)?.groups ?? {};
  if (!/^https?$/i.test(scheme)) throw notUsable(text, 'a node speaks http or https');
  if (authority.includes('@')) throw notUsable(text, 'a user or a password is no part of it');
  if (/[?#]/.test(path)) throw notUsable(text, 'it has a query or a fragment');
  const { hostname, ownPort } = splitAuthority(text, authority);
  const prefix = prefixOf(path);
  // A path is that of a web server before Glance, which listens where its scheme does.
  const port = ownPort ?? defaultPort ?? (prefix === '' ? DEFAULT_PORT : undefined);
  const bracketed = isIPv6(hostname) ? `[${hostname}]` : hostname;
  const origin = `${scheme}://${bracketed}${port === undefined ? '' : `:${port}`}`;
  // The parser of URLs would take "1" for 0.0.0.1, and 0x7f.1 for 127.0.0.1.
  if (!URL.canParse(origin) || !isSameHost(new URL(origin).hostname, hostname)) throw notUsable(text, NO_ADDRESS);
  return { host: text, url: `${new URL(origin).origin}${prefix}`, hostname };
}

const NO_ADDRESS = 'it is neither a name, an IP address nor a URL';

function splitAuthority(
  text: string,
  authority: string,
): { readonly hostname: string; readonly ownPort: number | undefined } {
  // Without brackets nobody can tell the port of an IPv6 address from its end: all of it is the address.
  if (isIPv6(authority) && !authority.includes('%')) return { hostname: authority, ownPort: undefined };
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>[^:]*))?$/.exec(authority)?.groups;
  const { six, name = '', port } = parts ?? {};
  if (six !== undefined ? !isIPv6(six) || six.includes('%') : !(isIPv4(name) || NAME.test(name))) {
    throw notUsable(text, NO_ADDRESS);
  }
  if (port !== undefined && !isPort(port)) throw notUsable(text, `its port is no number from 1 to 65535`);
  return { hostname: six ?? name, ownPort: port === undefined ? undefined : Number(port) };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function isSameHost(parsed: string, hostname: string): boolean {
  return isIPv6(hostname) ? parsed.startsWith('[') : parsed === hostname.toLowerCase();
}

/** What is before the version, which many write along because the catalog of Keystone has it. */
function prefixOf(path: string): string {
  const { pathname } = new URL(`http://node${path}`);
  return pathname
    .replace(/\/+$/, '')
    .replace(/\/v2(?:\.\d+)?$/, '')
    .replace(/\/+$/, '');
}

function notUsable(text: string, state: string): UsageError {
  // Whoever writes a password into it does not want to read it.
  const shown = printable(text.replace(/^.*@/s, '').slice(0, SHOWN_LENGTH));
  return new UsageError('USAGE', `Cannot ask the node "${shown}": ${state}`, {
    hint: 'Write it as in "--host node1", or as node1:9292, 10.0.0.1, [2001:db8::1]:9292 or https://node1:9292/image',
    details: { host: shown },
  });
}
