import { expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { success } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

function fill(): void {
  cache().addImage(ONE);
  cache().addImage(TWO, { size: 2_500_000 });
  cache().addMarker(THREE);
}

const HEAD_CACHED = `+--------------------------------------+--------+---------+-----------+-----------+---------------------+
| ID                                   | Action | Result  | Reason    |      Size | Last Used (UTC)     |
+--------------------------------------+--------+---------+-----------+-----------+---------------------+
`;
const RULE_CACHED =
  '+--------------------------------------+--------+---------+-----------+-----------+---------------------+\n';

/** A dry run and the standard output and standard error it has. */
const DRY_RUNS: readonly (readonly [args: readonly string[], stdout: string, stderr: string])[] = [
  [
    ['delete-all-cached-images'],
    `Would change 2 items (dry run: nothing was changed).
${HEAD_CACHED}| ${ONE} | remove | planned | asked for |    1000 B | 2023-11-14T22:13:20 |
| ${TWO} | remove | planned | asked for | 2500000 B | 2023-11-14T22:13:20 |
${RULE_CACHED}`,
    '',
  ],
  [
    ['delete-cached-image', ONE, THREE, '--format', 'csv'],
    `image_id,action,result,reason,area,size,last_used,error,message
${ONE},remove,planned,requested,,1000,2023-11-14T22:13:20.250000Z,,
${THREE},keep,skipped,absent,,,,,
`,
    `Nothing to delete: image ${THREE} was not cached\n`,
  ],
  [
    ['queue-image', ONE, idOf('4')],
    `Would change 1 item (dry run: nothing was changed).
+--------------------------------------+--------+---------+----------------+--------+
| ID                                   | Action | Result  | Reason         | Folder |
+--------------------------------------+--------+---------+----------------+--------+
| ${idOf('4')} | queue  | planned |                | queue  |
| ${ONE} | keep   | skipped | cached already |        |
+--------------------------------------+--------+---------+----------------+--------+
`,
    `Not queued: image ${ONE} is cached already\n`,
  ],
  [['delete-queued-image', THREE, '--format', 'value'], `${THREE} unqueue planned - queue - - - -\n`, ''],
  [
    ['delete-all-queued-images', '--format', 'yaml'],
    `program: glance-cache-manage
dry_run: true
cache_dir: ROOT
items:
  - image_id: ${THREE}
    action: unqueue
    result: planned
    reason: null
    area: queue
    size: null
    last_used: null
    error: null
    message: null
`,
    '',
  ],
];

for (const [args, stdout, stderr] of DRY_RUNS) {
  test(`${args.join(' ')} shows its plan, asks nothing and changes nothing when it is a dry run`, async () => {
    fill();
    const before = cache().state();
    const run = await cache().manage(...args, '--dry-run');
    expect(run).toEqual({ code: 0, stdout: stdout.replace('ROOT', cache().root), stderr });
    expect(cache().state()).toEqual(before);
  });
}

test('every command leaves a missing directory missing when it is a dry run', async () => {
  cache().configureExactly('[DEFAULT]', `image_cache_dir = ${cache().base}/missing/cache`);
  const nothing = 'Would change 0 items (dry run: nothing was changed).\n';
  expect(await cache().manage('delete-all-cached-images', '--dry-run')).toEqual(success(nothing));
  expect(await cache().manage('delete-all-queued-images', '--dry-run')).toEqual(success(nothing));
  expect((await cache().manage('queue-image', ONE, '--dry-run')).code).toBe(0);
  expect((await cache().manage('list-queued', '--format', 'json')).stdout).toBe('[]\n');
});

test('delete-all-cached-images leaves nothing to plan when its plan was carried out', async () => {
  fill();
  const planned = await cache().manage('delete-all-cached-images', '--dry-run', '--format', 'value', '-f');
  const done = await cache().manage('delete-all-cached-images', '--format', 'value', '-f');
  expect(done.stdout).toBe(planned.stdout.replaceAll('planned', 'done'));
  const after = await cache().manage('delete-all-cached-images', '--dry-run', '--format', 'value');
  expect(after).toEqual(success());
});

test('delete-cached-image reports each image as json when asked for it', async () => {
  fill();
  const { code, stdout, stderr } = await cache().manage('-f', '--format', 'json', 'delete-cached-image', ONE);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    program: 'glance-cache-manage',
    dry_run: false,
    cache_dir: cache().root,
    items: [
      {
        image_id: ONE,
        action: 'remove',
        result: 'done',
        reason: 'requested',
        area: null,
        size: 1000,
        last_used: '2023-11-14T22:13:20.250000Z',
        error: null,
        message: null,
      },
    ],
  });
  expect(cache().rowIds()).toEqual([TWO]);
});

test('queue-image prints the result as a table and nothing else when --format table is given', async () => {
  const run = await cache().manage('-f', '-v', '--format', 'table', 'queue-image', ONE);
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(
    new RegExp(
      `^Queued image ${ONE} for caching\n\\+-+\\+[^]*\\| ${ONE} \\| queue  \\| done   \\| queue  \\|\n[^]*sec\\.\n$`,
    ),
  );
});
