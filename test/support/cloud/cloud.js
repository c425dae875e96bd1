// A small cloud on the loopback: a Keystone and a Glance that speak as the real ones do, as far as the prefetcher
// listens. Plain JavaScript, so that the quickstart runs it as it is; cloud.d.ts tells tests its types.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { createGlance } from './glance.js';
import { createKeystone } from './keystone.js';

const DEFAULT_DOMAIN = { id: 'default', name: 'Default' };

/** Who there is unless somebody else is named: an admin, and a member of another project. */
const USERS = [
  {
    id: 'user-glance',
    name: 'glance',
    password: 'open sesame',
    domain: DEFAULT_DOMAIN,
    projects: [{ id: 'project-service', name: 'service', domain: DEFAULT_DOMAIN, roles: ['admin', 'service'] }],
  },
  {
    id: 'user-demo',
    name: 'demo',
    password: 'demo-secret',
    domain: DEFAULT_DOMAIN,
    projects: [{ id: 'project-demo', name: 'demo', domain: DEFAULT_DOMAIN, roles: ['member'] }],
  },
];

/**
 * Starts a cloud on free ports.
 *
 * @param {import('./cloud.d.ts').CloudOptions} options
 * @returns {Promise<import('./cloud.d.ts').Cloud>}
 */
export async function startCloud(options = {}) {
  const requests = [];
  const interceptors = new Set();
  const hear = (service) => listen(service, { requests, interceptors, tls: options.tls?.[service] });
  const servers = { keystone: await hear('keystone'), glance: await hear('glance') };
  const keystone = createKeystone({
    users: options.users ?? USERS,
    applicationCredentials: options.applicationCredentials ?? [],
    federation: options.federation,
    tokenLifeSec: options.tokenLifeSec ?? 3600,
    clockSkewSec: options.clockSkewSec ?? 0,
    keystoneUrl: servers.keystone.url,
    glanceUrl: servers.glance.url,
  });
  const glance = createGlance({ images: options.images ?? [], pageSize: options.pageSize ?? 25, keystone });
  servers.keystone.answer = keystone.answer;
  servers.glance.answer = glance.answer;
  return {
    keystoneUrl: servers.keystone.url,
    glanceUrl: servers.glance.url,
    requests,
    images: glance.images,
    issueToken: keystone.issueToken,
    revokeTokens: keystone.revokeTokens,
    intercept(interceptor) {
      interceptors.add(interceptor);
      return () => interceptors.delete(interceptor);
    },
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}

async function listen(service, { requests, interceptors, tls }) {
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on('request', async (incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://loopback');
    const { method = '', headers } = incoming;
    const request = { service, method, path: pathname, query: searchParams, headers, body: await text(incoming) };
    requests.push(request);
    response.setHeader('x-openstack-request-id', `req-${requests.length}`);
    try {
      for (const interceptor of interceptors) if (await interceptor(request, response)) return;
      await self.answer(request, response);
    } catch (error) {
      // Whoever drives the cloud sees it on standard error; the client sees what a broken server gives it.
      console.error(error);
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${server.address().port}`,
    answer: undefined,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return self;
}
