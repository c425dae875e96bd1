import { afterEach } from 'vitest';
import { NO_PROXIES } from '../../src/http/proxies.ts';
import type { TlsSettings } from '../../src/http/tls-settings.ts';
import type { HttpRequest, Transport } from '../../src/http/transport.ts';
import { createTransport, type TransportOptions } from '../../src/http/undici-transport.ts';

/** TLS as it is where nobody sets anything. */
export const DEFAULT_TLS: TlsSettings = { ca: undefined, cert: undefined, key: undefined, insecure: false };

/** A signal that is never aborted. */
export const NO_SIGNAL = new AbortController().signal;

/**
 * Makes real transports, without proxies and with a second's patience for a standstill; all are closed after each test.
 */
export function useTransports(): (options?: Partial<TransportOptions>) => Transport {
  const transports: Transport[] = [];
  afterEach(async () => {
    for (const transport of transports.splice(0)) await transport.close();
  });
  return (options = {}) => {
    const transport = createTransport({
      tls: DEFAULT_TLS,
      proxies: NO_PROXIES,
      timeouts: { connectSec: 5, headersSec: 5, stallSec: 1 },
      userAgent: 'glance-cache-tools/test',
      ...options,
    });
    transports.push(transport);
    return transport;
  };
}

/** A GET. */
export function get(url: string, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  return { method: 'GET', url, headers };
}
