// Programs that go on in rounds. They wait for a day in between: what begins a round before that is what is tested.
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { useChildren } from '../support/child.ts';
import { type Daemon, useDaemons } from '../support/daemon.ts';
import { failure, type ProgramName, withoutTime } from '../support/run-program.ts';

const cache = useCache();
const daemonOf = useDaemons();
const startHolder = useChildren('support/programs/holder.ts');

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

function start(program: ProgramName, ...args: readonly string[]): Daemon {
  return daemonOf(cache().start(program, ['--daemon', '--wakeup-time', '1d', ...args]));
}

/** An image comes as glance-api brings it: its row, then the file, whole. */
function bring(imageId: string, size: number): void {
  cache().addRow(imageId, { size });
  renameSync(cache().addFile('incomplete', imageId, { size }), join(cache().root, imageId));
}

describe('--daemon', () => {
  test('does a round at once, tells it in one line, and ends with 0 when SIGTERM or SIGINT asks it to stop', async () => {
    for (const program of ['pruner', 'cleaner', 'prefetcher'] as const) {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const daemon = start(program);
        const done = program === 'prefetcher' ? 'fetched' : 'removed';
        expect(await daemon.line()).toBe(`INFO Round 1: nothing ${done}, in N s; next later`);
        const { code, stdout } = await daemon.stop(signal);
        expect([code, stdout, await daemon.line()]).toEqual([0, '', `INFO Stopped by ${signal}`]);
      }
    }
  });

  test('reads the configuration anew when SIGHUP comes, and flags win over it as before', async () => {
    const daemon = start('pruner', '--low-watermark', '50%');
    cache().addImage(ONE, { accessed: 1000 });
    cache().addImage(TWO, { accessed: 2000 });
    await daemon.line();
    cache().configure('image_cache_max_size = 1500', '[cache_tools]', 'low_watermark = 100%');
    daemon.hangUp();
    expect(await daemon.line()).toBe('INFO Round 2 (SIGHUP): 2 images removed, 2000 B, in N s; next later');
    expect((await daemon.stop()).code).toBe(0);
  });

  test('keeps the earlier configuration when the new one is wrong, and says so', async () => {
    cache().configure('image_cache_max_size = 1500');
    const daemon = start('pruner');
    await daemon.line();
    for (const [value, hint] of [
      ['image_cache_max_size = much', /./],
      ['image_cache_dir = /', /nothing but the cache/],
      ['[cache_tools]\nmin_free = much', /./],
    ] as const) {
      cache().configure(value);
      daemon.hangUp();
      const line = await daemon.line();
      expect(line).toMatch(/^ERROR Going on with the earlier configuration: .*; hint: /);
      expect(line).toMatch(hint);
      expect(await daemon.line()).toMatch(/^INFO Round \d \(SIGHUP\): nothing removed/);
    }
    cache().addImage(ONE);
    cache().addImage(TWO);
    daemon.hangUp();
    expect(await daemon.line()).toMatch(/^ERROR Going on/);
    expect(await daemon.line()).toBe('INFO Round 5 (SIGHUP): 1 image removed, 1000 B, in N s; next later');
    expect((await daemon.stop()).code).toBe(0);
  });

  test('ends at once as any run does when the configuration is wrong from the beginning', async () => {
    cache().configure('image_cache_max_size = much');
    const single = await cache().run('pruner', []);
    expect(single.code).toBe(3);
    expect(await start('pruner').ended).toEqual(single);
  });

  test('takes another run at work for no failure', async () => {
    mkdirSync(cache().layout.locks, { recursive: true });
    const holder = startHolder('lock', join(cache().layout.locks, 'glance-cache-cleaner'));
    await holder.expectLine('held');
    const daemon = start('cleaner', '--lock-timeout', '0');
    expect(await daemon.line()).toMatch(/^INFO Round 1: skipped: Cannot start glance-cache-cleaner: another run/);
    await holder.finish();
    daemon.hangUp();
    expect(await daemon.line()).toBe('INFO Round 2 (SIGHUP): nothing removed, in N s; next later');
  });

  test('stops at once while a round waits for a lock', async () => {
    mkdirSync(cache().layout.locks, { recursive: true });
    const holder = startHolder('lock', join(cache().layout.locks, 'glance-cache-pruner'));
    await holder.expectLine('held');
    const daemon = start('pruner', '--lock-timeout', '1h', '--debug');
    while (!(await daemon.line()).includes('Read configuration file'));
    expect((await daemon.stop()).code).toBe(0);
  });

  test('stops at once while the program that it logs through does not end', async () => {
    cache().configure('use_syslog = true');
    const logger = join(cache().base, 'logger');
    writeFileSync(logger, `#!/bin/sh\nexec tail -f '${logger}' > '${logger}.out' 2>&1\n`, { mode: 0o755 });
    const env = { PATH: `${cache().base}:${process.env['PATH']}` };
    const daemon = daemonOf(cache().start('pruner', ['--daemon', '--wakeup-time', '1d'], { env }));
    await daemon.line();
    expect((await daemon.stop()).code).toBe(0);
    expect(await daemon.line()).toMatch(/^WARNING: Cannot log to syslog: it did not end within 0.25 s/);
    expect(await daemon.line()).toBe('INFO Stopped by SIGTERM');
  });

  test('tells the error of a round with its hint, and goes on', async () => {
    const { index } = cache().layout;
    const whole = readFileSync(index);
    writeFileSync(index, 'nothing that SQLite would know');
    const daemon = start('pruner');
    for (const name of ['Round 1', 'Round 2 \\(SIGHUP\\)']) {
      const line = `^ERROR ${name}: failed in N s: Cannot .*file is not a database; hint: .*verify --repair.*; next later$`;
      expect(await daemon.line()).toMatch(new RegExp(line));
      daemon.hangUp();
    }
    expect(await daemon.line()).toMatch(/^ERROR Round 3/);
    writeFileSync(index, whole);
    daemon.hangUp();
    expect(await daemon.line()).toBe('INFO Round 4 (SIGHUP): nothing removed, in N s; next later');
    expect((await daemon.stop()).code).toBe(0);
  });

  test('prints one object on one line for each round when it is asked for JSON', async () => {
    cache().configure('image_cache_max_size = 1500');
    cache().addImage(ONE);
    cache().addImage(TWO);
    const daemon = start('pruner', '--format', 'json');
    expect(await daemon.result()).toMatchObject({
      round: 1,
      cause: null,
      result: 'done',
      images: 1,
      bytes: 1000,
      error: null,
      report: { freed_bytes: 1000, items: [{ image_id: ONE, result: 'done' }] },
    });
    writeFileSync(cache().layout.index, 'nothing that SQLite would know');
    daemon.hangUp();
    expect(await daemon.result()).toMatchObject({
      round: 2,
      cause: 'SIGHUP',
      result: 'failed',
      images: null,
      error: { code: 'INDEX_CORRUPT', exit_code: 4 },
      report: null,
    });
    const { code, stdout } = await daemon.stop();
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 2]);
  });

  test('holds no more descriptors after many rounds, where folders are held open in each', async () => {
    // Others may write here: folders are opened, to be safe from being swapped.
    chmodSync(cache().root, 0o770);
    cache().configure('[cache_tools]', 'max_age = 1d');
    for (const program of ['pruner', 'cleaner'] as const) {
      const daemon = start(program);
      await daemon.line();
      const held = readdirSync(`/proc/${daemon.pid}/fd`).length;
      for (let round = 0; round < 15; round += 1) {
        cache().addImage(ONE);
        cache().addFile('invalid', TWO);
        daemon.hangUp();
        expect(await daemon.line()).toMatch(/^INFO Round \d+ \(SIGHUP\): 1 \w+ removed/);
        if (program === 'cleaner') cache().inIndex((db) => db.exec('DELETE FROM cached_images'));
      }
      // What watches the cache may be between two waits.
      expect(readdirSync(`/proc/${daemon.pid}/fd`).length).toBeLessThanOrEqual(held + 2);
      await daemon.stop();
    }
  });

  test('writes to a log file that was rotated', async () => {
    const log = join(cache().base, 'pruner.log');
    const daemon = start('pruner', '--log-file', log);
    await daemon.line();
    renameSync(log, `${log}.1`);
    daemon.hangUp();
    await daemon.line();
    await daemon.stop();
    const [before, after] = [`${log}.1`, log].map((path) => withoutTime(readFileSync(path, 'utf8')));
    expect(before).toMatch(/^INFO glance_cache_tools.pruner \[-\] Round 1: /m);
    expect(after).toMatch(/^INFO glance_cache_tools.pruner \[-\] Round 2 /m);
    expect(after).toMatch(/^INFO glance_cache_tools.pruner \[-\] Stopped by SIGTERM$/m);
  });
});

describe('a round before its time', () => {
  test('prunes when the images have come to take more than the maximum, pinned ones kept', async () => {
    cache().configure('image_cache_max_size = 2500');
    mkdirSync(cache().layout.pinned, { recursive: true });
    writeFileSync(join(cache().layout.pinned, TWO), '');
    const daemon = start('pruner');
    await daemon.line();
    bring(ONE, 1000);
    bring(TWO, 1000);
    bring(THREE, 1000);
    expect(await daemon.line()).toBe('INFO Round 2 (above the maximum): 1 image removed, 1000 B, in N s; next later');
    expect(cache().names('cached')).toEqual([TWO, THREE]);
    expect((await daemon.stop()).code).toBe(0);
  });
});

describe('--daemon is refused', () => {
  const once = 'by hand, and without --daemon';
  const cases: readonly (readonly [ProgramName, readonly string[], string, string])[] = [
    [
      'pruner',
      ['--dry-run'],
      '--dry-run with --daemon: it would show the same plan in each round',
      `Run glance-cache-pruner with --dry-run ${once}`,
    ],
    [
      'cleaner',
      ['--image', ONE],
      '--image with --daemon: it is about single images, and a daemon is about all',
      `Run glance-cache-cleaner with --image ${once}`,
    ],
    [
      'prefetcher',
      ['--image', ONE],
      '--image with --daemon: it is about single images, and a daemon is about all',
      `Run glance-cache-prefetcher with --image ${once}`,
    ],
    [
      'pruner',
      ['--adopt'],
      '--adopt with --daemon: it overrides a refusal that somebody has to look at each time',
      `Run glance-cache-pruner with --adopt ${once}`,
    ],
    [
      'pruner',
      ['--format', 'csv'],
      '--format csv with --daemon: reports would run into each other',
      'Use --format json, which prints one line for each round',
    ],
  ];
  for (const [program, args, message, hint] of cases) {
    test(`when ${program} is called with ${args[0]} ${args.length > 1 ? '...' : ''}`, async () => {
      expect(await cache().run(program, ['--daemon', ...args])).toEqual(failure(2, `Cannot use ${message}`, hint));
    });
  }

  test('when it is missing and --wakeup-time is not', async () => {
    const message = 'Cannot use --wakeup-time: it is for a daemon, and this is a single run';
    const hint = 'Add --daemon, or leave --wakeup-time out';
    expect(await cache().run('pruner', ['--wakeup-time', '5m'])).toEqual(failure(2, message, hint));
  });
});
