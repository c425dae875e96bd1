import { describe, expect, test } from 'vitest';
import { describeFinding, verifyColumns } from '../../../src/present/reports/verify-columns.ts';
import { gravestFirst, verifySentences } from '../../../src/present/reports/verify-report.ts';
import { humanSize } from '../../../src/text/amounts.ts';
import type { UnverifiedImage, VerifyItem, VerifyReport } from '../../../src/use-cases/verify/verify-report.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const ONE = imageIdOf(1);

function itemOf(more: Partial<VerifyItem> = {}): VerifyItem {
  return {
    imageId: ONE,
    severity: 'error',
    reason: 'wrong-hash',
    action: 'retire',
    result: 'found',
    area: undefined,
    sizeBytes: 4096,
    lastUsedSec: undefined,
    expected: undefined,
    found: undefined,
    error: undefined,
    ...more,
  };
}

function sentences(more: Partial<VerifyReport> = {}): readonly string[] {
  const report: VerifyReport = {
    items: [],
    errors: [],
    failure: undefined,
    repair: false,
    dryRun: false,
    cacheDir: '/cache',
    checkedImages: 2,
    readData: false,
    readImages: 0,
    readBytes: 0,
    unverified: [],
    setAside: undefined,
    foreign: [],
    foreignRows: [],
    absent: [],
    ...more,
  };
  return verifySentences(report, humanSize);
}

const HINT = itemOf({ severity: 'hint', reason: 'no-row', action: 'adopt' });
const NEXT = 'Run "glance-cache-manage verify --repair" to mend that; with --dry-run it shows first what it would do.';

function failed(number: number, message: string): UnverifiedImage {
  return { imageId: imageIdOf(number), reason: 'failed', error: { code: 'REMOTE_STATUS', message } };
}

describe('verifySentences()', () => {
  test.each<[string, Partial<VerifyReport>, readonly string[]]>([
    ['nothing is wrong', {}, ['Checked 2 images in /cache: nothing is wrong.']],
    ['there are hints alone', { items: [HINT] }, ['Checked 2 images in /cache: 1 hint.', NEXT]],
    ['there is an error', { items: [itemOf(), HINT] }, ['Checked 2 images in /cache: 1 error, 1 hint.']],
    [
      'it is a dry run',
      { items: [itemOf(), itemOf()], dryRun: true, repair: true },
      ['Checked 2 images in /cache: 2 errors (dry run: nothing was changed).'],
    ],
    [
      'some of it was not mended',
      { items: [HINT, itemOf({ result: 'failed' }), itemOf({ result: 'done' })], repair: true },
      [
        'Checked 2 images in /cache: 2 errors, 1 hint; mended 1 of 3.',
        'What was damaged lies in invalid/, until glance-cache-cleaner removes it.',
      ],
    ],
    [
      'the index was replaced',
      {
        items: [itemOf({ reason: 'index-corrupt', result: 'done', action: 'rebuild-index' })],
        repair: true,
        setAside: '/x\u001b',
      },
      ['Checked 2 images in /cache: 1 error; all of it is mended.', 'The damaged index lies in /x\\x1b now.'],
    ],
    [
      'an image was deleted in Glance, which only another look at it can find again',
      { items: [itemOf({ severity: 'hint', reason: 'deleted' })], readData: true, readImages: 1, readBytes: 4096 },
      [
        'Checked 2 images in /cache: 1 hint.',
        'Read 4.0 KiB, and compared 1 image with Glance.',
        NEXT.replace('--repair', '--repair --read-data'),
      ],
    ],
    [
      'nobody has read what has two sizes',
      { items: [itemOf({ reason: 'wrong-size' })] },
      [
        'Checked 2 images in /cache: 1 error.',
        'Which of the two sizes is right, and whether a file was cut, only --read-data can tell.',
      ],
    ],
    [
      'there are strangers',
      {
        foreign: [
          { area: 'cached', name: 'a', kind: 'file' },
          { area: 'cached', name: 'b', kind: 'lock' },
        ],
        foreignRows: ['c'],
      },
      ['Checked 2 images in /cache: nothing is wrong.', "Left alone, as none of the cache's: a, c."],
    ],
  ])('tell it when %s', (_when, more, expected) => {
    expect(sentences(more)).toEqual(expected);
  });

  test('name the images that were not compared, and each error once, up to a few', () => {
    const unverified: readonly UnverifiedImage[] = [
      ...[1, 2, 3, 4, 5, 6, 7].map((number) => failed(number, number < 3 ? 'Cannot ask' : `Cannot get ${number}`)),
      { imageId: imageIdOf(8), reason: 'changed', error: undefined },
    ];
    const ids = [1, 2, 3, 4, 5].map(imageIdOf).join(', ');
    expect(sentences({ unverified, readData: true })).toEqual([
      'Checked 2 images in /cache: nothing is wrong.',
      'Compared no image with Glance.',
      `Not compared, as they changed meanwhile: ${imageIdOf(8)}. Run the command again.`,
      `Not compared, because of errors: ${ids} and 2 more.`,
      'Cannot ask.',
      'Cannot get 3.',
      'Cannot get 4.',
      'Cannot get 5.',
      'Cannot get 6.',
      'And 1 more error: see --format json.',
    ]);
  });
});

describe('gravestFirst()', () => {
  test('puts errors before hints, each in their order', () => {
    const items = [HINT, itemOf({ found: 'a' }), itemOf({ severity: 'hint' }), itemOf({ found: 'b' })];
    expect(gravestFirst(items)).toEqual([items[1], items[3], items[0], items[2]]);
  });
});

describe('verifyColumns()', () => {
  const shown = (item: VerifyItem): Readonly<Record<string, string>> =>
    Object.fromEntries(verifyColumns(humanSize).map(({ title, text }) => [title, text(item)]));

  test('have sizes for people, and as much of a hash as tells two apart', () => {
    expect(shown(itemOf({ expected: '1048576', found: '4096' }))).toMatchObject({
      Expected: '1.0 MiB',
      Found: '4.0 KiB',
    });
    const hash = `sha512:${'0123456789abcdef'.repeat(8)}`;
    expect(shown(itemOf({ found: hash }))).toMatchObject({ Found: 'sha512:0123456789ab...' });
    expect(shown(itemOf({ found: 'file is not a database' }))).toMatchObject({ Found: 'file is not a database' });
  });

  test('say why a finding was not mended', () => {
    const error = { code: 'CACHE_IO', message: 'Cannot rename it: no luck (EIO)' } as const;
    expect(shown(itemOf({ result: 'failed', error }))).toMatchObject({ What: error.message, Error: 'CACHE_IO' });
    expect(shown(itemOf({ result: 'skipped', reason: 'changed' }))).toMatchObject({ What: 'changed meanwhile' });
  });
});

describe('describeFinding()', () => {
  test('has all of a finding on one line of a log', () => {
    expect(describeFinding(itemOf({ expected: 'md5:aa', found: 'md5:bb' }))).toBe(
      `error: retire ${ONE}: found (its bytes are not those of the image, 4096 B, expected md5:aa, found md5:bb)`,
    );
    const index = itemOf({ imageId: '', reason: 'index-lost', action: 'rebuild-index', sizeBytes: undefined });
    expect(describeFinding(index)).toBe(
      'error: rebuild-index the index: found (the index has no rows, yet there are images)',
    );
  });
});
