import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { Child, useChildren } from '../support/child.ts';
import { failure, type ProgramName, success, withoutTime } from '../support/run-program.ts';

const cache = useCache();
const startHolder = useChildren('support/programs/holder.ts');

const ONE = idOf('1');
const PYTHON = '/usr/bin/python3';

/** Takes a lock as oslo.concurrency does, and holds it until its input ends. */
const PYTHON_LOCK = `
import fcntl, sys
handle = open(sys.argv[1], 'a')
fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
print('held', flush=True)
sys.stdin.read()
`;

const python: Child[] = [];
afterEach(async () => {
  for (const child of python.splice(0)) await child.kill();
});

async function hold(way: string, path: string): Promise<Child> {
  const child = startHolder(way, path);
  await child.expectLine('held');
  return child;
}

async function holdAsGlance(path: string): Promise<void> {
  const child = new Child(PYTHON, ['-I', '-c', PYTHON_LOCK, path]);
  python.push(child);
  await child.expectLine('held');
}

/** Something for each program to do. */
function fill(): void {
  cache().configure('image_cache_max_size = 0');
  cache().addImage(ONE);
  cache().addFile('invalid', ONE);
}

const BUSY_RUN_HINT =
  'In a crontab, --skip-if-busy leaves the work to others; to give that run more time: <this command> --lock-timeout 10m';
const BUSY_GLANCE_HINT =
  'Glance does the same work at this moment. In a crontab, --skip-if-busy leaves the work to others; to give it more time: <this command> --lock-timeout 10m';
const BUSY_INDEX_HINT = 'Another program is writing to it; to give it more time: <this command> --lock-timeout 60s';

const GLANCE_LOCKS = { pruner: 'glance-cache-prune', cleaner: 'glance-cache-clean' } as const;

for (const [program, glanceLock] of Object.entries(GLANCE_LOCKS) as [ProgramName, string][]) {
  test(`the ${program} ends with 5 and changes nothing when another run of it is at work`, async () => {
    fill();
    await hold('lock', join(cache().layout.locks, `glance-cache-${program}`));
    const before = cache().state();
    const message = `Cannot start glance-cache-${program}: another run of it is at work on this cache (waited 0 s)`;
    expect(await cache().run(program, ['--lock-timeout', '0'])).toEqual(failure(5, message, BUSY_RUN_HINT));
    expect(await cache().run(program, ['--lock-timeout=1'])).toEqual(
      failure(5, message.replace('0 s', '1 s'), BUSY_RUN_HINT),
    );
    expect(cache().state()).toEqual(before);
  });

  test(`the ${program} ends silently with 0 when --skip-if-busy is given and another run is at work`, async () => {
    fill();
    await hold('lock', join(cache().layout.locks, `glance-cache-${program}`));
    const before = cache().state();
    for (const flags of [[], ['--format', 'json'], ['--verbose']]) {
      const run = await cache().run(program, ['--lock-timeout', '0', '--skip-if-busy', ...flags]);
      expect(run).toEqual(success());
    }
    expect(cache().state()).toEqual(before);
    const log = join(cache().base, 'x.log');
    await cache().run(program, ['--lock-timeout', '0', '--skip-if-busy', '--log-file', log]);
    expect(withoutTime(readFileSync(log, 'utf8'))).toBe(
      `INFO glance_cache_tools.${program} [-] Skipped: Cannot start glance-cache-${program}: another run of it is at work on this cache (waited 0 s)\n`,
    );
  });

  test(`the ${program} still plans when it is a dry run and another run is at work`, async () => {
    fill();
    await hold('lock', join(cache().layout.locks, `glance-cache-${program}`));
    const before = cache().state();
    const run = await cache().run(program, ['--lock-timeout', '0', '--dry-run']);
    expect(run).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Would remove 1 /) as string });
    expect(cache().state()).toEqual(before);
  });

  test(`the ${program} ends with 5 and changes nothing when Glance does the same work`, async () => {
    fill();
    const lock = join(cache().root, glanceLock);
    await hold('lock', lock);
    const images = [cache().names('cached'), cache().names('invalid'), cache().rowIds()];
    const message = `Cannot start: Glance holds the lock "${lock}" (waited 0 s)`;
    expect(await cache().run(program, ['--lock-timeout', '0'])).toEqual(failure(5, message, BUSY_GLANCE_HINT));
    expect(await cache().run(program, ['--lock-timeout', '0', '--skip-if-busy'])).toEqual(success());
    expect([cache().names('cached'), cache().names('invalid'), cache().rowIds()]).toEqual(images);
  });

  test.skipIf(!existsSync(PYTHON))(
    `the ${program} sees the lock when Python's lockf holds it in lock_path`,
    async () => {
      fill();
      const folder = join(cache().base, 'locks');
      mkdirSync(folder);
      cache().configure('image_cache_max_size = 0', '[oslo_concurrency]', `lock_path = ${folder}`);
      const lock = join(folder, glanceLock);
      await holdAsGlance(lock);
      const message = `Cannot start: Glance holds the lock "${lock}" (waited 0 s)`;
      expect(await cache().run(program, ['--lock-timeout', '0'])).toEqual(failure(5, message, BUSY_GLANCE_HINT));
      expect(cache().names('invalid')).toEqual([ONE]);
    },
  );

  test(`the ${program} does its work when the lock is given up in time`, async () => {
    fill();
    const holder = await hold('lock', join(cache().layout.locks, `glance-cache-${program}`));
    const running = cache().start(program, ['--lock-timeout', '30', '--debug']);
    // It has read its configuration, so it waits now or will in a moment.
    if (running.process.stderr !== null) await once(running.process.stderr, 'data');
    await holder.finish();
    expect((await running.ended).code).toBe(0);
    expect(cache().names(program === 'pruner' ? 'cached' : 'invalid')).toEqual([]);
  });

  for (const [signal, code] of Object.entries({ SIGTERM: 143, SIGINT: 130 }) as [NodeJS.Signals, number][]) {
    test(`the ${program} ends at once with ${code} when ${signal} comes while it waits for a lock`, async () => {
      fill();
      await hold('lock', join(cache().layout.locks, `glance-cache-${program}`));
      const running = cache().start(program, ['--lock-timeout', '1h', '--debug']);
      if (running.process.stderr !== null) await once(running.process.stderr, 'data');
      running.process.kill(signal);
      const { code: found, stdout, stderr } = await running.ended;
      expect({ code: found, stdout }).toEqual({ code, stdout: '' });
      expect(stderr).toContain(`ERROR: Stopped by ${signal}\n`);
      expect([cache().names('cached'), cache().names('invalid')]).toEqual([[ONE], [ONE]]);
    });
  }
}

test('every change of the index ends with 5 and changes nothing when a writer holds its lock', async () => {
  fill();
  const images = (): unknown => [cache().names('cached'), cache().names('invalid')];
  const before = images();
  await hold('write-lock', cache().layout.index);
  const expected = failure(
    5,
    `Cannot write to the index "${cache().layout.index}": database is locked`,
    BUSY_INDEX_HINT,
  );
  const manage = ['-f', '--lock-timeout', '0'];
  expect(await cache().run('pruner', ['--lock-timeout', '0'])).toEqual(expected);
  expect(await cache().run('manage', [...manage, 'delete-cached-image', ONE])).toEqual(expected);
  expect(await cache().run('manage', [...manage, 'delete-all-cached-images'])).toEqual(expected);
  expect(await cache().run('pruner', ['--lock-timeout', '0', '--skip-if-busy'])).toEqual(success());
  expect(images()).toEqual(before);
});

test('list-cached answers when a writer holds the lock of the index', async () => {
  cache().addImage(ONE);
  await hold('write-lock', cache().layout.index);
  const run = await cache().manage('list-cached', '--format', 'value', '-c', 'id', '--lock-timeout', '0');
  expect(run).toEqual(success(`${ONE}\n`));
});

test('glance-cache-manage holds no lock when it waits for an answer', async () => {
  cache().addImage(ONE);
  const asking = cache().start('manage', ['delete-cached-image', ONE], { stdin: null });
  if (asking.process.stdout !== null) await once(asking.process.stdout, 'data');
  expect(await cache().manage('-f', 'delete-all-cached-images', '--lock-timeout', '0')).toEqual(success());
  asking.process.stdin?.end('y\n');
  expect(await asking.ended).toEqual({
    code: 0,
    stdout: `Delete cached image ${ONE}? [y/N] `,
    stderr: `Nothing to delete: image ${ONE} was not cached\n`,
  });
});

test('glance-cache-manage changes nothing and ends with 143 when SIGTERM comes instead of an answer', async () => {
  cache().addImage(ONE);
  const before = cache().state();
  const asking = cache().start('manage', ['delete-all-cached-images'], { stdin: null });
  if (asking.process.stdout !== null) await once(asking.process.stdout, 'data');
  asking.process.kill('SIGTERM');
  const { code, stderr } = await asking.ended;
  expect({ code, stderr }).toEqual({ code: 143, stderr: 'ERROR: Stopped by SIGTERM\n' });
  expect(cache().state()).toEqual(before);
});

const ODD_LOCKS: Readonly<Record<string, (path: string) => void>> = {
  'a file with content': (path) => writeFileSync(path, 'somebody else'),
  'a folder': (path) => mkdirSync(path),
};

for (const [what, make] of Object.entries(ODD_LOCKS)) {
  test(`the pruner ends with 4 and touches nothing when the lock file is ${what}`, async () => {
    fill();
    const lock = join(cache().root, 'glance-cache-prune');
    make(lock);
    const message = `Cannot lock "${lock}": it is not an empty regular file`;
    const hint =
      'Look at what it is and move it out of the way; lock files are empty and are made anew: sudo mv /test/cache/glance-cache-prune /var/tmp/';
    expect(await cache().run('pruner', [])).toEqual(failure(4, message, hint));
    expect(cache().rowIds()).toEqual([ONE]);
  });
}
