import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BarFields, barLine } from '../../../../src/cli/progress/bar-line.ts';
import type { BarLook } from '../../../../src/present/bar.ts';
import { barGlyphs } from '../../../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../../../src/present/paint.ts';
import { textWidth } from '../../../../src/present/text-width.ts';

const paint = await loadPaint(false);
const BLOCKS: BarLook = { glyphs: barGlyphs({ LANG: 'en_US.UTF-8' }), paint };
const ASCII: BarLook = { glyphs: barGlyphs({ LANG: 'C' }), paint };

const UBUNTU: BarFields = {
  labels: ['ubuntu-24.04-server-cloudimg-amd64'],
  ratio: 0.649,
  bytes: '1.2/1.9 GiB',
  rate: '210.4 MiB/s',
  left: '3 min 12 s',
  isTotal: false,
};
const ENDLESS: BarFields = { ...UBUNTU, ratio: undefined, bytes: '1023.9 MiB', left: '' };
const WAITING: BarFields = { ...UBUNTU, note: { text: 'retry in 12 s', isTrouble: true } };
const JAPANESE: BarFields = { ...UBUNTU, labels: ['映像のテスト・サーバー用・二〇二六年版'] };
const TOTAL: BarFields = { ...UBUNTU, labels: ['3/20 images, 1 failed', '3/20, 1 failed', '3/20'], isTotal: true };

function lines(columns: number, look = BLOCKS): readonly string[] {
  return [UBUNTU, JAPANESE, ENDLESS, WAITING, TOTAL].map((fields) => barLine(fields, columns, look));
}

describe('barLine()', () => {
  test('says everything, and does not stretch, when there are 200 columns', () => {
    expect(lines(200)).toMatchInlineSnapshot(`
      [
        "ubuntu-24.04-server-cloudimg-amd64   █████████████████████████▌░░░░░░░░░░░░░░  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
        "映像のテスト・サーバー用・二〇二六…  █████████████████████████▌░░░░░░░░░░░░░░  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
        "ubuntu-24.04-server-cloudimg-amd64                                                         1023.9 MiB  210.4 MiB/s",
        "ubuntu-24.04-server-cloudimg-amd64   █████████████████████████▌░░░░░░░░░░░░░░  64%        1.2/1.9 GiB             retry in 12 s",
        "3/20 images, 1 failed                █████████████████████████▌░░░░░░░░░░░░░░  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
      ]
    `);
  });

  test('says everything when there are 80 columns', () => {
    expect(lines(80)).toMatchInlineSnapshot(`
      [
        "ubuntu-24.04-ser… ███████░░░░  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
        "映像のテスト・サ… ███████░░░░  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
        "ubuntu-24.04-ser…                          1023.9 MiB  210.4 MiB/s",
        "ubuntu-24.04-ser… ███████░░░░  64%        1.2/1.9 GiB             retry in 12 s",
        "3/20, 1 failed    ███████░░░░  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
      ]
    `);
  });

  test('leaves out bytes and rate when there are 40 columns', () => {
    expect(lines(40)).toMatchInlineSnapshot(`
      [
        "ubuntu-24.0… █████░░░  64%   3 min 12 s",
        "映像のテス…  █████░░░  64%   3 min 12 s",
        "ubuntu-24.0…    1023.9 MiB",
        "ubuntu-24.0… ███▌░░  64%  retry in 12 s",
        "3/20         █████░░░  64%   3 min 12 s",
      ]
    `);
  });

  test('says what and how much when there are 20 columns', () => {
    expect(lines(20)).toMatchInlineSnapshot(`
      [
        "ubuntu-24.04-…  64%",
        "映像のテスト…   64%",
        "ubuntu-… 1023.9 MiB",
        "ubun… retry in 12 s",
        "3/20, 1 failed  64%",
      ]
    `);
  });

  test('does with ASCII, in names as well, when the locale has no more', () => {
    expect(lines(80, ASCII)).toMatchInlineSnapshot(`
      [
        "ubuntu-24.04-ser~ [#####----]  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
        "????????????????~ [#####----]  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
        "ubuntu-24.04-ser~                          1023.9 MiB  210.4 MiB/s",
        "ubuntu-24.04-ser~ [#####----]  64%        1.2/1.9 GiB             retry in 12 s",
        "3/20, 1 failed    [#####----]  64%        1.2/1.9 GiB  210.4 MiB/s   3 min 12 s",
      ]
    `);
  });

  test.each([
    [0, '░░░░░░░░░░░'],
    [0.05, '▌░░░░░░░░░░'],
    [0.5, '█████▌░░░░░'],
    [0.999, '██████████▌'],
    [1, '███████████'],
  ])('draws %d by halves of a place', (ratio, bar) => {
    expect(barLine({ ...UBUNTU, ratio }, 80, BLOCKS)).toContain(` ${bar} `);
  });

  test('shows 100% only when everything is there', () => {
    expect(barLine({ ...UBUNTU, ratio: 0.9999 }, 80, BLOCKS)).toContain(' 99%');
    expect(barLine({ ...UBUNTU, ratio: 1 }, 80, BLOCKS)).toContain('100%');
  });

  test('takes the room for rare long texts from the bar, so that all columns stay where they are', () => {
    const rare = { ...UBUNTU, bytes: '1023.9 MiB/1023.9 GiB', rate: '1023.9 MiB/s' };
    const [usual, long] = [barLine(UBUNTU, 80, BLOCKS), barLine(rare, 80, BLOCKS)];
    expect(long).toContain('1023.9 MiB/1023.9 GiB  1023.9 MiB/s');
    expect(textWidth(long)).toBe(textWidth(usual));
  });

  test('paints label, bar and trouble, and nothing that changes the width', async () => {
    const painted: BarLook = { ...BLOCKS, paint: await loadPaint(true) };
    expect(barLine(TOTAL, 80, painted)).toContain('\u001b[1m3/20, 1 failed');
    expect(barLine(UBUNTU, 80, painted)).toContain('\u001b[32m███████\u001b[39m\u001b[2m░░░░\u001b[22m');
    expect(barLine(WAITING, 80, painted)).toContain('\u001b[33mretry in 12 s\u001b[39m');
    const bare = barLine(WAITING, 80, painted).replaceAll(/\u001b\[\d+m/g, '');
    expect(bare).toBe(barLine(WAITING, 80, BLOCKS));
  });

  test('never reaches the last column', () => {
    const text = fc.oneof(fc.constant(''), fc.stringMatching(/^[0-9a-zA-Z/. ]{1,24}$/));
    fc.assert(
      fc.property(
        fc.record({
          labels: fc.array(fc.string({ unit: 'grapheme', maxLength: 50 }), { maxLength: 3 }),
          ratio: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
          bytes: text,
          rate: text,
          left: text,
          note: fc.option(fc.record({ text, isTrouble: fc.boolean() }), { nil: undefined }),
          isTotal: fc.boolean(),
        }),
        fc.nat(220),
        fc.constantFrom(BLOCKS, ASCII),
        (fields, columns, look) => {
          expect(textWidth(barLine(fields, columns, look))).toBeLessThanOrEqual(Math.max(0, columns - 1));
        },
      ),
    );
  });
});

describe('barGlyphs()', () => {
  test.each([
    [false, { LANG: 'de_DE.UTF-8' }],
    [false, { LC_CTYPE: 'C.utf8', LANG: 'C' }],
    [false, { LC_ALL: '', LC_CTYPE: '', LANG: 'en_US.UTF-8' }],
    [true, { LC_ALL: 'C', LANG: 'en_US.UTF-8' }],
    [true, { LC_CTYPE: 'POSIX', LANG: 'en_US.UTF-8' }],
    [true, { LANG: 'de_DE@euro' }],
    [true, {}],
  ])('has isAscii %s when the environment says %j', (isAscii, env) => {
    expect(barGlyphs(env).isAscii).toBe(isAscii);
  });
});
