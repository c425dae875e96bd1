import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { entriesOf } from '../support/directory-state.ts';
import { readCache } from './support/cache.ts';
import { download, uploadImages } from './support/images.ts';
import { runOurs, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// What check says of the real glance-api: where it is right about the pipeline, that one caches, and else it does not.

const stack = useStack();

interface Found {
  readonly check: string;
  readonly severity: string;
  readonly file: string | null;
  readonly text: string | null;
  readonly command: string | null;
}

async function check(node: GlanceNode, as: (typeof USERS)[number] = 'glance'): Promise<readonly Found[]> {
  const before = entriesOf(node.cacheDir);
  const run = await runOurs(node, 'glance-cache-manage', ['check', '--format', 'json'], { as, env: openrc(stack) });
  expect(entriesOf(node.cacheDir)).toEqual(before);
  const { items, errors } = JSON.parse(run.stdout) as { readonly items: readonly Found[]; readonly errors: number };
  expect(run.exitCode).toBe(errors > 0 ? 3 : 0);
  return items;
}

/** What is said about the files, without what the machine that runs the tests is like. */
function aboutFiles(found: readonly Found[], node: GlanceNode): readonly string[] {
  return found.filter(({ file }) => file?.startsWith(node.dir)).map(({ check: name }) => name);
}

async function isCaching(node: GlanceNode): Promise<boolean> {
  const client = await stack.connect(node);
  const [image] = await uploadImages(client, [10_000]);
  if (image === undefined) throw new Error('no image');
  await download(client, image);
  return readCache(node.cacheDir).images.some(({ name }) => name === image.id);
}

describe('check of a glance-api that caches', () => {
  let node: GlanceNode;
  beforeAll(async () => {
    node = await stack.startGlanceNode();
  });

  test.each(USERS)('finds nothing wrong with its files when %s asks', async (as) => {
    expect(await isCaching(node)).toBe(true);
    expect(aboutFiles(await check(node, as), node)).toEqual([]);
  });

  test('knows the flavor of some manuals, with which Glance does not start', async () => {
    const conf = readFileSync(node.apiConf, 'utf8');
    writeFileSync(node.apiConf, conf.replace('flavor = keystone+cachemanagement', 'flavor = keystone+cachemanage'));
    expect((await check(node)).find(({ check: name }) => name === 'flavor-unknown')).toMatchObject({
      severity: 'error',
      file: node.apiConf,
      text: 'flavor = keystone+cachemanagement',
    });
    writeFileSync(node.apiConf, conf);
  });
});

test('check of a glance-api without caching gives the command after which it caches', async () => {
  const extraConf = '[paste_deploy]\nflavor = keystone\n';
  const node = await stack.startGlanceNode({ extraConf });
  expect(await isCaching(node)).toBe(false);
  const found = await check(node);
  expect(aboutFiles(found, node)).toEqual(['cache-not-in-pipeline']);
  const { command } = found.find(({ check: name }) => name === 'cache-not-in-pipeline') ?? {};
  const conf = readFileSync(node.apiConf, 'utf8');
  execFileSync('sh', ['-c', command ?? 'false']);
  const mended = readFileSync(node.apiConf, 'utf8');
  expect(mended).toBe(conf.replace(extraConf, '[paste_deploy]\nflavor = keystone+caching\n'));
  // What was mended is what the node is started with.
  const restarted = await stack.restartGlance({ extraConf: '[paste_deploy]\nflavor = keystone+caching\n' }, node);
  expect(readFileSync(restarted.apiConf, 'utf8')).toBe(mended);
  expect(await isCaching(restarted)).toBe(true);
  expect(aboutFiles(await check(restarted), restarted)).toEqual([]);
});
