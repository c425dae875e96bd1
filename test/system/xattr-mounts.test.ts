import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { setAttribute } from '../support/attributes.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { canMountFile, withMount } from '../support/mounts.ts';
import { failure, type RunResult } from '../support/run-program.ts';

// Where the driver xattr works, and where it does not: real mounts, in namespaces of their own.

const ONE = idOf('1');
const OTHERS = 'let glance-api use the driver sqlite or centralized_db, which work there';

const cache = useCache();

beforeEach(() => {
  rmSync(cache().layout.index);
  cache().configure('image_cache_driver = xattr');
  setAttribute(cache().addFile('cached', ONE), 'user.hits', '5');
});

function listMounted(mount: string): Promise<RunResult> {
  for (const left of ['.copy', '.img']) rmSync(`${cache().root}${left}`, { recursive: true, force: true });
  const args = ['list-cached', '--format', 'value', '-c', 'hits'];
  return cache().run('manage', args, { within: withMount(cache().root, mount), rawHints: true });
}

const LISTED = { code: 0, stdout: '5\n', stderr: '' };

function noatime(point: string, command: string): RunResult {
  return failure(
    3,
    `Cannot use image_cache_driver "xattr" on "${cache().root}": "${point}" is mounted with noatime, so that nobody can tell which images are in use`,
    `Run "${command}" as root and take noatime out of /etc/fstab, or ${OTHERS}`,
  );
}

describe.skipIf(!canMountFile())('image_cache_driver = xattr (where file systems may be mounted)', () => {
  test.each(['relatime', 'strictatime', 'lazytime'])('works on a mount with %s', async (option) => {
    expect(await listMounted(`mount -o loop,${option} "$disk" "$folder"`)).toEqual(LISTED);
  });

  test('is refused on a mount with noatime, and works when it was mounted anew as the hint says', async () => {
    const mount = 'mount -o loop,noatime "$disk" "$folder"';
    const { root } = cache();
    const refused = await listMounted(mount);
    expect(refused).toEqual(noatime(root, `mount -o remount,atime,relatime ${root}`));
    const [, command] = /^hint: Run "(.+?)" as root/m.exec(refused.stderr) ?? [];
    expect(await listMounted(`${mount} && ${command}`)).toEqual(LISTED);
  });

  test('tells a mount point with blanks as the shell reads it', async () => {
    const root = join(cache().base, "some one's cache");
    renameSync(cache().root, root);
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${root}`, 'image_cache_driver = xattr');
    const within = withMount(root.replaceAll("'", "'\\''"), 'mount -o loop,noatime "$disk" "$folder"');
    const { stderr } = await cache().run('manage', ['list-cached'], { within, rawHints: true });
    expect(stderr).toContain(`Run "mount -o remount,atime,relatime '${root.replaceAll("'", "'\\''")}'" as root`);
  });

  test('is refused for the mount above it, or for one of the same files elsewhere', async () => {
    const above = cache().base;
    // The configuration lies on it, too.
    expect(await listMounted(`mount --bind '${above}' '${above}' && mount -o remount,bind,noatime '${above}'`)).toEqual(
      noatime(above, `mount -o remount,atime,relatime ${above}`),
    );
    mkdirSync(join(above, 'elsewhere'), { recursive: true });
    const bound = `mount -o loop,relatime "$disk" '${above}/elsewhere' && mount --bind '${above}/elsewhere' "$folder"`;
    expect(await listMounted(`${bound} && mount -o remount,bind,relatime "$folder"`)).toEqual(LISTED);
    const bare = `${bound} && mount -o remount,bind,noatime "$folder"`;
    expect((await listMounted(bare)).code).toBe(3);
    expect(await listMounted(`${bare} && mount -o remount,atime,relatime "$folder"`)).toEqual(LISTED);
  });

  test('goes by the last of several mounts in one place', async () => {
    const under = 'mount -t tmpfs -o noatime none "$folder"';
    expect(await listMounted(`${under} && mount -o loop,relatime "$disk" "$folder"`)).toEqual(LISTED);
    const other = 'mount -t tmpfs -o relatime none "$folder"';
    expect((await listMounted(`${other} && mount -o loop,noatime "$disk" "$folder"`)).code).toBe(3);
    // What hides a mount below a folder hides its options as well.
    const above = cache().base;
    const hidden = `mount -o loop,noatime "$disk" "$folder" && mkdir /mnt/base && cp -a '${above}/.' /mnt/base && mount --bind /mnt/base '${above}'`;
    expect(await listMounted(`mount -t tmpfs none /mnt && ${hidden}`)).toMatchObject({ code: 0 });
  });

  test('is refused where no attributes are kept', async () => {
    const refused = await listMounted('mount -t ramfs none "$folder"');
    expect(refused).toEqual(
      failure(
        3,
        `Cannot use image_cache_driver "xattr" on "${cache().root}": its file system keeps no user attributes`,
        `On such a file system glance-api itself falls back to the driver sqlite, with a warning in its log: set image_cache_driver = sqlite for both, or ${OTHERS}`,
      ),
    );
  });
});
