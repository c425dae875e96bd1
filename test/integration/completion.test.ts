import { expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { failure, runProgram, success } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`completion prints the script for ${shell} where there is no configuration at all`, async () => {
    const { code, stdout, stderr } = await runProgram('manage', ['completion', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('complet');
    expect(stdout).toContain('skip-if-busy');
  });
}

test('completion refuses another shell, and names those that there are', async () => {
  expect(await runProgram('manage', ['completion', 'csh'])).toEqual(
    failure(
      2,
      'Cannot complete for "csh": there is no such shell here',
      'Name bash, zsh, fish, as in: glance-cache-manage completion bash',
    ),
  );
});

test('completion lists the images of each place by the names of their files, whatever becomes of the index', async () => {
  cache().addImage(TWO);
  cache().addImage(ONE);
  cache().addMarker(THREE);
  cache().addFile('invalid', ONE);
  cache().addFile('cached', 'no-image');
  cache().configure('image_cache_driver = centralized_db');
  for (const [source, ids] of Object.entries({
    cached: [ONE, TWO],
    queued: [THREE],
    incomplete: [],
    invalid: [ONE],
    pinned: [],
  })) {
    const text = ids.map((id) => `${id}\n`).join('');
    expect(await cache().manage('completion', `ids:${source}`), source).toEqual(success(text));
  }
});
