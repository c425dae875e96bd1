import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { confText } from './support/conf-text.ts';
import { type TestImage, uploadImages } from './support/images.ts';
import { LoopMount, SHARING_KINDS } from './support/loop-mount.ts';
import { openrc } from './support/openrc.ts';
import { type FetchReport, NO_STORE } from './support/prefetch.ts';
import { commandAs } from './support/service-user.ts';
import { useStack } from './support/use-stack.ts';

// Store and cache on one file system that can share extents: an image is in the cache at once, takes no room, and is
// verified all the same.

const stack = useStack();
const SIZE = 64 * 1024 * 1024;
let image: TestImage;

beforeAll(async () => {
  [image] = (await uploadImages(await stack.connect(), [SIZE])) as [TestImage];
});

describe.each(SHARING_KINDS)('on $name', (kind) => {
  /** Fetches the image from a store that `fill` fills; tells the report, the room that it took and what is cached. */
  async function fetchOn(mount: LoopMount, fill: string, env: Readonly<Record<string, string>>) {
    const cacheDir = join(mount.folder, 'cache');
    const cached = join(cacheDir, image.id);
    const { user, nodeBinary, programsDir, storeDir } = stack;
    const program = [nodeBinary, join(programsDir, 'bin/glance-cache-prefetcher.cjs')];
    const conf = `${mount.folder}.conf`;
    const folders = {
      DEFAULT: { image_cache_dir: cacheDir },
      glance_store: { filesystem_store_datadir: `${mount.folder}/store` },
    };
    writeFileSync(conf, confText(folders));
    const args = ['--config-file', conf, '--image', image.id, '--format', 'json'];
    const script = `
      cd '${mount.folder}'; mkdir store cache; ${fill} < '${join(storeDir, image.id)}' > store/${image.id}
      chown -R ${user.uid}:${user.gid} .
      sync -f .; df --output=used --block-size=1 . | tail -1
      "$@" | tr -d '\\n'; echo
      sync -f .; df --output=used --block-size=1 . | tail -1
      sha256sum < '${cached}' | cut -c1-64
      stat --format='%s %U %a' '${cached}'
      filefrag -v '${cached}'`;
    const { exitCode, stdout, stderr } = await mount.run(script, commandAs(user, [...program, ...args]), {
      ...openrc(stack),
      ...env,
    });
    expect(exitCode, stderr).toBe(0);
    const [before, report = '', after, sha256, facts, ...extents] = stdout.trim().split('\n');
    expect({ sha256, facts }).toEqual({ sha256: image.sha256, facts: `${SIZE} ${user.name} 640` });
    return {
      stderr,
      items: (JSON.parse(report) as FetchReport).items,
      tookBytes: Number(after) - Number(before),
      isShared: extents.some((line) => line.includes('shared')),
    };
  }

  test('the copy of an image shares the extents of the store', async ({ skip }) => {
    const mount = LoopMount.make(kind);
    if (typeof mount === 'string') return skip(mount);
    const fetched = await fetchOn(mount, 'cat', {});
    expect(fetched).toMatchObject({
      stderr: '',
      items: [{ image_id: image.id, result: 'done', source: 'store', size: SIZE, fetched: SIZE, resumed: 0 }],
      isShared: true,
    });
    expect(fetched.tookBytes).toBeLessThan(SIZE / 10);
  });

  test('an image takes its own room when it comes over HTTP', async ({ skip }) => {
    const mount = LoopMount.make(kind);
    if (typeof mount === 'string') return skip(mount);
    const fetched = await fetchOn(mount, 'cat', NO_STORE);
    expect(fetched).toMatchObject({ stderr: '', items: [{ result: 'done', source: 'http' }], isShared: false });
    expect(fetched.tookBytes).toBeGreaterThan(SIZE / 2);
  });

  test('a damaged file of the store is not shared but downloaded', async ({ skip }) => {
    const mount = LoopMount.make(kind);
    if (typeof mount === 'string') return skip(mount);
    const fetched = await fetchOn(mount, "tr '\\000' '\\001'", {});
    expect(fetched).toMatchObject({ items: [{ result: 'done', source: 'http' }], isShared: false });
    expect(fetched.stderr).toMatch(/ WARNING [^\n]*downloading it instead of copying /);
  });
});
