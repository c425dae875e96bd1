import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { PASSWORD, usePrefetch } from '../support/prefetch-fixture.ts';
import { ROOT, type RunResult } from '../support/run-program.ts';
import { canMakeNode, type ExampleNode, FINE, GLANCE, useNode } from './example-node.ts';

// The units of man/examples as they are, started by systemd, with all that they forbid the programs.

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];
const ADMIN = ['admin_user = glance', `admin_password = ${PASSWORD}`, 'admin_tenant_name = service'];
const DAY_SEC = 24 * 3600;

const SERVICES = readdirSync(join(ROOT, 'man', 'examples')).filter((name) => name.endsWith('.service'));

const beside = usePrefetch();
const startNode = useNode();

/** Starts a unit and waits until it has ended. What it said is in the result when it failed. */
function start(node: ExampleNode, unit: string): Promise<RunResult> {
  return node.run(`systemctl start ${unit} || { journalctl --no-pager --quiet --unit ${unit}; exit 1; } >&2`);
}

describe.skipIf(!canMakeNode())('man/examples/*.service (where namespaces may be made)', () => {
  test('the pruner brings the cache down to its limits', async () => {
    const { cache } = await beside();
    cache.addImage(ONE, { accessed: 1 });
    cache.addImage(TWO, { accessed: 2 });
    const node = await startNode(cache, 'image_cache_max_size = 1500');
    expect(await start(node, 'glance-cache-pruner.service')).toEqual(FINE);
    expect(cache.names('cached')).toEqual([TWO]);
    expect(existsSync(join(cache.base, 'log', 'glance-cache-pruner.log'))).toBe(true);
  });

  test('the cleaner removes what has failed and stalled, and sees what is still being written', async () => {
    const { cache } = await beside();
    cache.addFile('invalid', ONE);
    for (const imageId of [TWO, THREE]) cache.addFile('incomplete', imageId, { ageSec: 2 * DAY_SEC });
    const node = await startNode(cache);
    const held = `/var/lib/glance/image-cache/incomplete/${THREE}`;
    const writer = await node.run(
      `systemd-run --quiet --uid=${GLANCE.uid} --unit=writer sh -c 'exec 3>> ${held}; exec sleep infinity'
       until ls -l /proc/$(systemctl show --value -p MainPID writer)/fd 2> /dev/null | grep -q ${THREE}; do sleep 0.02; done
       touch -d '2 days ago' ${held}`,
    );
    expect(writer).toEqual(FINE);
    expect(await start(node, 'glance-cache-cleaner.service')).toEqual(FINE);
    expect([cache.names('invalid'), cache.names('incomplete')]).toEqual([[], [THREE]]);
  });

  test('the prefetcher fetches what is queued', async () => {
    const fixture = await beside({ images: [{ id: ONE }] });
    const { cache, cloud } = fixture;
    fixture.queue(ONE);
    const node = await startNode(cache, `auth_url = ${cloud.keystoneUrl}`, ...ADMIN);
    expect(await start(node, 'glance-cache-prefetcher.service')).toEqual(FINE);
    expect(cache.names('cached')).toEqual([ONE]);
  });

  test('the metrics reach node_exporter, in a folder as Debian has it, and readable for it', async () => {
    const { cache } = await beside();
    cache.addImage(ONE);
    const node = await startNode(cache);
    const folder = '/var/lib/prometheus/node-exporter';
    expect(await node.run(`mkdir -p ${folder} && chown nobody ${folder}/..`)).toEqual(FINE);
    expect(await start(node, 'glance-cache-metrics.service')).toEqual(FINE);
    const { stdout } = await node.run(`cd ${folder} && ls -A && setpriv --reuid=nobody --clear-groups cat *.prom`);
    expect(stdout).toMatch(/^glance-cache\.prom\n# HELP /);
    expect(stdout).toContain('\nglance_cache_up 1\n');
    expect(stdout).toContain('\nglance_cache_images 1\n');
  });

  test('a daemon begins at once, begins anew when it is reloaded, and ends in peace', async () => {
    const { cache } = await beside();
    cache.addImage(ONE, { accessed: 1 });
    const node = await startNode(cache, 'image_cache_max_size = 1500');
    const unit = 'glance-cache-tools@pruner.service';
    expect(await start(node, unit)).toEqual(FINE);
    cache.addImage(TWO, { accessed: 2 });
    const image = `/var/lib/glance/image-cache/${ONE}`;
    const reload = `systemctl reload ${unit} && timeout 30 sh -c 'while [ -e ${image} ]; do sleep 0.05; done'`;
    expect(await node.run(`chown glance: /var/lib/glance/image-cache/${TWO} && ${reload}`)).toEqual(FINE);
    const ended = `systemctl stop ${unit} && systemctl show -p Result -p ExecMainStatus ${unit}`;
    expect(await node.run(ended)).toEqual({ ...FINE, stdout: 'Result=success\nExecMainStatus=0\n' });
  });

  test('the timers can be enabled, and wait for their time', async () => {
    const { cache } = await beside();
    const node = await startNode(cache);
    expect((await node.run('systemctl enable --quiet --now /etc/systemd/system/*.timer')).code).toBe(0);
    const { stdout } = await node.run('systemctl list-timers --no-legend --no-pager');
    const waiting = Array.from(stdout.matchAll(/(\S+)\.timer +(\S+)\.service$/gm), ([, timer, service]) => [
      timer,
      service,
    ]);
    const programs = ['glance-cache-cleaner', 'glance-cache-metrics', 'glance-cache-prefetcher', 'glance-cache-pruner'];
    expect(waiting.sort()).toEqual(programs.map((name) => [name, name]));
  });

  test.each(SERVICES)('%s is hardened, as systemd judges it', async (unit) => {
    const { cache } = await beside();
    const node = await startNode(cache);
    const { code, stdout, stderr } = await node.run(
      `systemd-analyze security --no-pager --threshold=30 ${unit.replace('@', '@pruner')}`,
    );
    expect(stdout + stderr).toContain('Overall exposure level');
    expect(code, stdout).toBe(0);
  });
});
