import { describe, expect, test } from 'vitest';
import type { CloudImage } from '../../support/cloud/cloud.js';
import { DEMO, fixedAt } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL } from '../../support/transports.ts';
import { imageIdOf } from './image-ids.ts';
import { useGlance } from './use-glance.ts';

const startCloud = useClouds();
const server = useHttpServer();
const glanceOf = useGlance();

const idsTo = (count: number) => Array.from({ length: count }, (_, place) => imageIdOf(place + 1));

describe('Glance.lookUp()', () => {
  test('tells images whatever their state, hidden ones and those of others included, and only those asked for', async () => {
    const others: readonly Partial<CloudImage>[] = [
      { status: 'deactivated', overrides: { updated_at: '2026-11-21T16:00:00Z' } },
      { hidden: true },
      { visibility: 'community', owner: 'project-demo' },
      { status: 'queued', overrides: { updated_at: 'yesterday' } },
      {},
    ];
    const cloud = await startCloud({ images: others.map((more, place) => ({ id: imageIdOf(place + 1), ...more })) });
    const asked = [...idsTo(4), imageIdOf(9)];
    const found = await glanceOf(cloud).glance.lookUp(asked, NO_SIGNAL);
    expect([...found.values()].map(({ imageId, status, updatedSec }) => [imageId, status, updatedSec])).toEqual([
      [imageIdOf(1), 'deactivated', Date.UTC(2026, 10, 21, 16) / 1000],
      [imageIdOf(3), 'active', undefined],
      [imageIdOf(4), 'queued', undefined],
      [imageIdOf(2), 'active', undefined],
    ]);
  });

  test('asks for many in few requests that any server takes, and for none in none', async () => {
    const ids = idsTo(100);
    const cloud = await startCloud({ images: ids.map((id) => ({ id })), pageSize: 1000 });
    const { glance } = glanceOf(cloud);
    expect((await glance.lookUp([], NO_SIGNAL)).size).toBe(0);
    expect(cloud.requests).toEqual([]);
    expect([...(await glance.lookUp([...ids, ...ids], NO_SIGNAL)).keys()].sort()).toEqual(ids);
    const lists = cloud.requests.filter(({ path }) => path === '/v2/images');
    expect(lists).toHaveLength(2);
    expect(Math.max(...lists.map(({ path, query }) => `${path}?${query.toString()}`.length))).toBeLessThan(2100);
  });

  test('reads all pages of a Glance that gives small ones', async () => {
    const cloud = await startCloud({ images: idsTo(7).map((id) => ({ id })), pageSize: 3 });
    expect((await glanceOf(cloud).glance.lookUp(idsTo(7), NO_SIGNAL)).size).toBe(7);
  });

  test('leaves out what the account is not shown', async () => {
    const cloud = await startCloud({ images: [{ id: imageIdOf(1), visibility: 'private' }, { id: imageIdOf(2) }] });
    const found = await glanceOf(cloud, { auth: DEMO }).glance.lookUp(idsTo(2), NO_SIGNAL);
    expect([...found.keys()]).toEqual([imageIdOf(2)]);
  });

  test.each([
    ['an error page', send(200, '<html>'), 'REMOTE_ANSWER'],
    ['no list', sendJson(200, { images: null }), 'REMOTE_ANSWER'],
    ['an image without a status', sendJson(200, { images: [{ id: imageIdOf(1) }] }), 'REMOTE_ANSWER'],
    ['a refusal', send(403), 'AUTH_FORBIDDEN'],
    ['versions', send(300), 'CONFIG_ENDPOINT'],
    ['a failure', send(500), 'REMOTE_STATUS'],
    ['nothing of the kind', send(404), 'REMOTE_STATUS'],
  ])('raises an error for %s', async (_what, answer, code) => {
    server().answerWith(answer, answer, answer);
    const { glance } = glanceOf({ keystoneUrl: '' }, fixedAt(server().origin));
    expect(await rejectionOf(glance.lookUp([imageIdOf(1)], NO_SIGNAL))).toMatchObject({ code });
  });
});
