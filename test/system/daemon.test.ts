// Daemons where they live: as the first process of a container, as somebody whom nobody knows, on a file system that is
// read-only, as root, and for long.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { useDaemons } from '../support/daemon.ts';
import { CAN_MOUNT } from '../support/mounts.ts';
import { UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();
const daemonOf = useDaemons();

const ONE = idOf('1');
const DAEMON = ['--daemon', '--wakeup-time', '1d'];

/** Nobody has an entry for it. */
const STRANGER = { uid: 54_321, gid: 54_322 };

/** As in a container: PID 1, a user without a name, and nothing to write to but the cache. */
function likeContainer(): readonly string[] {
  const { base, root } = cache();
  const { uid, gid } = STRANGER;
  const script = `
    mount --bind '${root}' '${root}' || exit 97
    for target in $(findmnt -rno TARGET); do
      case $target in /proc*|/sys*|/dev*|'${root}') ;; *) mount -o remount,bind,ro "$target" 2> /dev/null;; esac
    done
    touch '${base}/x' 2> /dev/null && exit 98
    exec setpriv --reuid ${uid} --regid ${gid} --clear-groups "$@"`;
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc'];
  return ['unshare', ...namespaces, 'sh', '-c', script, 'sh'];
}

function statusOf(pid: number): Readonly<Record<string, string>> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
}

describe.skipIf(!CAN_MOUNT)('a daemon in a container (needs to mount)', () => {
  for (const program of ['pruner', 'cleaner', 'prefetcher'] as const) {
    test(`${program} works as PID 1, as an unknown user, on a read-only root, and ends with 0`, async () => {
      cache().configure('image_cache_max_size = 0');
      cache().addImage(ONE);
      cache().addFile('invalid', ONE);
      cache().handTo(STRANGER);
      const daemon = daemonOf(cache().start(program, DAEMON, { within: likeContainer() }), true);
      const done = {
        pruner: '1 image removed, 1000 B',
        cleaner: '1 file removed, 1000 B',
        prefetcher: 'nothing fetched',
      };
      expect(await daemon.line()).toBe(`INFO Round 1: ${done[program]}, in N s; next later`);
      const status = statusOf(daemon.pid);
      expect([status['NSpid']?.split('\t').at(-1), status['Uid']?.split('\t')[1]]).toEqual(['1', '54321']);
      daemon.hangUp();
      expect(await daemon.line()).toMatch(/^INFO Round 2 \(SIGHUP\): nothing (?:removed|fetched), in N s; next later$/);
      expect((await daemon.stop()).code).toBe(0);
      expect(await daemon.line()).toBe('INFO Stopped by SIGTERM');
    });
  }

  test('leaves no zombies of the programs that it logs through', async () => {
    cache().configure('use_syslog = true');
    writeFileSync(join(cache().base, 'logger'), '#!/bin/sh\nexec cat > /dev/null\n', { mode: 0o755 });
    cache().handTo(STRANGER);
    const env = { PATH: `${cache().base}:${process.env['PATH']}` };
    const daemon = daemonOf(cache().start('pruner', DAEMON, { within: likeContainer(), env }), true);
    await daemon.line();
    const { pid } = daemon;
    for (let round = 0; round < 5; round += 1) {
      process.kill(pid, 'SIGHUP');
      await daemon.line();
    }
    const children = (): readonly string[] => {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    };
    // One that has just ended is a zombie until the daemon hears of it; the one that the last line goes to may still work.
    const zombies = () => children().filter((child) => statusOf(Number(child))['State']?.startsWith('Z'));
    await expect.poll(zombies, { timeout: 10_000, interval: 10 }).toEqual([]);
    await expect.poll(() => children().length, { timeout: 10_000, interval: 10 }).toBeLessThanOrEqual(1);
    process.kill(pid, 'SIGTERM');
    expect((await daemon.ended).code).toBe(0);
  });
});

describe('a daemon of root', () => {
  test("waits with the rights of the cache's owner, and reads with its own what only root may read", async () => {
    cache().configure('image_cache_max_size = 9000');
    cache().handTo(UNPRIVILEGED);
    cache().addImage(ONE);
    chmodSync(cache().conf, 0o600);
    const daemon = daemonOf(cache().start('pruner', DAEMON));
    const { uid, gid } = UNPRIVILEGED;
    const expectOwner = (): void => {
      const { Uid, Gid, Groups } = statusOf(daemon.pid);
      expect([Uid?.split('\t')[1], Gid?.split('\t')[1], Groups?.trim()]).toEqual([`${uid}`, `${gid}`, `${gid}`]);
    };
    expect(await daemon.line()).toBe('INFO Round 1: nothing removed, in N s; next later');
    expectOwner();
    cache().configure('image_cache_max_size = 0');
    chmodSync(cache().conf, 0o600);
    daemon.hangUp();
    expect(await daemon.line()).toBe('INFO Round 2 (SIGHUP): 1 image removed, 1000 B, in N s; next later');
    expectOwner();
    expect((await daemon.stop()).code).toBe(0);
  });

  test('takes the rights of another owner when the cache was given to one', async () => {
    const daemon = daemonOf(cache().start('pruner', DAEMON));
    await daemon.line();
    for (const owner of [UNPRIVILEGED, STRANGER, { uid: 0, gid: 0 }, UNPRIVILEGED]) {
      cache().handTo(owner);
      daemon.hangUp();
      let line = await daemon.line();
      while (!line.includes('SIGHUP')) line = await daemon.line();
      expect(line).toContain('nothing removed');
      expect(statusOf(daemon.pid)['Uid']?.split('\t').slice(0, 2)).toEqual(['0', `${owner.uid}`]);
    }
  });
});

describe('a daemon', () => {
  test('looks at the cache now and then, and says so once, when there is no inotify to be had', async () => {
    cache().configure('image_cache_max_size = 1500');
    const script = 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"';
    const within = ['unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh'];
    const daemon = daemonOf(cache().start('pruner', DAEMON, { within }));
    expect(await daemon.line()).toMatch(/^INFO Round 1/);
    expect(await daemon.line()).toMatch(/^WARNING Cannot watch ".*", looking every 5 s instead: .*inotify/);
    cache().addImage(ONE);
    cache().addImage(idOf('2'));
    expect(await daemon.line()).toMatch(/^INFO Round 2 \(above the maximum\): 1 image removed/);
    expect((await daemon.stop()).code).toBe(0);
  });

  for (const program of ['pruner', 'cleaner'] as const) {
    test(`${program} takes no more memory and no more descriptors after 600 rounds`, async () => {
      // Others may write here: folders are opened, to be safe from being swapped.
      chmodSync(cache().root, 0o777);
      cache().addImage(ONE);
      cache().handTo(UNPRIVILEGED);
      const daemon = daemonOf(cache().start(program, DAEMON));
      await daemon.line();
      const go = async (rounds: number): Promise<{ readonly descriptors: number; readonly residentKib: number }> => {
        for (let round = 0; round < rounds; round += 1) {
          daemon.hangUp();
          expect(await daemon.line()).toMatch(/^INFO Round \d+ \(SIGHUP\): nothing removed/);
        }
        const residentKib = Number.parseInt(statusOf(daemon.pid)['VmRSS'] ?? '', 10);
        return { descriptors: readdirSync(`/proc/${daemon.pid}/fd`).length, residentKib };
      };
      const before = await go(100);
      const after = await go(500);
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2);
      expect(after.residentKib - before.residentKib).toBeLessThan(12 * 1024);
    });
  }
});
