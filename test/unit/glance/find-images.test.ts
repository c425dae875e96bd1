import { describe, expect, test } from 'vitest';
import type { ImageQuery } from '../../../src/glance/glance.ts';
import type { Cloud, CloudImage } from '../../support/cloud/cloud.js';
import { fixedAt } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL } from '../../support/transports.ts';
import { imageIdOf } from './image-ids.ts';
import { useGlance } from './use-glance.ts';

const startCloud = useClouds();
const server = useHttpServer();
const glanceOf = useGlance();

const IMAGES: readonly CloudImage[] = [
  { id: imageIdOf(1), name: 'debian', tags: ['lts'] },
  { id: imageIdOf(2), name: 'debian', tags: ['lts', 'gold'], hidden: true },
  { id: imageIdOf(3), name: 'Debian' },
  { id: imageIdOf(4), name: 'ubuntu:22.04', properties: { os_distro: 'ubuntu', limit: '1' } },
  { id: imageIdOf(5), name: 'a,b "c" \\', status: 'queued', visibility: 'private' },
];

async function found(cloud: Cloud, query: ImageQuery): Promise<readonly string[]> {
  const images = await glanceOf(cloud).glance.find(query, NO_SIGNAL);
  return images.map(({ imageId }) => imageId);
}

const idsOf = (...numbers: readonly number[]) => numbers.map(imageIdOf);

function findError(...answers: readonly Answer[]): Promise<unknown> {
  server().answerWith(...answers);
  return rejectionOf(glanceOf({ keystoneUrl: '' }, fixedAt(server().origin)).glance.find({}, NO_SIGNAL));
}

describe('Glance.find()', () => {
  test.each<[ImageQuery, readonly string[]]>([
    [{ name: 'debian' }, idsOf(1, 2)],
    [{ name: 'ubuntu:22.04' }, idsOf(4)],
    [{ name: 'a,b "c" \\' }, idsOf(5)],
    [{ name: 'absent' }, []],
    [{ tags: ['lts'] }, idsOf(1, 2)],
    [{ tags: ['lts', 'gold'] }, idsOf(2)],
    [{ name: 'debian', tags: ['gold'] }, idsOf(2)],
    [{ properties: { os_distro: 'ubuntu' } }, idsOf(4)],
    [{ properties: { limit: '1' } }, idsOf(4)],
    [{ properties: { visibility: 'private' } }, idsOf(5)],
    [{ properties: { os_hidden: 'true' } }, idsOf(2)],
    [{}, idsOf(1, 3, 4, 5, 2)],
  ])('finds by %j', async (query, ids) => {
    expect(await found(await startCloud({ images: IMAGES }), query)).toEqual(ids);
  });

  test('tells images as they are told one by one', async () => {
    const { glance } = glanceOf(await startCloud({ images: IMAGES }));
    const [image] = await glance.find({ name: 'ubuntu:22.04' }, NO_SIGNAL);
    expect(image).toEqual(await glance.image(imageIdOf(4), NO_SIGNAL));
  });

  test('reads all pages with all tags, although the links to them lose one', async () => {
    const images = Array.from({ length: 10 }, (_, index) => ({
      id: imageIdOf(index),
      tags: index % 2 === 0 ? ['a', 'b'] : ['b'],
      hidden: index >= 6,
    }));
    const cloud = await startCloud({ images, pageSize: 2 });
    expect(await found(cloud, { tags: ['a', 'b'] })).toEqual(idsOf(0, 2, 4, 6, 8));
    const lists = cloud.requests.filter(({ service }) => service === 'glance');
    expect(lists).toHaveLength(3);
    for (const { query } of lists) expect(query.getAll('tag')).toEqual(['a', 'b']);
  });

  test('goes to Glance for the next page, wherever its link leads', async () => {
    const page = { images: [], next: 'http://127.0.0.1:1/v2/images?limit=7&marker=m1' };
    server().answerWith(sendJson(200, page), sendJson(200, { images: [] }));
    await glanceOf({ keystoneUrl: '' }, fixedAt(server().origin)).glance.find({}, NO_SIGNAL);
    expect(server().requests.map(({ url }) => url)).toEqual([
      '/v2/images?limit=200',
      '/v2/images?limit=200&marker=m1',
      '/v2/images?limit=200&os_hidden=true',
    ]);
  });

  test('ends when pages lead in a ring', async () => {
    const error = await findError(sendJson(200, { images: [], next: '/v2/images?marker=m1' }));
    expect(error).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: 'Cannot list the images of Glance: its pages lead back to one that was read',
    });
    expect(server().requests).toHaveLength(2);
  });

  test('passes over IDs from before version 2, and images in both lists count once', async () => {
    const images = [null, { id: '71' }, { id: imageIdOf(1), status: 'active' }];
    server().answerWith(sendJson(200, { images }));
    const { glance } = glanceOf({ keystoneUrl: '' }, fixedAt(server().origin));
    expect(await glance.find({}, NO_SIGNAL)).toMatchObject([{ imageId: imageIdOf(1) }]);
    expect(server().requests).toHaveLength(2);
  });

  test.each([
    [sendJson(200, { servers: [] }), 'REMOTE_ANSWER'],
    [sendJson(200, { images: {} }), 'REMOTE_ANSWER'],
    [sendJson(200, { images: [{ id: imageIdOf(1), status: 'active', size: -1 }] }), 'REMOTE_ANSWER'],
    [send(200, 'x'), 'REMOTE_ANSWER'],
    [send(403), 'AUTH_FORBIDDEN'],
    [send(300), 'CONFIG_ENDPOINT'],
    [send(404), 'REMOTE_STATUS'],
    [send(400, 'Invalid visibility value'), 'REMOTE_STATUS'],
  ])('raises for case %# %s', async (answer, code) => {
    expect(await findError(answer)).toMatchObject({ code });
    expect(server().requests).toHaveLength(1);
  });

  test('tries a page again while a failure may pass', async () => {
    server().answerWith(send(503), sendJson(200, { images: [] }));
    const { glance, clock } = glanceOf({ keystoneUrl: '' }, fixedAt(server().origin));
    expect(await glance.find({}, NO_SIGNAL)).toEqual([]);
    expect(clock.sleeps).toHaveLength(1);
  });
});
