/**
 * What is an IP address. Few runs meet one, and node:net brings all of Node's streams with it, which is a tenth of what
 * an empty Node takes to start: it is loaded at the first question.
 */
import { getBuiltinModule } from 'node:process';

/** Whether a text is an IPv4 address with four decimal parts. */
export function isIPv4(text: string): boolean {
  return getBuiltinModule('node:net').isIPv4(text);
}

/** Whether a text is an IPv6 address without brackets; Node takes a zone such as `%eth0` for a part of it. */
export function isIPv6(text: string): boolean {
  return getBuiltinModule('node:net').isIPv6(text);
}
