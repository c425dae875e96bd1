import { chmodSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useCache } from '../support/cache-fixture.ts';
import { CAN_MOUNT, withFullDisk, withReadOnly } from '../support/mounts.ts';
import { failure, success, UNPRIVILEGED } from '../support/run-program.ts';
import { CALLS, fillSome, ONE, THREE, TWO } from '../support/some-of-all.ts';

const cache = useCache();

const fill = (): void => fillSome(cache());

const AS_GLANCE = 'Run it as the user glance-api runs as, or as root: sudo <this command>';

describe('rights', () => {
  test('every command ends with 4 when the directory may not be entered', async () => {
    fill();
    cache().handTo(UNPRIVILEGED);
    chmodSync(cache().root, 0o000);
    for (const [program, args] of CALLS) {
      const run = await cache().run(program, args, { as: UNPRIVILEGED });
      expect(run, args.join(' ')).toEqual({
        code: 4,
        stdout: '',
        stderr: expect.stringMatching(
          new RegExp(
            `^ERROR: Cannot (look at|lock) "${cache().root}/.*": permission denied \\(EACCES\\)\nhint: ${AS_GLANCE}\n$`,
          ),
        ) as string,
      });
    }
    chmodSync(cache().root, 0o750);
    expect([cache().names('cached'), cache().names('invalid'), cache().names('queue')]).toEqual([
      [ONE],
      [TWO],
      [THREE],
    ]);
  });

  test('lists and dry runs answer when the directory may only be read, and changes end with 4', async () => {
    fill();
    cache().handTo(UNPRIVILEGED);
    chmodSync(cache().root, 0o550);
    const before = cache().state();
    const run = (program: 'manage' | 'pruner', ...args: readonly string[]) =>
      cache().run(program, args, { as: UNPRIVILEGED });
    expect((await run('manage', 'list-cached', '--format', 'value', '-c', 'id')).stdout).toBe(`${ONE}\n`);
    expect((await run('pruner', '--dry-run')).stdout).toMatch(/^Would remove 1 image /);
    const lock = (program: string): string => join(cache().layout.locks, `glance-cache-${program}`);
    const expected = (program: string) =>
      failure(4, `Cannot lock "${lock(program)}": permission denied (EACCES)`, AS_GLANCE);
    expect(await run('pruner')).toEqual(expected('pruner'));
    expect(await run('manage', '-f', 'delete-cached-image', ONE)).toEqual(expected('manage'));
    expect(cache().state()).toEqual(before);
    chmodSync(cache().root, 0o750);
  });

  test('the pruner keeps rows and files together when the files may not be moved, and tells each failure once', async () => {
    fill();
    cache().addImage(TWO);
    cache().handTo(UNPRIVILEGED);
    chmodSync(cache().layout.areas.invalid, 0o550);
    const run = await cache().run('pruner', [], { as: UNPRIVILEGED });
    const cannot = (id: string): string => `Cannot remove "${cache().root}/${id}": permission denied (EACCES)`;
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 4, stdout: '' });
    const [first = '', second = '', ...rest] = run.stderr.split('\n');
    expect(first).toContain(` ERROR glance_cache_tools.pruner [-] remove ${ONE}: failed (${cannot(ONE)}, 1000 B)`);
    expect(second).toContain(` ERROR glance_cache_tools.pruner [-] remove ${TWO}: failed (${cannot(TWO)}, 1000 B)`);
    expect(rest).toEqual([`ERROR: ${cannot(ONE)}`, `hint: ${AS_GLANCE}`, '']);
    expect([cache().names('cached'), cache().rowIds()]).toEqual([
      [ONE, TWO],
      [ONE, TWO],
    ]);
  });

  test('the cleaner ends with 10 and does the rest when some files may not be removed', async () => {
    cache().addFile('invalid', ONE);
    cache().addFile('incomplete', TWO, { ageSec: 1_000_000 });
    cache().handTo(UNPRIVILEGED);
    chmodSync(cache().layout.areas.invalid, 0o550);
    const cannot = `Cannot remove "${cache().layout.areas.invalid}/${ONE}": permission denied (EACCES)`;
    const message = `Cannot do everything: 1 of 2 items failed: ${cannot}`;
    const run = await cache().run('cleaner', [], { as: UNPRIVILEGED });
    expect(run).toEqual(failure(10, message, AS_GLANCE));
    expect(cache().names('incomplete')).toEqual([]);
  });
});

describe.skipIf(!CAN_MOUNT)('file systems (only root can mount one)', () => {
  test('lists answer and changes end with 4 when the file system is read-only', async () => {
    fill();
    const within = withReadOnly(cache().root);
    const list = await cache().run('manage', ['list-cached', '--format', 'value', '-c', 'id'], { within });
    expect(list).toEqual(success(`${ONE}\n`));
    for (const [program, args] of [
      ['pruner', []],
      ['cleaner', []],
      ['manage', ['-f', 'queue-image', TWO]],
    ] as const) {
      const lock = join(cache().layout.locks, `glance-cache-${program}`);
      const hint = `Look at it with --dry-run only, or mount the file system of the cache read-write: sudo mount -o remount,rw "$(findmnt -n -o TARGET -T /test/cache/.glance-cache-tools/locks)"`;
      const expected = failure(4, `Cannot lock "${lock}": read-only file system (EROFS)`, hint);
      expect(await cache().run(program, args, { within }), program).toEqual(expected);
    }
  });

  test('the pruner makes room for itself when the disk is full', async () => {
    fill();
    // Not sparse, as the fixture's own are: there must be something to be freed.
    cache().addImage(TWO, { size: 50_000 });
    writeFileSync(join(cache().root, TWO), Buffer.alloc(50_000, 1));
    const run = await cache().run('pruner', [], { within: withFullDisk(cache().root, 'bytes') });
    const names = ['.glance-cache-tools', 'cache.db', 'glance-cache-prune', 'incomplete', 'invalid', 'queue'];
    expect(run).toEqual(success(names.map((name) => `${name}\n`).join('')));
  });

  test('queue-image ends with 4 and says what to do when the disk takes no more files', async () => {
    const run = await cache().run('manage', ['-f', 'queue-image', TWO], {
      within: withFullDisk(cache().root, 'files'),
    });
    expect(run.code).toBe(4);
    expect(run.stderr).toBe(
      `ERROR: Cannot lock "${cache().layout.locks}/glance-cache-manage": no space left on device (ENOSPC)\n` +
        'hint: Free some space on that file system, for example by deleting a file in invalid/: df -h /test/cache/.glance-cache-tools/locks\n',
    );
  });
});

test('queue-image makes no folder for a cache when the one above may not be written', async () => {
  rmdirSync(cache().home);
  const parent = join(cache().base, 'parent');
  mkdirSync(parent);
  cache().handTo(UNPRIVILEGED);
  chmodSync(parent, 0o555);
  cache().configureExactly('[DEFAULT]', `image_cache_dir = ${parent}/cache`);
  const run = await cache().run('manage', ['-f', 'queue-image', ONE], { as: UNPRIVILEGED });
  expect(run).toEqual(failure(4, `Cannot create "${parent}/cache": permission denied (EACCES)`, AS_GLANCE));
});
