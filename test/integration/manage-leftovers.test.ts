import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { useChildren } from '../support/child.ts';
import { success, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();
const hold = useChildren('support/programs/holder.ts');

const [ONE, TWO] = [idOf('1'), idOf('2')];
const DAY = 86_400;
const NOT_ROOT = 'Only root sees the files of all processes: whether others hold a file open is unknown\n';

/** Runs as somebody who cannot see the files of others, so that the answer is the same wherever the tests run. */
function list(area: 'incomplete' | 'invalid', ...args: readonly string[]) {
  cache().handTo(UNPRIVILEGED);
  return cache().run('manage', [`list-${area}`, ...args], { as: UNPRIVILEGED });
}

for (const area of ['incomplete', 'invalid'] as const) {
  test(`list-${area} says so when there is none`, async () => {
    expect(await list(area)).toEqual(success(`No ${area} images.\n`));
    expect(await list(area, '--format', 'json')).toEqual(success('[]\n'));
  });

  test(`list-${area} shows size and age, the oldest first, and what it cannot know when it is not root`, async () => {
    cache().addFile(area, ONE, { size: 5, ageSec: 3700 });
    cache().addFile(area, TWO, { size: 123_456, ageSec: 2 * DAY + 5 });
    const { code, stdout, stderr } = await list(area);
    expect({ code, stderr }).toEqual({ code: 0, stderr: NOT_ROOT });
    const lines = stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+/g, (time) => 'T'.repeat(time.length)).split('\n');
    expect(lines[0]).toBe(`Found 2 ${area} images...`);
    expect(lines[2]).toMatch(/^\| +ID +\| +Last Modified \(UTC\) +\| +Age \| +Size \| Held Open \|$/);
    expect(lines[4]).toMatch(new RegExp(`^\\| ${TWO} \\| +T+ +\\| +2 d \\| 123456 \\| unknown   \\|$`));
    expect(lines[5]).toMatch(new RegExp(`^\\| ${ONE} \\| +T+ +\\| +1 h 1 min \\| +5 \\| unknown   \\|$`));
  });

  test(`list-${area} tells what is no image and leaves it alone`, async () => {
    const folder = cache().layout.areas[area];
    symlinkSync('/etc/passwd', join(folder, ONE));
    mkdirSync(join(folder, TWO));
    writeFileSync(join(folder, 'a\u001b[31m\nb'), '');
    const { code, stdout, stderr } = await list(area);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `No ${area} images.\n` });
    expect(
      stderr
        .split('\n')
        .filter((line) => line !== '')
        .sort(),
    ).toEqual([
      `Not an image, left alone: "${ONE}" (link) in ${area}/`,
      `Not an image, left alone: "${TWO}" (folder) in ${area}/`,
      `Not an image, left alone: "a\\x1b[31m\\x0ab" (file) in ${area}/`,
    ]);
  });

  for (const [way, verb] of Object.entries({ 'open-to-read': 'reads', 'open-to-write': 'writes' })) {
    test(`list-${area} names the process when one ${verb} the file`, async () => {
      const path = cache().addFile(area, ONE, { ageSec: 2 * DAY });
      const child = hold(way, path);
      await child.expectLine('held');
      // As the tester, who sees its own processes at least.
      const table = await cache().manage(`list-${area}`);
      expect(table.stdout).toMatch(new RegExp(`\\| 1000 \\| \\S+ \\(${child.pid}\\) ${verb} \\|\n`));
      const json = await cache().manage(`list-${area}`, '--format', 'json');
      expect(JSON.parse(json.stdout)).toEqual([
        expect.objectContaining({
          image_id: ONE,
          size: 1000,
          held_open: true,
          holders: [{ pid: child.pid, command: expect.any(String) as string, writes: verb === 'writes' }],
        }),
      ]);
    });
  }
}

test('list-incomplete shows holders only when they are asked for, by name or in a machine format', async () => {
  cache().addFile('incomplete', ONE, { ageSec: DAY });
  const table = await list('incomplete', '-c', 'image_id', '-c', 'holders');
  expect(table.stdout).toContain('|                  ID                  | Holders |\n');
  const csv = await list('incomplete', '--format', 'csv', '-c', 'id', '-c', 'held_open', '-c', 'age');
  expect(csv.stdout).toMatch(new RegExp(`^image_id,held_open,age\n${ONE},,8640\\d\n$`));
});

test('list-incomplete changes nothing when it looks', async () => {
  cache().addFile('incomplete', ONE);
  const before = cache().state();
  await cache().manage('list-incomplete');
  await cache().manage('list-invalid');
  expect(cache().state()).toEqual(before);
});
