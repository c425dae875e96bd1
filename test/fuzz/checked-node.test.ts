/**
 * Whatever crontabs, units, accounts, processes and secrets of a node hold, the checks of the node look at all of it, and
 * what they say of it is well-formed; and nobody who may write a crontab keeps root's check busy for long.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NODE_CHECKS } from '../../src/use-cases/check/node/node-checks.ts';
import { useCheckHost } from '../support/check-host.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';

const host = useCheckHost();

const PIECES = [
  'glance-cache-pruner',
  '/usr/bin/glance-cache-cleaner',
  '*/5 * * * * root ',
  '@daily ',
  'PATH=',
  '/usr/local/bin:',
  '[Service]\n',
  'ExecStart=',
  '[Timer]\nUnit=',
  'User=glance\n',
  '--daemon',
  'password = ',
  'mysql://a:b@c/d',
  'Uid:\t0\t0\t0\t0\n',
  'glance:x:1:',
  '%',
  "'",
  '"',
  '\\\n',
  '\0',
  '\u001b[31m',
  '>',
  ' ',
  '\n',
  '=',
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 8 })), { maxLength: 40 })
  .map((pieces) => pieces.join(''));

const FILES = [
  '/etc/crontab',
  '/etc/cron.d/glance',
  '/etc/cron.d/glance.cron',
  '/etc/cron.daily/glance',
  '/var/spool/cron/crontabs/glance',
  '/etc/systemd/system/glance-cache-pruner.service',
  '/etc/systemd/system/glance-cache-pruner.timer',
  '/lib/systemd/system/glance-api.service',
  '/run/systemd/system/x.timer',
  '/proc/1/cmdline',
  '/proc/7/cmdline',
  '/proc/7/status',
  '/etc/passwd',
  '/etc/group',
  '/etc/glance/glance-api.conf',
];

async function checkAll(): Promise<void> {
  for (const check of NODE_CHECKS) await host().check(check);
}

test(
  'checks of the node look at files of any content',
  async () => {
    const round = fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...FILES), text), { maxLength: 6 }),
      async (files) => {
        for (const [path, content] of files) host().write(path, content, 0o755);
        await checkAll();
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(100, 20_000) });
  },
  patienceMs(60_000),
);

test.each(['1', ' ', '/', 'a', '>', '* ', "'", 'a=', 'glance-cache-', 'password', '/glance-cache-pruner '])(
  'checks of the node are done soon with half a mebibyte of %j',
  async (piece) => {
    const long = piece.repeat(Math.ceil((512 * 1024) / piece.length));
    for (const path of FILES) host().write(path, `${path.includes('cron') ? '@daily root ' : ''}${long}`, 0o755);
    const before = process.cpuUsage();
    await checkAll();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(5);
  },
);
