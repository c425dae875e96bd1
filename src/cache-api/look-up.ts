/**
 * The addresses of a node's name: several of them may be several nodes.
 */
import { isIPv4, isIPv6 } from '../text/ip-address.ts';

/** Looks a name up. */
export type LookUp = (hostname: string) => Promise<readonly string[]>;

/** All addresses that this system knows a name by; none where the name is not known, which the request will tell. */
export const lookUpAddresses: LookUp = async (hostname) => {
  const { lookup } = await import('node:dns/promises');
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
};

/**
 * The addresses that may be those of several nodes. A node has one of each family, and may have one of the loopback
 * beside it, which Debian writes into /etc/hosts, or a local one of IPv6.
 *
 * @returns none where all may be of one node
 */
export function severalOf(addresses: readonly string[]): readonly string[] {
  const outer = [...new Set(addresses)].filter((address) => !/^(?:127\.|::1$|fe80:)/i.test(address));
  const families = [outer.filter(isIPv4), outer.filter(isIPv6)];
  return families.some(({ length }) => length > 1) ? outer : [];
}
