import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { failure, type RunResult, success, timeless, withoutDuration } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];
const STOCK_ID = 'f3e2b172-9937-4e9f-a279-741d66b49941';

function stock(name: string): string {
  const path = join(import.meta.dirname, '../fixtures/stock-output', `${name}.stdout`);
  return withoutDuration(readFileSync(path, 'utf8'));
}

function answer(stdin: string, ...args: readonly string[]): Promise<RunResult> {
  return cache().run('manage', args, { stdin });
}

describe('the words of the stock tool', () => {
  test('delete-cached-image says what the stock tool says when the image is cached', async () => {
    cache().addImage(STOCK_ID);
    const run = timeless(await cache().manage('-f', '-v', 'delete-cached-image', STOCK_ID));
    expect(run).toEqual(success(stock('delete-cached-image')));
    expect([cache().names('cached'), cache().names('invalid'), cache().rowIds()]).toEqual([[], [], []]);
  });

  test('delete-cached-image tells on standard error when the image was not cached, and succeeds', async () => {
    const run = timeless(await cache().manage('-f', '-v', 'delete-cached-image', STOCK_ID));
    expect(run).toEqual({
      code: 0,
      stdout: stock('delete-cached-image-absent'),
      stderr: `Nothing to delete: image ${STOCK_ID} was not cached\n`,
    });
  });

  test('delete-all-cached-images counts images as the stock tool does when it deletes two', async () => {
    cache().addImage(ONE);
    cache().addImage(TWO);
    const run = timeless(await cache().manage('delete-all-cached-images', '-f', '-v'));
    expect(run).toEqual(success(stock('delete-all-cached')));
    expect(cache().names('cached')).toEqual([]);
  });

  test('delete-all-cached-images counts none when the cache is empty', async () => {
    const run = timeless(await cache().manage('-f', '-v', 'delete-all-cached-images'));
    expect(run).toEqual(success(stock('empty-delete-all-cached')));
  });

  test('delete-all-queued-images counts markers as the stock tool does when it deletes five', async () => {
    for (const digit of '12345') cache().addMarker(idOf(digit));
    const run = timeless(await cache().manage('delete-all-queued-images', '-f', '-v'));
    expect(run).toEqual(success(stock('delete-all-queued')));
  });

  test('delete-queued-image says what the stock tool says when the image is queued', async () => {
    const queued = '00000000-0000-4000-8000-000000000000';
    cache().addMarker(queued);
    const run = timeless(await cache().manage('-f', '-v', 'delete-queued-image', queued));
    expect(run).toEqual(success(stock('delete-queued-image')));
    expect(cache().names('queue')).toEqual([]);
  });

  test('queue-image says what the stock tool says when the image is new', async () => {
    const queued = '6868a8d1-bf05-4010-9e9c-39f0499c9fff';
    const run = timeless(await cache().manage('-f', '-v', 'queue-image', queued));
    expect(run).toEqual(success(stock('queue-image')));
    expect(cache().names('queue')).toEqual([queued]);
  });

  test('every change is silent when nobody asks to hear of it', async () => {
    cache().addImage(ONE);
    for (const command of ['delete-cached-image', 'queue-image', 'delete-queued-image']) {
      expect(await cache().manage('-f', command, ONE), command).toEqual(success());
    }
    for (const command of ['delete-all-cached-images', 'delete-all-queued-images']) {
      expect(await cache().manage('-f', command), command).toEqual(success());
    }
  });
});

describe('queue-image', () => {
  for (const [area, words] of Object.entries({
    cached: 'cached already',
    incomplete: 'being cached already',
    queue: 'queued already',
  } as const)) {
    test(`queue-image says so and makes no marker when the image is ${words}`, async () => {
      cache().addFile(area as 'cached' | 'incomplete' | 'queue', ONE);
      const before = cache().names('queue');
      const run = timeless(await cache().manage('-f', '-v', 'queue-image', ONE));
      const stderr = `Not queued: image ${ONE} is ${words}\n`;
      expect(run).toEqual({ code: 0, stdout: 'Completed in N sec.\n', stderr });
      expect(cache().names('queue')).toEqual(before);
    });
  }

  test('queue-image queues in the order given when there are several IDs, each once', async () => {
    await cache().manage('-f', 'queue-image', THREE, ONE, THREE.toUpperCase(), TWO);
    const { stdout } = await cache().manage('list-queued', '--format', 'value', '-c', 'id');
    expect(stdout).toBe(`${THREE}\n${ONE}\n${TWO}\n`);
  });

  test('queue-image makes the directory and its folders when they are missing', async () => {
    const root = join(cache().base, 'new', 'cache');
    cache().configureExactly('[DEFAULT]', `image_cache_dir = ${root}`);
    expect(await cache().manage('-f', 'queue-image', ONE)).toEqual(success());
    expect((await cache().manage('list-queued', '--format', 'value', '-c', 'id')).stdout).toBe(`${ONE}\n`);
  });

  test('queue-image finds the same image when its ID is spelt in any way that Python takes', async () => {
    const spellings = [
      'ABCDEFAB-1111-4111-8111-111111111111',
      'abcdefab111141118111111111111111',
      '{abcdefab-1111-4111-8111-111111111111}',
      'urn:uuid:abcdefab-1111-4111-8111-111111111111',
    ];
    expect(await cache().manage('-f', 'queue-image', ...spellings)).toEqual(success());
    expect(cache().names('queue')).toEqual(['abcdefab-1111-4111-8111-111111111111']);
  });
});

describe('questions', () => {
  test('delete-cached-image does nothing and succeeds when the answer is no, in the words of the stock tool', async () => {
    cache().addImage(STOCK_ID);
    const before = cache().state();
    expect(await answer('n\n', 'delete-cached-image', STOCK_ID)).toEqual(success(stock('confirm-no')));
    expect(cache().state()).toEqual(before);
  });

  test('delete-all-cached-images does nothing and succeeds when the answer is an empty line', async () => {
    cache().addImage(ONE);
    const before = cache().state();
    expect(await answer('\n', 'delete-all-cached-images')).toEqual(success(stock('confirm-empty')));
    expect(cache().state()).toEqual(before);
  });

  test('delete-queued-image goes on when the answer is YES, in the words of the stock tool', async () => {
    const queued = '00000000-0000-4000-8000-000000000000';
    cache().addMarker(queued);
    const run = timeless(await answer('YES\n', '-v', 'delete-queued-image', queued));
    expect(run).toEqual(success(stock('confirm-yes')));
    expect(cache().names('queue')).toEqual([]);
  });

  for (const yes of ['y\n', 'Y\r\n', ' yes \n', 'y']) {
    test(`queue-image goes on when the answer is ${JSON.stringify(yes)}`, async () => {
      expect(await answer(yes, 'queue-image', ONE)).toEqual(success(`Queue image ${ONE} for caching? [y/N] `));
      expect(cache().names('queue')).toEqual([ONE]);
    });
  }

  for (const no of ['no\n', 'yep\n', 'ja\n', '1\n']) {
    test(`delete-all-queued-images does nothing when the answer is ${JSON.stringify(no)}`, async () => {
      cache().addMarker(ONE);
      expect(await answer(no, 'delete-all-queued-images')).toEqual(success('Delete all queued images? [y/N] '));
      expect(cache().names('queue')).toEqual([ONE]);
    });
  }

  test('delete-cached-image asks for each image and takes those agreed to when there are several', async () => {
    for (const id of [ONE, TWO, THREE]) cache().addImage(id);
    const run = await answer('y\nn\ny\n', 'delete-cached-image', ONE, TWO, THREE);
    const questions = [ONE, TWO, THREE].map((id) => `Delete cached image ${id}? [y/N] `);
    expect(run).toEqual(success(questions.join('')));
    expect(cache().names('cached')).toEqual([TWO]);
  });

  const HINT = 'Nothing was changed: answer y or n, or be asked nothing: <this command> --force';

  test('delete-all-cached-images ends with 1 and changes nothing when the input ends before the answer', async () => {
    cache().addImage(ONE);
    const before = cache().state();
    const message = 'Cannot go on: the input ended before an answer to "Delete all cached images?"';
    const expected = { ...failure(1, message, HINT), stdout: 'Delete all cached images? [y/N] \n' };
    expect(await answer('', 'delete-all-cached-images')).toEqual(expected);
    expect(cache().state()).toEqual(before);
  });

  test('delete-cached-image ends with 1 and changes nothing when the input ends at the second question', async () => {
    cache().addImage(ONE);
    cache().addImage(TWO);
    const before = cache().state();
    const run = await answer('y\n', 'delete-cached-image', ONE, TWO);
    const message = `Cannot go on: the input ended before an answer to "Delete cached image ${TWO}?"`;
    const stdout = `Delete cached image ${ONE}? [y/N] Delete cached image ${TWO}? [y/N] \n`;
    expect(run).toEqual({ ...failure(1, message, HINT), stdout });
    expect(cache().state()).toEqual(before);
  });

  test('queue-image asks on standard error when standard output is for a program', async () => {
    const { code, stdout, stderr } = await answer('y\n', '--format', 'value', 'queue-image', ONE);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${ONE} queue done - queue - - - -\n`,
      stderr: `Queue image ${ONE} for caching? [y/N] `,
    });
  });
});
