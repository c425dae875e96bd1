import { describe, expect, test } from 'vitest';
import { CACHED_AT, idOf, useCache } from '../support/cache-fixture.ts';
import { type RunResult, success } from '../support/run-program.ts';

const cache = useCache();

const IDS = [idOf('1'), idOf('2'), idOf('3'), idOf('4')] as const;
const [ONE, TWO, THREE, FOUR] = IDS;

/** Four images of 1000 bytes; the first is the least recently used one but was the last to come. */
function fill(): void {
  for (const [place, id] of IDS.entries()) {
    cache().addImage(id, { accessed: CACHED_AT + place * 60, modified: CACHED_AT - place });
  }
}

function prune(...args: readonly string[]): Promise<RunResult> {
  return cache().run('pruner', args);
}

describe('the report', () => {
  function table(result: string): string {
    const width = Math.max(result.length, 'Result'.length);
    const line = `+--------------------------------------+--------+${'-'.repeat(width + 2)}+-----------------------+--------+---------------------+`;
    const row = (id: string, time: string) =>
      `| ${id} | remove | ${result.padEnd(width)} | over the maximum size | 1000 B | ${time} |`;
    const head = `| ID                                   | Action | ${'Result'.padEnd(width)} | Reason                |   Size | Last Used (UTC)     |`;
    return `${[line, head, line, row(ONE, '2023-11-14T22:13:20'), row(TWO, '2023-11-14T22:14:20'), line].join('\n')}\n`;
  }

  test('the pruner shows its plan and changes nothing when it is a dry run, and then carries out just that', async () => {
    cache().configure('image_cache_max_size = 2000');
    fill();
    const before = cache().state();
    const planned = `Would remove 2 images from ${cache().root}, 2000 B (dry run: nothing was changed).
The cache would hold 2 images, 2000 B; its maximum is 2000 B.
${table('planned')}`;
    expect(await prune('--dry-run')).toEqual(success(planned));
    expect(cache().state()).toEqual(before);
    const done = `Removed 2 images from ${cache().root}, 2000 B.
The cache holds 2 images, 2000 B; its maximum is 2000 B.
${table('done')}`;
    expect(await prune('-v')).toEqual(success(done));
    expect(cache().names('cached')).toEqual([THREE, FOUR]);
  });

  test('the pruner reports everything as json when asked for it', async () => {
    cache().configure('image_cache_max_size = 3500');
    fill();
    cache().addFile('cached', 'not-an-image');
    cache().addRow('strange');
    const run = await prune('--format', 'json', '--max-age', '1000w', '--low-watermark', '90%');
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const removed = {
      action: 'remove',
      result: 'done',
      reason: 'max-size',
      area: null,
      size: 1000,
      error: null,
      message: null,
    };
    expect(JSON.parse(run.stdout)).toEqual({
      program: 'glance-cache-pruner',
      dry_run: false,
      cache_dir: cache().root,
      max_size: 3500,
      target_size: 3150,
      min_free: 0,
      max_age: 604_800_000,
      before: { images: 4, bytes: 4000 },
      after: { images: 3, bytes: 3000 },
      freed_bytes: 1000,
      shortfall_bytes: 0,
      shortfall_reasons: [],
      pinned: { images: 0, bytes: 0 },
      foreign: [
        { area: 'cached', name: 'glance-cache-prune', kind: 'lock' },
        { area: 'cached', name: 'not-an-image', kind: 'file' },
      ],
      foreign_rows: ['strange'],
      items: [{ image_id: ONE, ...removed, last_used: '2023-11-14T22:13:20.250000Z' }],
    });
  });

  test('the pruner says that there is nothing to do when there is not', async () => {
    const holds = 'images, 0 B; its maximum is 10737418240 B.\n';
    expect(await prune('-v')).toEqual(success(`Nothing to remove from ${cache().root}.\nThe cache holds 0 ${holds}`));
    const dry = `Nothing to remove from ${cache().root} (dry run).\nThe cache would hold 0 ${holds}`;
    expect(await prune('--dry-run')).toEqual(success(dry));
  });
});
