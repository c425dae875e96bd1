import { describe, expect, test } from 'vitest';
import { hashOf } from '../../support/cloud/contents.js';
import { DEMO, fixedAt } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { cutAfter, neverAnswer, redirect, send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL } from '../../support/transports.ts';
import { imageIdOf } from './image-ids.ts';
import { useGlance } from './use-glance.ts';

const startCloud = useClouds();
const server = useHttpServer();
const glanceOf = useGlance();

const ID = imageIdOf(1);
const IMAGE = { id: ID, name: 'debian', sizeBytes: 1000 };

const glanceAt = () => glanceOf({ keystoneUrl: '' }, fixedAt(server().origin));

function imageError(...answers: readonly Answer[]): Promise<unknown> {
  server().answerWith(...answers);
  return rejectionOf(glanceAt().glance.image(ID, NO_SIGNAL));
}

describe('Glance.image()', () => {
  test('tells an image, whatever its state', async () => {
    const cloud = await startCloud({ images: [IMAGE, { id: imageIdOf(2), status: 'queued', hidden: true }] });
    const { glance } = glanceOf(cloud);
    expect(await glance.image(ID, NO_SIGNAL)).toEqual({
      imageId: ID,
      name: 'debian',
      status: 'active',
      sizeBytes: 1000,
      digest: { algorithm: 'sha512', hex: hashOf('sha512', ID, 1000) },
    });
    expect(await glance.image(imageIdOf(2), NO_SIGNAL)).toMatchObject({ status: 'queued', sizeBytes: undefined });
    const asked = cloud.requests.filter(({ service }) => service === 'glance');
    expect(asked.map(({ path }) => path)).toEqual([`/v2/images/${ID}`, `/v2/images/${imageIdOf(2)}`]);
  });

  test('tells one without a checksum, and an empty one', async () => {
    const images = [{ ...IMAGE, digest: 'none' as const }, { id: imageIdOf(2) }];
    const { glance } = glanceOf(await startCloud({ images }));
    expect(await glance.image(ID, NO_SIGNAL)).toMatchObject({ digest: undefined });
    expect(await glance.image(imageIdOf(2), NO_SIGNAL)).toMatchObject({ sizeBytes: 0 });
  });

  test('raises NOT_FOUND_IMAGE for an admin when there is none', async () => {
    expect(await rejectionOf(glanceOf(await startCloud()).glance.image(ID, NO_SIGNAL))).toMatchObject({
      code: 'NOT_FOUND_IMAGE',
      exitCode: 6,
      message: `Cannot get image ${ID}: Glance does not know it`,
      hint: `It has been deleted, or never was in this cloud: check the ID and the region: openstack image show ${ID}`,
      details: { image_id: ID, status: 404 },
    });
  });

  test('raises NOT_FOUND_IMAGE with another hint when it may only be invisible', async () => {
    const cloud = await startCloud({ images: [{ ...IMAGE, visibility: 'private' }] });
    const { glance } = glanceOf(cloud, { auth: DEMO });
    expect(await glance.isAdmin(NO_SIGNAL)).toBe(false);
    expect(await rejectionOf(glance.image(ID, NO_SIGNAL))).toMatchObject({
      code: 'NOT_FOUND_IMAGE',
      hint: `It may only be invisible to this account: use an account with an admin role, or of the project that owns the image: openstack image show ${ID}`,
    });
  });

  test('raises NOT_FOUND_IMAGE with status 410', async () => {
    expect(await imageError(send(410), sendJson(200, { images: [] }))).toMatchObject({ code: 'NOT_FOUND_IMAGE' });
  });

  test.each([
    ['that knows no list either', send(404, '<h1>Not Found</h1>')],
    ['that offers versions', send(300)],
    ['that shows the same page for all', send(200, '<html>')],
    ['that lists something else', sendJson(200, { servers: [] })],
  ])('raises CONFIG_ENDPOINT for a 404 of a server %s', async (_what, list) => {
    expect(await imageError(send(404), list)).toMatchObject({
      code: 'CONFIG_ENDPOINT',
      message: `Cannot get image ${ID}: what answers at "${server().origin}/v2" is not the Image API (HTTP 404)`,
    });
    expect(server().requests.map(({ url }) => url)).toEqual([`/v2/images/${ID}`, '/v2/images?limit=1']);
  });

  test('looks once whether a 404 is from Glance', async () => {
    server().answerWith(send(404), sendJson(200, { images: [] }), send(404));
    const { glance } = glanceAt();
    expect(await rejectionOf(glance.image(ID, NO_SIGNAL))).toMatchObject({ code: 'NOT_FOUND_IMAGE' });
    expect(await rejectionOf(glance.image(ID, NO_SIGNAL))).toMatchObject({ code: 'NOT_FOUND_IMAGE' });
    expect(server().requests).toHaveLength(3);
  });

  test('does not look whether a 404 is from Glance that has told an image', async () => {
    server().answerWith(sendJson(200, { id: ID, status: 'active' }), send(404));
    const { glance } = glanceAt();
    await glance.image(ID, NO_SIGNAL);
    expect(await rejectionOf(glance.image(ID, NO_SIGNAL))).toMatchObject({ code: 'NOT_FOUND_IMAGE' });
    expect(server().requests).toHaveLength(2);
  });

  test('does not take a 404 of Keystone for the end of an image', async () => {
    const cloud = await startCloud();
    const { glance } = glanceOf(cloud, { endpoint: { override: cloud.keystoneUrl } });
    expect(await rejectionOf(glance.image(ID, NO_SIGNAL))).toMatchObject({ code: 'CONFIG_ENDPOINT' });
  });

  test('does not take a 404 for the end of an image when the list cannot be read', async () => {
    expect(await imageError(send(404), send(403))).toMatchObject({ code: 'AUTH_FORBIDDEN' });
  });

  test.each([
    [
      send(403, 'not for you', { 'x-openstack-request-id': 'req-1' }),
      'AUTH_FORBIDDEN',
      'the server says "not for you" (HTTP 403) (req-1)',
    ],
    [send(300), 'CONFIG_ENDPOINT', 'is not the Image API (HTTP 300)'],
    [send(400, 'what?'), 'REMOTE_STATUS', 'the server says "what?" (HTTP 400)'],
    [send(200, '{'), 'REMOTE_ANSWER', 'the answer is no JSON object'],
    [sendJson(200, [IMAGE]), 'REMOTE_ANSWER', 'the answer is no JSON object'],
    [sendJson(200, { id: imageIdOf(2) }), 'REMOTE_ANSWER', 'the answer is about another image'],
    [redirect(302, 'http://127.0.0.1:1/'), 'REMOTE_REDIRECT', 'where no token may go'],
  ])('tells case %#, and does not try again', async (answer, code, text) => {
    const error = await imageError(answer);
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) as string });
    expect(server().requests).toHaveLength(1);
  });

  test('tries again while a failure may pass', async () => {
    const image = sendJson(200, { id: ID, status: 'active', size: 1 });
    server().answerWith(send(429, '', { 'retry-after': '5' }), cutAfter(2, Buffer.from('{}  ')), image);
    const { glance, clock } = glanceAt();
    expect(await glance.image(ID, NO_SIGNAL)).toMatchObject({ sizeBytes: 1 });
    expect(clock.sleeps).toHaveLength(2);
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(5);
  });

  test.each([500, 502, 503, 504])('gives up after the retries with status %i', async (status) => {
    expect(await imageError(send(status))).toMatchObject({ code: 'REMOTE_STATUS', exitCode: 8, isTransient: true });
    expect(server().requests).toHaveLength(3);
  });

  test('ends with the reason when it is aborted', async () => {
    server().answerWith(neverAnswer());
    const reason = new Error('stopped');
    expect(await rejectionOf(glanceAt().glance.image(ID, AbortSignal.abort(reason)))).toBe(reason);
  });

  test('sends the token to Glance, and never says it, even if Glance does', async () => {
    const error = await imageError(send(403, 'The token fixed-token is bad'));
    expect(server().onlyRequest.headers['x-auth-token']).toBe('fixed-token');
    expect(error).toMatchObject({ message: expect.stringContaining('The token *** is bad') as string });
    expect(JSON.stringify(error)).not.toContain('fixed-token');
  });
});

describe('a token that Glance refuses', () => {
  test('is renewed once for all requests under way', async () => {
    const cloud = await startCloud({ images: [IMAGE] });
    const { glance } = glanceOf(cloud);
    await glance.isAdmin(NO_SIGNAL);
    cloud.revokeTokens();
    const images = await Promise.all(Array.from({ length: 8 }, () => glance.image(ID, NO_SIGNAL)));
    expect(images).toHaveLength(8);
    expect(cloud.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  test('and refuses again when it is new, is AUTH_REFUSED', async () => {
    const cloud = await startCloud({ images: [IMAGE] });
    cloud.intercept(({ service }, response) => {
      if (service === 'glance') response.writeHead(401).end();
      return service === 'glance';
    });
    expect(await rejectionOf(glanceOf(cloud).glance.image(ID, NO_SIGNAL))).toMatchObject({
      code: 'AUTH_REFUSED',
      exitCode: 7,
      hint: 'Glance refuses a token that is new: see that it asks the same Keystone, and look at its log: sudo tail -n 50 /var/log/glance/glance-api.log',
    });
    expect(cloud.requests.map(({ service }) => service)).toEqual([
      'keystone',
      'keystone',
      'glance',
      'keystone',
      'glance',
    ]);
  });

  test('is AUTH_REFUSED at once when it is fixed', async () => {
    expect(await imageError(send(401))).toMatchObject({
      code: 'AUTH_REFUSED',
      hint: 'Check the credentials from the environment: a token given with auth_type admin_token cannot be renewed; a new one: openstack token issue -f value -c id',
    });
    expect(server().requests).toHaveLength(1);
  });
});
