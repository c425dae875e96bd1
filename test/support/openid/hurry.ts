import type { ServerResponse } from 'node:http';
import type { OpenIdProvider } from './provider.js';

/** Makes a provider let clients ask every tenth of a second whether somebody has confirmed a login. */
export function hurry(provider: OpenIdProvider): void {
  provider.intercept((request, response) => {
    if (request.url === '/device/auth') changeAnswer(response, (answer) => ({ ...answer, interval: 0.1 }));
    return false;
  });
}

/** Changes the JSON of the answer that is still to come. */
export function changeAnswer(
  response: ServerResponse,
  change: (answer: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): void {
  const end: (body: string) => ServerResponse = response.end.bind(response);
  const changed = (body: string): ServerResponse => {
    const text = JSON.stringify(change(JSON.parse(body) as Readonly<Record<string, unknown>>));
    response.setHeader('content-length', Buffer.byteLength(text));
    return end(text);
  };
  Object.assign(response, { end: changed });
}
