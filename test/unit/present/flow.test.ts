import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flow, listed, type Piece } from '../../../src/present/flow.ts';
import { textWidth } from '../../../src/present/text-width.ts';

const ID = '71c675ab-d94f-49cd-a114-e12490b328d9';

function lines(label: string, pieces: readonly (Piece | string)[], columns: number, indent = 8): readonly string[] {
  const all = pieces.map((piece) => (typeof piece === 'string' ? { text: piece } : piece));
  return flow(label, all, { columns, indent, ellipsis: '~' });
}

describe('flow()', () => {
  test('puts pieces beside a label as long as there is room, and below each other then', () => {
    expect(lines('Size', ['1.0 GiB', '2 images'], 40)).toEqual(['Size    1.0 GiB  2 images']);
    expect(lines('Size', ['1.0 GiB', '2 images'], 20)).toEqual(['Size    1.0 GiB', '        2 images']);
  });

  test('breaks a piece between words only where it is too long for a line', () => {
    expect(lines('Why', ['it has', 'far too many words'], 20)).toEqual([
      'Why     it has  far',
      '        too many',
      '        words',
    ]);
  });

  test('puts a word below its label that is too long to stand beside it, and cuts one that fits nowhere', () => {
    expect(lines('Image', [ID, '1 B'], 40)).toEqual(['Image', `  ${ID}`, '        1 B']);
    expect(lines('Image', [ID], 20)).toEqual(['Image', '  71c675ab-d94f-49c~']);
  });

  test('goes on behind a label that reaches into the text', () => {
    expect(lines('a long label', ['1 B'], 40)).toEqual(['a long label  1 B']);
  });

  test('lists with commas', () => {
    expect(lines('Held', listed(['3 files', '1 B', 'of old']), 40)).toEqual(['Held    3 files, 1 B, of old']);
    expect(lines('Held', listed(['3 files', '1 B', 'of old']), 20)).toEqual([
      'Held    3 files,',
      '        1 B, of old',
    ]);
  });

  test('paints what stands on one line in one go', () => {
    const paint = (text: string): string => `<${text}>`;
    expect(lines('Why', ['it', { text: 'is so far away', paint }], 20)).toEqual([
      'Why     it<  is so>',
      '        <far away>',
    ]);
  });

  test('never takes more columns than there are', () => {
    const piece = fc.record({ text: fc.string({ unit: 'grapheme' }), gap: fc.constantFrom(1, 2) });
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(piece),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(70),
        (label, all, columns, indent) => {
          for (const line of lines(label, all, columns, indent)) expect(textWidth(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
