import { describe, expect, test } from 'vitest';
import { parseAuthUrl } from '../../../src/keystone/auth-url.ts';
import { discoverVersion3, findVersion3, parseVersions } from '../../../src/keystone/discovery.ts';
import { adminOf } from '../../support/cloud/credentials.ts';
import { reset, send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const server = useHttpServer();
const transport = useTransports();

function discover(authType: string, keystoneUrl: string): Promise<string> {
  const credentials = adminOf({ keystoneUrl }, { authType });
  return discoverVersion3(credentials, parseAuthUrl(credentials), { transport: transport(), signal: NO_SIGNAL });
}

const versionsAt = (href: string) => ({
  versions: {
    values: [
      { id: 'v2.0', status: 'deprecated', links: [{ rel: 'self', href: 'http://k:5000/v2.0/' }] },
      { id: 'v3.14', status: 'stable', links: [{ rel: 'describedby' }, { rel: 'self', href }] },
    ],
  },
});

describe('discoverVersion3() without a question', () => {
  test.each([
    ['v3password', '', '/v3'],
    ['v3password', '/', '/v3'],
    ['v3password', '/v3', '/v3'],
    ['v3password', '/v3/', '/v3'],
    ['v3password', '/v3//', '/v3'],
    ['v3password', '/v2.0', '/v3'],
    ['v3token', '/identity', '/identity/v3'],
    ['v3applicationcredential', '/identity/v3/', '/identity/v3'],
    ['password', '/v3', '/v3'],
    ['password', '/v3/', '/v3'],
    ['password', '/identity/v3', '/identity/v3'],
    ['password', '/v2.0', '/v3'],
    ['token', '/identity/v2.0/', '/identity/v3'],
  ])('for %s takes "%s" as "%s"', async (authType, path, found) => {
    expect(await discover(authType, `http://127.0.0.1:1${path}`)).toBe(`http://127.0.0.1:1${found}`);
  });
});

describe('discoverVersion3() with a question', () => {
  test.each([200, 203, 300])('follows the list of an answer with status %i', async (status) => {
    server().answerWith(sendJson(status, versionsAt(`${server().origin}/elsewhere/v3/`)));
    expect(await discover('password', `${server().origin}/identity/`)).toBe(`${server().origin}/elsewhere/v3`);
    expect(server().onlyRequest).toMatchObject({ method: 'GET', url: '/identity/' });
    expect(server().onlyRequest.headers).not.toHaveProperty('x-auth-token');
  });

  test.each([
    ['is missing', send(404, 'not here')],
    ['is forbidden', send(403)],
    ['is a page', send(200, '<html></html>')],
    ['has no versions', sendJson(200, { hello: 'world' })],
    ['is no object', sendJson(200, ['v3'])],
  ])('appends /v3 when the list %s', async (_what, answer) => {
    server().answerWith(answer);
    expect(await discover('password', `${server().origin}/identity`)).toBe(`${server().origin}/identity/v3`);
  });

  test('throws RemoteError when Keystone has no version 3', async () => {
    server().answerWith(sendJson(300, { versions: { values: versionsAt('').versions.values.slice(0, 1) } }));
    expect(await rejectionOf(discover('password', server().origin))).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: `Cannot log in at "${server().origin}/": it offers no version 3 of Keystone's API`,
    });
  });

  test('throws a transient RemoteError when Keystone is busy', async () => {
    server().answerWith(send(503, '', { 'retry-after': '7' }));
    expect(await rejectionOf(discover('token', server().origin))).toMatchObject({
      code: 'REMOTE_STATUS',
      isTransient: true,
      retryAfterSec: 7,
    });
  });

  test('throws RemoteError when nobody answers', async () => {
    server().answerWith(reset());
    expect(await rejectionOf(discover('password', server().origin))).toMatchObject({ code: 'REMOTE_CUT' });
  });
});

describe('findVersion3()', () => {
  const find = (href: string, authUrl: string) =>
    findVersion3(parseVersions(JSON.stringify(versionsAt(href))), new URL(authUrl));

  test.each([
    ['http://k:5000/v3/', 'http://k:5000', 'http://k:5000/v3'],
    ['http://k/identity/v3/', 'https://k/identity', 'https://k/identity/v3'],
    ['http://k/keystone/v3', 'https://k/', 'https://k/keystone/v3'],
    ['http://10.0.0.1:5000/v3/', 'https://k/identity', 'https://k/identity/v3'],
    ['http://10.0.0.1:5000/internal/v3/', 'https://k/identity/', 'https://k/identity/v3'],
    ['http://k:35357/other/v3/', 'http://k:5000/identity', 'http://k:5000/identity/v3'],
    ['v3', 'https://k/identity', 'https://k/identity/v3'],
    ['/v3/', 'https://k/identity', 'https://k/v3'],
    ['https://k/nonsense', 'https://k/identity', 'https://k/identity/v3'],
    ['http://[', 'https://k/identity', 'https://k/identity/v3'],
  ])('takes the link %s at %s for %s', (href, authUrl, found) => {
    expect(find(href, authUrl)).toBe(found);
  });

  test.each([
    ['stable', true],
    ['CURRENT', true],
    ['supported', true],
    ['deprecated', true],
    ['experimental', false],
    [undefined, false],
  ])('knows whether the status %s can be used', (status, usable) => {
    const found = findVersion3([{ id: 'v3.0', status, links: [] }], new URL('http://k:5000'));
    expect(found).toBe(usable ? 'http://k:5000/v3' : undefined);
  });

  test.each([
    { versions: { values: [{ id: 'v3.1', status: 'stable' }] } },
    { versions: [{ id: 'v3', status: 'stable', links: 'none' }] },
    { version: { id: 'v3.14', status: 'stable', links: [null, { rel: 'self', href: 3 }] } },
  ])('does without links in %j', (document) => {
    const versions = parseVersions(JSON.stringify(document));
    expect(findVersion3(versions, new URL('http://k:5000/'))).toBe('http://k:5000/v3');
  });

  test.each(['v2.0', 'v30', 'v3x', '3'])('does not take %s for version 3', (id) => {
    expect(findVersion3([{ id, status: 'stable' }], new URL('http://k:5000'))).toBeUndefined();
  });
});
