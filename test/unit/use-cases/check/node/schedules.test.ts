import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { mentionsIn } from '../../../../../src/use-cases/check/node/look/commands.ts';
import { cronLines } from '../../../../../src/use-cases/check/node/look/cron-lines.ts';
import { SCHEDULES } from '../../../../../src/use-cases/check/node/schedules.ts';
import { told, useCheckHost } from '../../../../support/check-host.ts';
import { imageIdOf, putFile } from '../../../../support/seeded-cache.ts';

const host = useCheckHost();

const OURS = '#!/usr/bin/env node\n';
const STOCK = '#!/usr/bin/python3\n';
const NOTHING = ['warning no-pruner-schedule', 'warning no-cleaner-schedule'];
const BOTH = '*/30 * * * * root glance-cache-pruner --skip-if-busy\n15 4 * * * root glance-cache-cleaner\n';
const WITH_PATH = `PATH=/usr/local/bin:/usr/bin:/bin\n${BOTH}`;

function install(folder: string, text: string): void {
  for (const job of ['pruner', 'cleaner', 'prefetcher']) host().write(join(folder, `glance-cache-${job}`), text, 0o755);
}

describe('mentionsIn()', () => {
  test.each([
    ['glance-cache-pruner', ['glance-cache-pruner']],
    [
      'cd / && nice -n 10 /opt/x/glance-cache-cleaner --stall-time 2d >> /var/log/glance-cache-cleaner 2>&1',
      ['/opt/x/glance-cache-cleaner'],
    ],
    [
      "su glance -s /bin/sh -c 'glance-cache-pruner; glance-cache-cleaner'",
      ['glance-cache-pruner', 'glance-cache-cleaner'],
    ],
    ['flock -n /run/glance-cache-pruner glance-cache-pruner', ['glance-cache-pruner']],
    ['node /srv/bin/glance-cache-pruner.cjs', ['/srv/bin/glance-cache-pruner.cjs']],
    ['glance-cache-pruner --dry-run --verbose | mail root', []],
    ['my-glance-cache-pruner; glance-cache-pruner.old; glance-cache-manage list-cached', []],
  ])('finds the programs in %j', (command, programs) => {
    expect(mentionsIn(command).map(({ program }) => program)).toEqual(programs);
  });

  test('knows what runs elsewhere', () => {
    expect(mentionsIn('docker exec glance_api glance-cache-pruner')).toEqual([
      { job: 'pruner', program: 'glance-cache-pruner', isElsewhere: true, isStale: false },
    ]);
    expect(mentionsIn('$HOME/bin/glance-cache-cleaner --stale')).toEqual([
      { job: 'cleaner', program: '$HOME/bin/glance-cache-cleaner', isElsewhere: true, isStale: true },
    ]);
  });
});

describe('cronLines()', () => {
  test('reads times, nicknames, users and variables as cron does', () => {
    const text = ['# 1 2 3 4 5 root no', '', '0 4 * * 1-5 root a b%input', 'PATH="/x:/y"', '@daily glance c', 'odd'];
    expect(cronLines(text.join('\n'), true)).toEqual([
      { line: 3, command: 'a b', folders: ['/usr/bin', '/bin'] },
      { line: 5, command: 'c', folders: ['/x', '/y'] },
    ]);
    expect(cronLines('*/5 * * jan,feb * a b\n', false)).toMatchObject([{ command: 'a b' }]);
  });
});

describe('SCHEDULES', () => {
  beforeEach(() => {
    install('/usr/local/bin', OURS);
    host().write('/usr/bin/node', '', 0o755);
    host().write('/usr/sbin/cron', '', 0o755);
    host().write('/etc/crontab', '17 * * * * root run-parts /etc/cron.hourly\n');
  });
  const check = async () => told(await host().check(SCHEDULES));
  const table = (text: string, name = 'glance'): string => {
    const path = host().write(`/etc/cron.d/${name}`, text);
    // Cron passes over tables of others: where the tester is not root, so does this.
    if (process.geteuid?.() === 0) chownSync(path, 0, 0);
    return path;
  };
  const isRoot = process.geteuid?.() === 0;

  test('finds that nothing runs the programs, and tells how to change that', async () => {
    const findings = await host().check(SCHEDULES);
    expect(told(findings)).toEqual(NOTHING);
    expect(findings[0]?.command).toMatch(/^cp .*glance-cache-tools\.cron \/etc\/cron\.d\/glance-cache-tools$/);
    host().write('/run/systemd/system/x', '');
    expect((await host().check(SCHEDULES))[0]?.command).toMatch(/systemctl enable --now glance-cache-pruner\.timer$/);
  });

  test('is satisfied with the crontab of the examples', async () => {
    const example = readFileSync('man/examples/glance-cache-tools.cron', 'utf8').replaceAll(/ root | glance /g, ' x ');
    host().write('/var/spool/cron/crontabs/root', example.replaceAll(' x ', ' '));
    putFile(host().layout, 'queue', imageIdOf(1));
    expect(await check()).toEqual([]);
  });

  test.skipIf(!isRoot)('is satisfied with a table of the system (root only: cron wants it to be root’s)', async () => {
    table(WITH_PATH);
    expect(await check()).toEqual([]);
  });

  test.skipIf(!isRoot).each([
    [
      'does not find the programs',
      BOTH,
      'glance',
      'is not in its PATH (/usr/bin:/bin), but at /usr/local/bin/glance-cache-pruner',
    ],
    ['passes over its name', WITH_PATH, 'glance.cron', 'has a name with other characters'],
    ['misses its end', WITH_PATH.trimEnd(), 'glance', 'ends without a line feed'],
  ])('finds a table that cron %s (root only: cron wants it to be root’s)', async (_what, text, name, state) => {
    table(text, name);
    const findings = await host().check(SCHEDULES);
    expect(told(findings)).toEqual(['warning schedule-broken', 'warning schedule-broken']);
    expect(findings[0]?.message).toContain(state);
  });

  test('finds a table that others may write to, or own', async () => {
    chmodSync(table(WITH_PATH), 0o664);
    expect(await check()).toEqual(['warning schedule-broken', 'warning schedule-broken']);
  });

  test('finds scripts, that they may not be executed, and that node is missing', async () => {
    host().write('/etc/cron.hourly/glance', '#!/bin/sh\n# glance-cache-cleaner\nglance-cache-pruner\n', 0o755);
    expect(await check()).toEqual(['warning no-cleaner-schedule']);
    const path = host().write('/etc/cron.daily/glance', 'glance-cache-cleaner\n');
    expect((await host().check(SCHEDULES))[0]).toMatchObject({
      check: 'schedule-broken',
      command: `chmod a+x /etc/cron.daily/glance`,
    });
    chmodSync(path, 0o755);
    expect(await check()).toEqual([]);
    chmodSync(join(host().root, 'usr/bin/node'), 0o644);
    expect((await host().check(SCHEDULES))[0]?.message).toContain('needs "node", and that is not in its PATH');
  });

  test('minds the prefetcher only where something is queued', async () => {
    host().write('/var/spool/cron/glance', WITH_PATH.replaceAll(' root ', ' '));
    expect(await check()).toEqual([]);
    putFile(host().layout, 'queue', imageIdOf(1));
    expect(await check()).toEqual(['note no-prefetcher-schedule']);
  });

  test('finds timers, and whether they are enabled', async () => {
    host().write('/run/systemd/system/x', '');
    for (const job of ['pruner', 'cleaner']) {
      for (const kind of ['service', 'timer']) {
        const unit = `glance-cache-${job}.${kind}`;
        host().write(`/etc/systemd/system/${unit}`, readFileSync(`man/examples/${unit}`, 'utf8'));
      }
    }
    const findings = await host().check(SCHEDULES);
    expect(told(findings)).toEqual(['warning schedule-broken', 'warning schedule-broken']);
    expect(findings[0]?.command).toBe('systemctl enable --now glance-cache-pruner.timer');
    const wants = '/etc/systemd/system/timers.target.wants';
    for (const job of ['pruner', 'cleaner'])
      host().link(`${wants}/glance-cache-${job}.timer`, `../glance-cache-${job}.timer`);
    expect(await check()).toEqual([]);
    host().write(
      '/etc/systemd/system/glance-cache-pruner.service.d/x.conf',
      '[Service]\nExecStart=\nExecStart=-/opt/glance-cache-pruner\n',
    );
    expect((await host().check(SCHEDULES))[0]?.message).toContain('there is no "/opt/glance-cache-pruner"');
  });

  test('finds daemons, of units and of others', async () => {
    host().run(9, ['/usr/bin/node', '/usr/local/bin/glance-cache-pruner', '--daemon']);
    host().write('/run/systemd/system/x', '');
    host().write(
      '/etc/systemd/system/c.service',
      '[Service]\nExecStart=/usr/local/bin/glance-cache-cleaner --daemon\n',
    );
    expect(await check()).toEqual(['warning schedule-broken']);
    host().link('/etc/systemd/system/multi-user.target.wants/c.service', '../c.service');
    expect(await check()).toEqual([]);
  });

  test('tells a crontab of stock programs, and one beside ours', async () => {
    install('/usr/bin', STOCK);
    host().write('/var/spool/cron/crontabs/glance', BOTH.replaceAll(' root ', ' '));
    expect(await check()).toEqual(['note stock-program-scheduled', 'note stock-program-scheduled']);
    host().write('/var/spool/cron/crontabs/root', WITH_PATH.replaceAll(' root ', ' '));
    expect(await check()).toEqual(['warning scheduled-twice', 'warning scheduled-twice']);
  });

  test('tells how to change the table of a user', async () => {
    host().write('/var/spool/cron/crontabs/glance', BOTH.replaceAll(' root ', ' '));
    expect((await host().check(SCHEDULES))[0]?.command).toBe(
      `(echo 'PATH=/usr/local/bin:/usr/bin:/bin'; crontab -u glance -l) | crontab -u glance -`,
    );
    for (const job of ['pruner', 'cleaner']) chmodSync(join(host().root, `usr/local/bin/glance-cache-${job}`), 0o644);
    expect((await host().check(SCHEDULES))[0]?.command).toBe('npm list --global glance-cache-tools');
  });

  test('finds that cron does not run', async () => {
    host().write('/var/spool/cron/crontabs/root', WITH_PATH.replaceAll(' root ', ' '));
    host().run(1, ['/bin/sleep', '9']);
    expect((await host().check(SCHEDULES))[0]?.message).toContain('is for cron, which does not run here');
    host().run(2, ['/usr/sbin/cron', '-f']);
    expect(await check()).toEqual([]);
  });

  test('says what it could not look at, and what there may be elsewhere', async () => {
    const asStarted = <T>(look: () => T): T => {
      const value = look();
      if (Array.isArray(value) && value.includes('root')) {
        throw Object.assign(new Error('EACCES: permission denied, scandir'), { code: 'EACCES', syscall: 'scandir' });
      }
      return value;
    };
    host().write('/var/spool/cron/crontabs/root', '');
    expect(told(await host().check(SCHEDULES, { asStarted }))).toEqual([
      'note no-pruner-schedule',
      'note no-cleaner-schedule',
    ]);
    expect(told(await host().check(SCHEDULES, { root: join(host().root, 'proc') }))).toEqual([
      'note no-pruner-schedule',
      'note no-cleaner-schedule',
    ]);
  });
});
