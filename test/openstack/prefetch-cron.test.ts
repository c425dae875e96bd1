import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { confText } from './support/conf-text.ts';
import { type TestImage, uploadImages } from './support/images.ts';
import { giveToGlance } from './support/made-cache.ts';
import { SILENT_SUCCESS } from './support/on-node.ts';
import { expectCached, expectOnlyCached } from './support/prefetch.ts';
import { type RunResult, run } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-prefetcher as a line of /etc/cron.d runs it: with nothing but the files of an installation.

const stack = useStack();
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
});

test('a cron job of Glance finds its credentials in the default files, fetches the queue and is silent', async () => {
  const home = join(stack.stateDir, 'cron-prefetch');
  const folder = join(home, '.glance');
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    giveToGlance(join(folder, name), 0o640);
  };
  // As an installation has them: glance-api's own file with its service user, and the cache's.
  write('glance-api.conf', readFileSync(node.apiConf, 'utf8'));
  const log = join(node.dir, 'cron.log');
  write('glance-cache.conf', `${readFileSync(node.cacheConf, 'utf8')}${confText({ DEFAULT: { log_file: log } })}`);
  for (const path of [home, folder]) giveToGlance(path, 0o755);

  const cron = async (...args: string[]): Promise<RunResult> =>
    run([stack.nodeBinary, join(stack.programsDir, 'bin/glance-cache-prefetcher.cjs'), ...args], {
      as: stack.user,
      // Debian's cron gives a job of /etc/cron.d these and no others.
      env: { HOME: home, LOGNAME: stack.user.name, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' },
    });
  const [first, second, third] = (await uploadImages(client, [10_000, 3_000_000, 5])) as [
    TestImage,
    TestImage,
    TestImage,
  ];
  for (const image of [first, second]) await client.queueImage(image.id);
  expect(await cron('--skip-if-busy')).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [first, second]);
  for (const image of [first, second]) expectCached(node, image);
  const told = readFileSync(log, 'utf8');
  for (const { id } of [first, second]) expect(told).toMatch(new RegExp(` INFO [^\\n]* fetch ${id} [^\\n]*: done `));
  expect(told).not.toMatch(/glancepw|gAAAA/);
  expect(await cron('--skip-if-busy')).toMatchObject(SILENT_SUCCESS);

  // What goes wrong is mailed: one error and its hint.
  await client.queueImage(third.id);
  const failed = await cron('--skip-if-busy', '--retries', '0', '--os-password', 'wrong');
  expect(failed).toMatchObject({ exitCode: 7, stdout: '' });
  expect(failed.stderr).toMatch(/^ERROR: Cannot log in [^\n]*\nhint: [^\n]*\n$/);
  expectOnlyCached(node, [first, second], [third.id]);
});
