/**
 * Which proxy a request takes: the variables that curl, Python and Go know, with their meaning. HTTPS never takes the
 * proxy meant for HTTP: it may not be able to.
 */
import { BlockList, isIP } from 'node:net';
import { ConfigError } from '../errors/cache-error.ts';

/** What the environment says about proxies. An empty text is none. */
export interface ProxySettings {
  /** For http URLs. */
  readonly http: string | undefined;
  /** For https URLs. */
  readonly https: string | undefined;
  /** Hosts to be asked directly: names with their sub-domains, addresses, networks, each with a port or without; or `*`. */
  readonly noProxy: string | undefined;
}

/** No proxy at all. */
export const NO_PROXIES: ProxySettings = { http: undefined, https: undefined, noProxy: undefined };

/** The proxies an environment names; a variable in lower case beats the other, even when it is empty. */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  return {
    http: env['http_proxy'] ?? env['HTTP_PROXY'],
    https: env['https_proxy'] ?? env['HTTPS_PROXY'],
    noProxy: env['no_proxy'] ?? env['NO_PROXY'],
  };
}

/**
 * The proxy for a URL.
 *
 * @returns undefined where the host is to be asked directly
 * @throws ConfigError CONFIG_VALUE when the proxy cannot be used
 */
export function proxyFor(url: URL, proxies: ProxySettings): URL | undefined {
  const isSecure = url.protocol === 'https:';
  const text = (isSecure ? proxies.https : proxies.http)?.trim() ?? '';
  if (text === '' || isExempt(url, proxies.noProxy ?? '')) return undefined;
  // "proxy:3128" is what many write, and the other programs take.
  const href = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(href) ? new URL(href) : undefined;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  const variable = isSecure ? 'https_proxy' : 'http_proxy';
  throw new ConfigError('CONFIG_VALUE', `Cannot use the proxy in ${variable}: it is no URL with http or https`, {
    hint: `Name the host in no_proxy, or set it to a URL: export ${variable}=http://proxy:3128`,
    details: { variable },
  });
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const entries = noProxy.toLowerCase().split(/[,\s]+/);
  return entries.some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    const { name, port: onlyPort } = splitPort(entry);
    if (onlyPort !== undefined && onlyPort !== port) return false;
    return isIP(host) === 0 ? isWithinDomain(host, name) : isWithinNetwork(host, name);
  });
}

/** Takes the port off, and the brackets of an IPv6 address; "::1" has no port. */
function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  const parts = /^\[(.*)\](?::(\d+))?$/.exec(entry) ?? /^([^:]*)(?::(\d+))?$/.exec(entry);
  return { name: parts?.[1] ?? entry, port: parts?.[2] };
}

function isWithinDomain(host: string, domain: string): boolean {
  const bare = domain.replace(/^\*?\./, '');
  return bare !== '' && (host === bare || host.endsWith(`.${bare}`));
}

/** Whether an address is this one, however it is written, or lies in this network. */
function isWithinNetwork(address: string, network: string): boolean {
  const [base = '', prefix] = network.split('/');
  const version = isIP(base);
  const bits = version === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || prefix === '' || !Number.isInteger(length) || length < 0 || length > bits) return false;
  const list = new BlockList();
  list.addSubnet(base, length, version === 6 ? 'ipv6' : 'ipv4');
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
