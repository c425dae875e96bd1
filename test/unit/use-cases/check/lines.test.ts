import { describe, expect, test } from 'vitest';
import { findBadValues } from '../../../../src/use-cases/check/files/bad-values.ts';
import { nearestWord } from '../../../../src/use-cases/check/files/nearest-word.ts';
import { findObsolete } from '../../../../src/use-cases/check/files/obsolete-options.ts';
import { findUnreadLines } from '../../../../src/use-cases/check/files/unread-lines.ts';
import { findUnreadable } from '../../../../src/use-cases/check/files/unreadable-files.ts';
import { inShort, useNode } from './node-files.ts';

const node = useNode();

/** A section DEFAULT with these lines. */
const conf = (...lines: readonly string[]): string => ['[DEFAULT]', ...lines, ''].join('\n');

describe('findUnreadable()', () => {
  test('has a finding for each line and file that cannot be read', () => {
    const findings = findUnreadable(node.read({ api: conf('nonsense'), cache: '[DEFAULT\n' }));
    // The files of this toolkit's own view come first.
    expect(findings.map(({ check, severity, message }) => [check, severity, message])).toEqual([
      ['line-not-understood', 'error', `${node.path('glance-api.conf')}:2: No ':' or '=' found in assignment`],
      ['line-not-understood', 'error', `${node.path('glance-cache.conf')}:1: Invalid section (must end with ])`],
    ]);
    expect(findings[0]?.command).toBe(`sed -n 2p ${node.path('glance-api.conf')}`);
  });
});

describe('findBadValues()', () => {
  test('tells of a value that cannot be used, and what it should be', () => {
    const findings = findBadValues(node.read({ api: conf('image_cache_max_size = 10G', 'debug = perhaps') }));
    expect(inShort(findings)).toEqual([
      ['bad-value', 'error', 'image_cache_max_size = 10737418240'],
      ['bad-value', 'error', undefined],
    ]);
    expect(findings[0]?.message).toBe(
      `${node.path('glance-api.conf')}:2: image_cache_max_size cannot be used: "10G" is not a whole number; expected a whole number of bytes, 0 or more`,
    );
    expect(findings[0]?.command).toBe(`sed -i '2c image_cache_max_size = 10737418240' ${node.path('glance-api.conf')}`);
  });

  test('tells of both when glance-api and the cache programs have a bad value', () => {
    const both = node.read({ api: conf('image_cache_stall_time = a'), cache: conf('image_cache_stall_time = b') });
    expect(findBadValues(both).map(({ message }) => message.split(': ')[0])).toEqual([
      `${node.path('glance-cache.conf')}:2`,
      `${node.path('glance-api.conf')}:2`,
    ]);
  });

  test('takes a comment behind a value for the mistake that it is, in texts too', () => {
    const files = { cache: conf('image_cache_max_size = 5  # bytes', 'image_cache_dir = /srv/cache ; here') };
    expect(inShort(findBadValues(node.read(files)))).toEqual([
      ['inline-comment', 'error', 'image_cache_dir = /srv/cache'],
      ['inline-comment', 'error', 'image_cache_max_size = 5'],
    ]);
  });

  test('says nothing about what a secret is', () => {
    const files = { cache: conf('admin_password = pa # ss', 'metadata_encryption_key = $nothing') };
    const findings = findBadValues(node.read(files));
    expect(JSON.stringify(findings)).not.toMatch(/pa #|nothing/);
    expect(inShort(findings)).toEqual([['bad-value', 'error', undefined]]);
  });

  test('has but a note for an option that does nothing, and none for good values', () => {
    expect(inShort(findBadValues(node.read({ cache: conf('registry_port = x') })))).toEqual([
      ['bad-value', 'note', undefined],
    ]);
    expect(findBadValues(node.read({ cache: conf('image_cache_max_size = 5', 'log_date_format = %Y#%m') }))).toEqual(
      [],
    );
  });

  test('names the variable when the environment has the value', () => {
    const [finding] = findBadValues(node.read({ cache: conf(), env: { OS_DEFAULT__IMAGE_CACHE_MAX_SIZE: 'x' } }));
    expect(finding).toMatchObject({ check: 'bad-value', change: undefined });
    expect(finding?.message).toMatch(/^environment OS_DEFAULT__IMAGE_CACHE_MAX_SIZE: /);
  });
});

describe('findUnreadLines()', () => {
  test('tells of an indented line', () => {
    const [finding] = findUnreadLines(
      node.read({ cache: conf('image_cache_dir = /a', '  image_cache_driver = xattr') }),
    );
    expect(finding).toMatchObject({ check: 'indented-line', severity: 'warning', change: undefined });
    expect(finding?.command).toBe(`sed -i '3s/^[[:blank:]]*//' ${node.path('glance-cache.conf')}`);
  });

  test('tells of a section that only looks like DEFAULT, once', () => {
    const findings = findUnreadLines(node.read({ cache: '[default]\na = 1\nb = 2\n' }));
    expect(inShort(findings)).toEqual([['unread-section', 'warning', undefined]]);
  });

  test.each([
    ['[DEFAULT]\nimage_cache_maxsize = 5', 'image_cache_max_size = 5'],
    ['[DEFAULT]\nimage-cache-dir = /a', 'image_cache_dir = /a'],
    ['[DEFAULT]\nIMAGE_CACHE_DIR = /a', 'image_cache_dir = /a'],
    ['[cache_tools]\nlow_watermak = 8%', 'low_watermark = 8%'],
    ['[Cache_Tools]\nmaxage = 8d', 'max_age = 8d'],
    ['[cache_tools]\nsomething_else = 8%', undefined],
    ['[cache_tools]\nuser_domain_nane = x', 'user_domain_name = x'],
    ['[cache_tools]\npasword = S3cret', undefined],
    ['[glance_store]\nimage_cache_dir = /a', undefined],
    ['[DEFAULT]\nlow_watermark = 8%', undefined],
    ['[DEFAULT]\nimage_cache_maxsize =\n  5\n  6', undefined],
  ])('tells of %j, which nobody reads', (text, meant) => {
    expect(inShort(findUnreadLines(node.read({ cache: text })))).toEqual([['unknown-option', 'warning', meant]]);
  });

  test('says nothing about what is read, and what is no matter of a cache', () => {
    const text =
      '[DEFAULT]\nimage_cache_dir = /a\nlock_path = /b\ntransport_url = c\n[oslo_concurrency]\nlock_path = /b\n[my]\npassword = d\nworkers = 1\n[cache_tools]\njobs = 2\nauth_url = e\npassword = f\ntenant_name = g\n';
    expect(findUnreadLines(node.read({ api: text }))).toEqual([]);
  });
});

describe('findObsolete()', () => {
  test('tells of an option that does nothing in a file of the cache programs', () => {
    const files = { api: conf('registry_host = a'), cache: conf('registry_port = 1') };
    expect(inShort(findObsolete(node.read(files)))).toEqual([['obsolete-option', 'note', '']]);
  });

  test('tells of a former name, with the line in the new one where that may be told', () => {
    const files = { api: conf('logfile = a.log', 'sql_connection = mysql://u:p@h/d') };
    expect(inShort(findObsolete(node.read(files)))).toEqual([
      ['former-name', 'note', undefined],
      ['former-name', 'note', 'log_file = a.log'],
    ]);
  });
});

describe('nearestWord()', () => {
  test.each([
    ['low_watermak', 'low_watermark'],
    ['lowwatermark', 'low_watermark'],
    ['max_ages', 'max_age'],
    ['jbs', 'jobs'],
    ['jo', undefined],
    ['something', undefined],
  ])('of %s is %s', (word, near) => {
    expect(nearestWord(word, ['low_watermark', 'max_age', 'jobs'])).toBe(near);
  });
});
