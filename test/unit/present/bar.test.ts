import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BarLook, type BarPart, drawBar } from '../../../src/present/bar.ts';
import { barGlyphs } from '../../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../../src/present/paint.ts';
import { textWidth } from '../../../src/present/text-width.ts';

const paint = await loadPaint(false);
const BLOCKS: BarLook = { glyphs: barGlyphs({ LANG: 'C.UTF-8' }), paint };
const ASCII: BarLook = { glyphs: barGlyphs({}), paint };

const same = (text: string): string => text;
const own = (share: number): BarPart => ({ share, of: 'own', paint: same, isAlwaysSeen: true });
const others = (share: number): BarPart => ({ ...own(share), of: 'others' });

describe('drawBar()', () => {
  test.each([
    [[own(0.5)], '█████░░░░░', '[####----]'],
    [[own(0.55)], '█████▌░░░░', '[####----]'],
    [[own(0.3), others(0.4)], '███▒▒▒▒░░░', '[##===---]'],
    [[own(1)], '██████████', '[########]'],
    // Nearly full is not full, and nearly nothing is something.
    [[own(0.9999)], '█████████▌', '[#######-]'],
    [[own(1e-9)], '▌░░░░░░░░░', '[#-------]'],
    [[own(1e-9), others(1e-9)], '█▒░░░░░░░░', '[#=------]'],
    [[own(0)], '░░░░░░░░░░', '[--------]'],
    [[own(7)], '██████████', '[########]'],
  ])('draws %j', (parts, blocks, ascii) => {
    expect(drawBar(parts, 10, BLOCKS)).toBe(blocks);
    expect(drawBar(parts, 10, ASCII)).toBe(ascii);
  });

  test('shows nothing of progress that has only begun', () => {
    expect(drawBar([{ ...own(0.01), isAlwaysSeen: false }], 10, BLOCKS)).toBe('░░░░░░░░░░');
  });

  test('takes the columns it is given, whatever there is to draw', () => {
    const part = fc.tuple(fc.double({ min: 0, max: 2, noNaN: true }), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 4 }),
        fc.nat(250),
        fc.constantFrom(BLOCKS, ASCII),
        (some, columns, look) => {
          const parts = some.map(([share, isOwn, isAlwaysSeen]): BarPart => {
            return { share, of: isOwn ? 'own' : 'others', paint: same, isAlwaysSeen };
          });
          expect(textWidth(drawBar(parts, columns, look))).toBe(columns);
        },
      ),
    );
  });
});
