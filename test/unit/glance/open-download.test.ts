import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Glance, ImageBytes } from '../../../src/glance/glance.ts';
import { contentOf, hashOf } from '../../support/cloud/contents.js';
import { DEMO, fixedAt } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { cutAfter, send, sendChunked, sendJson, stallAfter } from '../../support/http-answers.ts';
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
const SIZE = 200_000;
const CONTENT = contentOf(ID, SIZE);

async function read({ chunks }: ImageBytes): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A Glance that gives these answers. */
function answering(...answers: readonly Answer[]): Glance {
  server().answerWith(...answers);
  return glanceOf({ keystoneUrl: '' }, fixedAt(server().origin)).glance;
}

const rangesAsked = () => server().requests.map(({ headers }) => headers.range);

describe('Glance.download()', () => {
  test.each([0, 1, 65_536, SIZE - 1])('begins at byte %d', async (offsetBytes) => {
    const cloud = await startCloud({ images: [{ id: ID, sizeBytes: SIZE }] });
    const bytes = await glanceOf(cloud).glance.download(ID, offsetBytes, NO_SIGNAL);
    expect(bytes).toMatchObject({ offsetBytes, totalBytes: SIZE, md5: hashOf('md5', ID, SIZE) });
    expect((await read(bytes)).equals(CONTENT.subarray(offsetBytes))).toBe(true);
    const { path, headers } = cloud.requests.at(-1) ?? {};
    expect([path, headers?.range]).toEqual([`/v2/images/${ID}/file`, `bytes=${offsetBytes}-`]);
  });

  test('asks for the whole image when the store does not begin in the middle', async () => {
    const cloud = await startCloud({ images: [{ id: ID, sizeBytes: SIZE, takesRanges: false }] });
    const bytes = await glanceOf(cloud).glance.download(ID, 1000, NO_SIGNAL);
    expect(bytes).toMatchObject({ offsetBytes: 0, totalBytes: SIZE });
    expect((await read(bytes)).equals(CONTENT)).toBe(true);
    const asked = cloud.requests.filter(({ service }) => service === 'glance');
    expect(asked.map(({ headers }) => headers.range)).toEqual(['bytes=1000-', 'bytes=0-', undefined]);
  });

  test('starts over when the image ends before the offset', async () => {
    const cloud = await startCloud({ images: [{ id: ID, sizeBytes: SIZE }] });
    const bytes = await glanceOf(cloud).glance.download(ID, SIZE, NO_SIGNAL);
    expect(bytes).toMatchObject({ offsetBytes: 0, totalBytes: SIZE });
    expect((await read(bytes)).equals(CONTENT)).toBe(true);
  });

  test('gets the nothing of an empty image', async () => {
    const cloud = await startCloud({ images: [{ id: ID, sizeBytes: 0, digest: 'none' }] });
    const bytes = await glanceOf(cloud).glance.download(ID, 0, NO_SIGNAL);
    expect(bytes).toMatchObject({ offsetBytes: 0, totalBytes: 0, md5: undefined });
    expect(await read(bytes)).toHaveLength(0);
  });

  test('begins at 0 when the server does not know ranges', async () => {
    const bytes = await answering(send(200, 'abc')).download(ID, 2, NO_SIGNAL);
    expect(bytes).toMatchObject({ offsetBytes: 0, totalBytes: 3, md5: undefined });
    expect(String(await read(bytes))).toBe('abc');
  });

  test('knows no length when the server tells none', async () => {
    const bytes = await answering(sendChunked(200, ['a', 'bc'])).download(ID, 0, NO_SIGNAL);
    expect(bytes).toMatchObject({ offsetBytes: 0, totalBytes: undefined });
    expect(String(await read(bytes))).toBe('abc');
  });

  test.each([
    ['ABCDEF0123456789abcdef0123456789', 'abcdef0123456789abcdef0123456789'],
    ['q83vASNFZ4mrze8BI0VniQ==', undefined],
  ])('reads the checksum %s as %s', async (header, md5) => {
    const bytes = await answering(send(200, 'abc', { 'content-md5': header })).download(ID, 0, NO_SIGNAL);
    expect(bytes.md5).toBe(md5);
    await read(bytes);
  });

  test('does not know the length behind an asterisk', async () => {
    const bytes = await answering(send(206, 'bc', { 'content-range': 'bytes 1-2/*' })).download(ID, 1, NO_SIGNAL);
    expect(bytes).toMatchObject({ offsetBytes: 1, totalBytes: undefined });
    await read(bytes);
  });

  test.each([
    'bytes 0-2/3',
    'bytes 2-2/3',
    'bytes 1-0/3',
    'bytes 1-3/3',
    'bytes 1-2',
    'bytes */3',
    'bits 1-2/3',
    `bytes 1-2/${'9'.repeat(20)}x`,
    `bytes 1-${'9'.repeat(20)}/*`,
    undefined,
  ])('refuses the range %s for one that begins at 1', async (range) => {
    const headers = range === undefined ? {} : { 'content-range': range };
    const error = await rejectionOf(answering(send(206, 'bc', headers)).download(ID, 1, NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: `Cannot download image ${ID}: asked for its bytes from 1 on, Glance sends others`,
    });
  });

  test.each([
    [send(403), 'AUTH_FORBIDDEN', false],
    [send(300), 'CONFIG_ENDPOINT', false],
    [send(204), 'REMOTE_STATUS', false],
    [send(409), 'REMOTE_STATUS', false],
    [send(500), 'REMOTE_STATUS', true],
    [send(429, '', { 'retry-after': '9' }), 'REMOTE_STATUS', true],
    [send(503), 'REMOTE_STATUS', true],
  ])('raises for case %# %s, and does not try again', async (answer, code, isTransient) => {
    const error = await rejectionOf(answering(answer).download(ID, 5, NO_SIGNAL));
    expect(error).toMatchObject({ code, ...(isTransient ? { isTransient } : {}) });
    if (!isTransient) expect(error).not.toMatchObject({ isTransient: true });
    expect(rangesAsked()).toEqual(['bytes=5-']);
  });

  test.each([404, 410])('raises NOT_FOUND_IMAGE with status %i of Glance', async (status) => {
    const glance = answering(send(status), sendJson(200, { images: [] }));
    expect(await rejectionOf(glance.download(ID, 5, NO_SIGNAL))).toMatchObject({ code: 'NOT_FOUND_IMAGE' });
  });

  test('raises CONFIG_ENDPOINT with status 404 of something else', async () => {
    expect(await rejectionOf(answering(send(404)).download(ID, 5, NO_SIGNAL))).toMatchObject({
      code: 'CONFIG_ENDPOINT',
      message: `Cannot download image ${ID}: what answers at "${server().origin}/v2" is not the Image API (HTTP 404)`,
    });
  });

  test('raises REMOTE_STATUS when the whole image is refused as well', async () => {
    const error = await rejectionOf(answering(send(400, 'bad')).download(ID, 5, NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'REMOTE_STATUS',
      message: expect.stringContaining('"bad" (HTTP 400)') as string,
    });
    expect(rangesAsked()).toEqual(['bytes=5-', 'bytes=0-', undefined]);
  });

  test('tells when the server wants to be asked again', async () => {
    const error = await rejectionOf(answering(send(503, '', { 'retry-after': '9' })).download(ID, 0, NO_SIGNAL));
    expect(error).toMatchObject({ retryAfterSec: 9 });
  });

  test('says that Glance has no data of a queued image', async () => {
    const cloud = await startCloud({ images: [{ id: ID, status: 'queued' }] });
    expect(await rejectionOf(glanceOf(cloud).glance.download(ID, 0, NO_SIGNAL))).toMatchObject({
      message: `Cannot download image ${ID}: Glance has no data of it (HTTP 204)`,
    });
  });

  test('is AUTH_FORBIDDEN for a deactivated image unless an admin asks', async () => {
    const cloud = await startCloud({ images: [{ id: ID, sizeBytes: 3, status: 'deactivated' }] });
    const error = await rejectionOf(glanceOf(cloud, { auth: DEMO }).glance.download(ID, 0, NO_SIGNAL));
    expect(error).toMatchObject({ code: 'AUTH_FORBIDDEN', message: expect.stringContaining('deactivated') as string });
    expect(await read(await glanceOf(cloud).glance.download(ID, 0, NO_SIGNAL))).toHaveLength(3);
  });

  test('renews the token once', async () => {
    const cloud = await startCloud({ images: [{ id: ID, sizeBytes: SIZE }] });
    const { glance } = glanceOf(cloud);
    await glance.isAdmin(NO_SIGNAL);
    cloud.revokeTokens();
    const bytes = await glance.download(ID, 7, NO_SIGNAL);
    expect((await read(bytes)).equals(CONTENT.subarray(7))).toBe(true);
  });

  test('ends with REMOTE_CUT where the connection is cut', async () => {
    const bytes = await answering(cutAfter(2, Buffer.from('abcd'))).download(ID, 0, NO_SIGNAL);
    expect(await rejectionOf(read(bytes))).toMatchObject({ code: 'REMOTE_CUT', isTransient: true });
  });

  test('ends with the reason when it is aborted in the middle', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const { chunks } = await answering(stallAfter(2, Buffer.from('abcd'))).download(ID, 0, stop.signal);
    const iterator = chunks[Symbol.asyncIterator]();
    await iterator.next();
    stop.abort(reason);
    expect(await rejectionOf(iterator.next())).toBe(reason);
  });

  test('gives the connection up with the chunks, even before the first one', async () => {
    let closed: Promise<unknown> | undefined;
    const stalled: Answer = (_request, response) => {
      closed = once(response, 'close');
      response.writeHead(200, { 'content-length': 4 });
      response.write('ab');
    };
    server().answerWith(stalled);
    // Nobody else is to end it.
    const timeouts = { connectSec: 60, headersSec: 60, stallSec: 60 };
    const { glance } = glanceOf({ keystoneUrl: '' }, fixedAt(server().origin), { timeouts });
    const { chunks } = await glance.download(ID, 0, NO_SIGNAL);
    await chunks[Symbol.asyncIterator]().return?.();
    await closed;
  });
});
