import { describe, expect, test } from 'vitest';
import { chooseImages } from '../../../src/plan/data-subset.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const images = Array.from({ length: 20 }, (_, number) => ({ imageId: imageIdOf(number) }));

describe('chooseImages()', () => {
  test('takes all when no subset is asked for', () => {
    expect(chooseImages(images, undefined, () => 0)).toEqual(images);
  });

  test.each([
    [0.1, 1],
    [10, 2],
    [11, 3],
    [100, 20],
  ])('takes %s percent, and of more than nothing at least one', (percent, count) => {
    let lot = 0;
    const random = (): number => (lot = (lot + 0.37) % 1);
    const chosen = chooseImages(images, { kind: 'percent', percent }, random);
    expect(chosen).toHaveLength(count);
    // In their order, and each once.
    expect(images.filter((image) => chosen.includes(image))).toEqual(chosen);
  });

  test('goes by the lot, so that another run reads others', () => {
    const first = chooseImages(images, { kind: 'percent', percent: 5 }, lots([0.9, 0.1]));
    const second = chooseImages(images, { kind: 'percent', percent: 5 }, lots([0.1, 0.9]));
    expect(first).not.toEqual(second);
  });

  test('takes every image in exactly one of the groups', () => {
    const groups = [1, 2, 3].map((number) => chooseImages(images, { kind: 'group', number, of: 3 }, () => 0));
    const all = groups.flat();
    expect(new Set(all)).toEqual(new Set(images));
    expect(all).toHaveLength(images.length);
  });
});

function lots(first: readonly number[]): () => number {
  const left = [...first];
  return () => left.shift() ?? 0.5;
}
