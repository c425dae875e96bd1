/**
 * Shows what check finds of owners, mounts and modes as they really are, that it follows nothing which is planted in the
 * cache, and that it leaves everything as it was.
 */
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { CAN_MOUNT, canMountFile, withMount, withReadOnly } from '../support/mounts.ts';
import { itemsOf } from '../support/prefetch-fixture.ts';
import { AS_ROOT, type RunOptions } from '../support/run-program.ts';

const cache = useCache();
const GLANCE = 12_345;
const ONE = idOf('1');
const TWO = idOf('2');

interface Item {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
  readonly command: string | null;
}

async function check(options: RunOptions = {}): Promise<readonly Item[]> {
  // What glance-api runs as on this machine, if it does, is nothing to go by.
  const run = await cache().run('manage', ['--format', 'json', 'check', '--offline'], options);
  expect([0, 3], run.stderr).toContain(run.code);
  return itemsOf(run) as readonly Item[];
}

async function found(names: readonly string[], options?: RunOptions): Promise<readonly Item[]> {
  return (await check(options)).filter((item) => names.includes(item.check));
}

function giveToGlance(): void {
  const { root, areas, index } = cache().layout;
  for (const path of [root, ...Object.values(areas), index]) chownSync(path, GLANCE, GLANCE);
}

test.skipIf(!AS_ROOT)(
  'files of root in a cache are told as root and as their owner, and nothing changes (root only)',
  async () => {
    giveToGlance();
    for (const id of [ONE, TWO]) {
      cache().addImage(id);
      chmodSync(join(cache().root, id), 0o600);
    }
    const before = cache().state();
    for (const as of [undefined, { uid: GLANCE, gid: GLANCE }]) {
      const items = await found(['locked-out', 'foreign-owner'], as === undefined ? {} : { as });
      expect(items.length).toBeGreaterThan(0);
      expect(
        items.some(({ message }) => message.includes(`"${join(cache().root, ONE)}" (root:root, mode 0600) and 1 more`)),
      ).toBe(true);
      expect(cache().state()).toEqual(before);
    }
  },
);

test.skipIf(!AS_ROOT)(
  'whoever may not look into the cache is told so, and nothing else about it (root only)',
  async () => {
    giveToGlance();
    cache().addImage(ONE);
    chmodSync(cache().root, 0o750);
    const items = await check({ as: { uid: 54_321, gid: 54_321 } });
    const told = items.filter(({ check: name }) => /could-not-look|missing|folder|index/.test(name));
    expect([...new Set(told.map(({ check: name }) => name))]).toEqual(['could-not-look']);
  },
);

test.skipIf(!AS_ROOT)('links that are planted in the cache lead root nowhere (root only)', async () => {
  giveToGlance();
  const secret = join(cache().base, 'secret');
  mkdirSync(secret, { mode: 0o700 });
  writeFileSync(join(secret, TWO), 'x');
  const { areas, index } = cache().layout;
  for (const path of [areas.invalid, index]) rmSync(path, { recursive: true });
  symlinkSync(secret, areas.invalid);
  symlinkSync(join(secret, TWO), index);
  const items = await check();
  expect(JSON.stringify(items)).not.toContain(TWO);
  expect(items.filter(({ check: name }) => name === 'not-a-folder')).toHaveLength(1);
  expect(items.find(({ message }) => message.includes('cannot be reached'))).toMatchObject({ check: 'locked-out' });
});

test.skipIf(!AS_ROOT)('whoever may not look at the crontabs of users says so (root only)', async () => {
  giveToGlance();
  const items = await check({ as: { uid: GLANCE, gid: GLANCE } });
  for (const { check: name, severity } of items) {
    expect(name).not.toBe('could-not-look');
    if (/^no-(?:pruner|cleaner)-schedule$/.test(name)) expect(['note', 'warning']).toContain(severity);
  }
});

test.skipIf(!CAN_MOUNT)('a read-only mount is an error (where file systems may be mounted)', async () => {
  const items = await found(['read-only'], { within: withReadOnly(cache().root) });
  expect(items).toMatchObject([{ severity: 'error' }]);
});

test.skipIf(!CAN_MOUNT)('a tmpfs is lost at the next restart (where file systems may be mounted)', async () => {
  const items = await found(['lost-at-restart', 'on-root-file-system'], {
    within: withMount(cache().root, 'mount -t tmpfs none "$folder"'),
  });
  expect(items).toMatchObject([{ check: 'lost-at-restart', severity: 'note' }]);
});

test.skipIf(!CAN_MOUNT)('a file system without inodes is told of (where file systems may be mounted)', async () => {
  const items = await found(['no-inodes'], {
    within: withMount(cache().root, 'mount -t tmpfs -o nr_inodes=20 none "$folder"'),
  });
  expect(items).toMatchObject([{ severity: 'warning' }]);
});

test.skipIf(!canMountFile())(
  'noatime is an error with the driver xattr alone (where file systems may be mounted)',
  async () => {
    const within = () => {
      for (const left of ['.copy', '.img']) rmSync(`${cache().root}${left}`, { recursive: true, force: true });
      return withMount(cache().root, 'mount -o loop,noatime "$disk" "$folder"');
    };
    expect(await found(['xattr-unfit'], { within: within() })).toEqual([]);
    cache().configure('image_cache_driver = xattr');
    const items = await found(['xattr-unfit'], { within: within() });
    expect(items).toMatchObject([{ severity: 'error', command: `mount -o remount,atime,relatime ${cache().root}` }]);
  },
);

test.skipIf(!CAN_MOUNT)(
  'a file system that keeps no attributes is an error with the driver xattr (where file systems may be mounted)',
  async () => {
    cache().configure('image_cache_driver = xattr');
    const items = await found(['xattr-unfit'], { within: withMount(cache().root, 'mount -t ramfs none "$folder"') });
    expect(items).toMatchObject([{ severity: 'error' }]);
  },
);
