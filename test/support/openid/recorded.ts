import type { HttpRequest, Transport } from '../../../src/http/transport.ts';

/** A transport, and what went over it. */
export interface RecordedTransport extends Transport {
  readonly requests: readonly HttpRequest[];
  /** The fields of the forms that were sent to a URL, in order. */
  formsTo(url: string): readonly Readonly<Record<string, string>>[];
}

/** Keeps what goes over a transport. */
export function recorded(transport: Transport): RecordedTransport {
  const requests: HttpRequest[] = [];
  return {
    requests,
    formsTo: (url) =>
      requests
        .filter((request) => request.url === url)
        .map(({ body }) => Object.fromEntries(new URLSearchParams(body)) as Readonly<Record<string, string>>),
    send(request, signal) {
      requests.push(request);
      return transport.send(request, signal);
    },
    close: () => transport.close(),
  };
}
