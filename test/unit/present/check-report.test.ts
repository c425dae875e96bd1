import { describe, expect, test } from 'vitest';
import { type CheckReport, describeCounts, renderCheckText } from '../../../src/present/reports/check-report.ts';
import { wrapped } from '../../../src/present/wrapped.ts';
import type { CheckFinding } from '../../../src/use-cases/check/finding.ts';
import { makeFinding } from '../../../src/use-cases/check/make-finding.ts';

const REPORT: CheckReport = {
  findings: [
    makeFinding({
      check: 'driver-unset',
      severity: 'warning',
      message: 'The driver is not set',
      reason: 'Nobody knows which one it is',
      change: { file: '/etc/glance/glance-api.conf', line: 7, text: 'image_cache_driver = sqlite' },
    }),
    makeFinding({ check: 'a-note', severity: 'note', message: 'With \x1b[31m', reason: 'None' }),
    makeFinding({
      check: 'old',
      severity: 'note',
      message: 'Old',
      reason: 'New',
      change: { file: '/a', line: 1, text: '' },
    }),
    makeFinding({
      check: 'new',
      severity: 'note',
      message: 'New',
      reason: 'Old',
      change: { file: '/a', line: undefined, text: '[a] b = c' },
    }),
  ],
  checks: 12,
  files: ['/etc/glance/glance-api.conf', '/a'],
  cacheDir: '/var/lib/glance/image-cache',
  strict: false,
  filesOfGlanceApi: ['/etc/glance/glance-api.conf'],
};

describe('renderCheckText()', () => {
  test('has all of each finding, and a summary', async () => {
    expect(await renderCheckText(REPORT, { color: false, width: undefined })).toBe(`WARNING driver-unset
        The driver is not set.
  why   Nobody knows which one it is.
  line  /etc/glance/glance-api.conf:7
        image_cache_driver = sqlite
  run   sed -i '7c image_cache_driver = sqlite' /etc/glance/glance-api.conf

NOTE a-note
        With \\x1b[31m.
  why   None.

NOTE old
        Old.
  why   New.
  line  /a:1
        (remove the line)
  run   sed -i 1d /a

NOTE new
        New.
  why   Old.
  line  add to /a
        [a] b = c
  run   printf '\\n%s\\n%s\\n' '[a]' 'b = c' >> /a

1 warning, 3 notes in 12 checks of /etc/glance/glance-api.conf, /a and the cache in /var/lib/glance/image-cache.
glance-api reads its files when it starts: restart it after a change.
`);
  });

  test('says what was looked at when nothing is wrong', async () => {
    const none = { ...REPORT, findings: [], files: ['/a'], cacheDir: undefined };
    expect(await renderCheckText(none, { color: false, width: 80 })).toBe('Nothing is wrong: 12 checks of /a.\n');
    expect(await renderCheckText({ ...none, files: [] }, { color: false, width: 80 })).toBe(
      'Nothing is wrong: 12 checks of this node, without any configuration file.\n',
    );
  });

  test('keeps sentences within the terminal, and what is to be pasted in one piece', async () => {
    const [first] = REPORT.findings as [CheckFinding];
    const long = { ...REPORT, findings: [makeFinding({ ...first, message: 'word '.repeat(50).trim() })] };
    const lines = (await renderCheckText(long, { color: true, width: 40 })).split('\n');
    const plain = lines.map((line) => line.replaceAll(/\x1b\[\d+m/g, ''));
    expect(plain.filter((line) => /word/.test(line)).every((line) => line.length <= 40)).toBe(true);
    expect(plain).toContain("  run   sed -i '7c image_cache_driver = sqlite' /etc/glance/glance-api.conf");
  });
});

test('describeCounts() leaves out what there is none of', () => {
  expect(describeCounts({ error: 1, warning: 0, note: 2 })).toBe('1 error, 2 notes');
});

test('wrapped() breaks at blanks only', () => {
  expect(wrapped('a bb ccc dddd', 5)).toEqual(['a bb', 'ccc', 'dddd']);
  expect(wrapped('aaaaaaaa b', 3)).toEqual(['aaaaaaaa', 'b']);
  expect(wrapped('a b c', Number.POSITIVE_INFINITY)).toEqual(['a b c']);
});
