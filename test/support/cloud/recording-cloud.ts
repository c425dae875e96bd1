import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request of a login, without what two clients may do differently. */
export interface RecordedRequest {
  readonly method: string;
  /** Below the caller's own folder, decoded. */
  readonly path: string;
  /** Those that say who asks, and the type of the body without its parameters. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as its value, a form as its fields in the order of their names. */
  readonly body: unknown;
}

const TOKEN = 'scoped-token';

const DEVICE = {
  device_code: 'device-1',
  user_code: 'USER-CODE',
  verification_uri: 'http://127.0.0.1/activate',
  expires_in: 60,
  interval: 1,
};

/**
 * A Keystone, an identity provider and a Glance that take everything from everybody, and remember what was asked. Each
 * caller has a folder of its own, so that many can be told apart: the requests to `urlOf('x')` are those of `x`.
 */
export class RecordingCloud {
  readonly #server: Server;
  readonly #requests = new Map<string, RecordedRequest[]>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** Starts one. */
  static async start(): Promise<RecordingCloud> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RecordingCloud(server);
  }

  /** Where a caller finds everything; without a slash at the end. */
  urlOf(caller: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${caller}`;
  }

  /** What a caller has asked. That Keystone was asked for its versions is left out: not every client needs to. */
  requestsOf(caller: string): readonly RecordedRequest[] {
    return this.#requests.get(caller) ?? [];
  }

  /** Closes it, with all connections. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/' } = request;
    const body = await text(request);
    const [, caller = '', ...rest] = url.split('/');
    const path = `/${rest.join('/')}`;
    const isVersions = method === 'GET' && path.startsWith('/identity');
    if (!isVersions) {
      const headers = headersOf(request);
      const recorded = { method, path: decodeURIComponent(path), headers, body: bodyOf(headers['content-type'], body) };
      const requests = this.#requests.get(caller) ?? [];
      requests.push(recorded);
      this.#requests.set(caller, requests);
    }
    const { status, value, token } = answerTo(path, this.urlOf(caller));
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { 'x-subject-token': token }),
    });
    response.end(JSON.stringify(value));
  }
}

interface Answer {
  readonly status: number;
  readonly value: unknown;
  readonly token?: string;
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const { authorization, 'x-auth-token': token, 'content-type': type } = headers;
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(token === undefined ? {} : { 'x-auth-token': String(token) }),
    ...(type === undefined ? {} : { 'content-type': type.replace(/;.*/, '') }),
  };
}

function bodyOf(type: string | undefined, body: string): unknown {
  if (type === 'application/json') return JSON.parse(body);
  if (type !== 'application/x-www-form-urlencoded') return body;
  return [...new URLSearchParams(body)].sort(([one], [other]) => (one < other ? -1 : 1));
}

function answerTo(path: string, base: string): Answer {
  if (path.startsWith('/provider/document')) return { status: 200, value: documentOf(base) };
  if (path.startsWith('/provider/device')) return { status: 200, value: DEVICE };
  if (path.startsWith('/provider/')) {
    return { status: 200, value: { access_token: 'bearer-1', id_token: 'id.token.1', token_type: 'Bearer' } };
  }
  if (path.includes('/OS-FEDERATION/')) return { status: 201, value: tokenOf(undefined), token: 'unscoped-token' };
  if (path.endsWith('/auth/tokens')) return { status: 201, value: tokenOf(base), token: TOKEN };
  if (path.startsWith('/identity')) return { status: 300, value: versionsOf(base) };
  return { status: 404, value: {} };
}

function documentOf(base: string): unknown {
  return {
    issuer: `${base}/provider`,
    token_endpoint: `${base}/provider/token`,
    device_authorization_endpoint: `${base}/provider/device`,
    grant_types_supported: [
      'password',
      'client_credentials',
      'authorization_code',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
  };
}

function versionsOf(base: string): unknown {
  const links = [{ rel: 'self', href: `${base}/identity/v3/` }];
  return { versions: { values: [{ id: 'v3.14', status: 'stable', links }] } };
}

/** @param base none for a token that is for no project */
function tokenOf(base: string | undefined): unknown {
  const endpoint = (name: string, region: string) => ({
    id: `${name}-${region}`,
    interface: name,
    region,
    region_id: region,
    url: `${base}/glance-${name}-${region}`,
  });
  const endpoints = ['R1', 'R2'].flatMap((region) =>
    ['admin', 'internal', 'public'].map((name) => endpoint(name, region)),
  );
  const catalog = [{ type: 'image', name: 'glance', id: 'image-1', endpoints }];
  return {
    token: {
      methods: ['password'],
      expires_at: '2099-01-01T00:00:00.000000Z',
      issued_at: '2026-01-01T00:00:00.000000Z',
      user: { id: 'u', name: 'u', domain: { id: 'd', name: 'D' } },
      ...(base === undefined
        ? {}
        : { project: { id: 'p', name: 'p', domain: { id: 'd', name: 'D' } }, roles: [], catalog }),
    },
  };
}
