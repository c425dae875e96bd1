import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { PASSWORD, usePrefetch } from '../support/prefetch-fixture.ts';
import type { RunResult } from '../support/run-program.ts';
import { canMakeNode, type ExampleNode, FINE, useNode } from './example-node.ts';

// The crontab and the rotation of logs of man/examples as they are, run by cron and by logrotate.

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];
const ADMIN = ['admin_user = glance', `admin_password = ${PASSWORD}`, 'admin_tenant_name = service'];

/** Something is queued, and there are no credentials. */
const MAILED = 'grep -qs "Cannot log in" /run/mail';

const DAY_SEC = 24 * 3600;

const beside = usePrefetch();
const startNode = useNode();

/**
 * Has cron live through the turn of a minute, and waits until the cache looks as it should.
 *
 * @param time two seconds before that
 * @param until a command of the shell, in the cache
 * @returns on standard output what cron would have mailed
 */
function turnTo(node: ExampleNode, time: string, until: string): Promise<RunResult> {
  return node.run(
    `systemd-run --quiet --unit=turn --property=KillMode=mixed faketime -f '@2026-11-21 ${time}' cron -f || exit
     cd /var/lib/glance/image-cache
     timeout 30 sh -c 'until ${until}; do sleep 0.05; done' || { journalctl --no-pager -u turn >&2; exit 1; }
     while pgrep -f '[C]RON -f' > /dev/null; do sleep 0.05; done
     systemctl stop turn; cat /run/mail 2> /dev/null || true`,
  );
}

describe.skipIf(!canMakeNode())('man/examples/glance-cache-tools.cron (where namespaces may be made)', () => {
  test('has cron prune and prefetch every half hour, without a mail', async () => {
    const fixture = await beside({ images: [{ id: THREE, sizeBytes: 100 }] });
    const { cache, cloud } = fixture;
    cache.addImage(ONE, { accessed: 1 });
    cache.addImage(TWO, { accessed: 2 });
    fixture.queue(THREE);
    const node = await startNode(cache, 'image_cache_max_size = 1500', `auth_url = ${cloud.keystoneUrl}`, ...ADMIN);
    expect(await turnTo(node, '04:29:58', `[ -e ${THREE} ] && [ ! -e ${ONE} ]`)).toEqual(FINE);
    expect(cache.names('cached')).toEqual([TWO, THREE]);
  });

  test('has cron clean every night, and mails what goes wrong', async () => {
    const { cache } = await beside();
    cache.addFile('invalid', ONE);
    cache.addFile('incomplete', TWO, { ageSec: 2 * DAY_SEC });
    cache.addMarker(THREE);
    const node = await startNode(cache);
    const { stdout } = await turnTo(
      node,
      '04:14:58',
      `[ ! -e invalid/${ONE} ] && [ ! -e incomplete/${TWO} ] && ${MAILED}`,
    );
    expect(stdout).toMatch(/^Subject: Cron <root@\S+> +glance-cache-prefetcher --skip-if-busy$/m);
    expect(stdout).not.toContain('glance-cache-cleaner');
  });
});

describe.skipIf(!canMakeNode())('man/examples/glance-cache-tools.logrotate (where namespaces may be made)', () => {
  test('rotates a log that the next run begins anew', async () => {
    const { cache } = await beside();
    const node = await startNode(cache, 'debug = true');
    const logs = 'cd /var/log/glance && ls -l | tail -n +2 | tr -s " " | cut -d " " -f 1,3,4,9';
    expect(await node.run('glance-cache-pruner && logrotate -f /etc/logrotate.d/glance-cache-tools')).toEqual(FINE);
    expect(await node.run(`glance-cache-pruner; ${logs}`)).toEqual({
      ...FINE,
      stdout: '-rw-r----- glance glance glance-cache-pruner.log\n-rw-r----- glance glance glance-cache-pruner.log.1\n',
    });
    const { stdout } = await node.run(`wc -l < /var/log/glance/glance-cache-pruner.log`);
    expect(Number(stdout)).toBeGreaterThan(0);
  });
});
