// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CacheError, ConfigError } from '../../../src/errors/cache-error.ts';
import { parseConfFile } from '../../../src/settings/conf-file.ts';
import { interpolate } from '../../../src/settings/interpolate.ts';
import { type Option, type OptionType, ValueError } from '../../../src/settings/option.ts';
import { ALL_OPTIONS } from '../../../src/settings/options.ts';
import { strip } from '../../../src/settings/python-whitespace.ts';
import { resolveSettings } from '../../../src/settings/resolve.ts';
import { byteSize } from '../../../src/settings/types/byte-size.ts';
import { duration } from '../../../src/settings/types/duration.ts';
import { string } from '../../../src/settings/types/string.ts';

/** Any text on one line, often with what other parsers interpret. */
const anyText = fc
  .array(
    fc.oneof(fc.constantFrom(...`#;=:[]"'\\$ \t,%é😀`, 'true', ' # ', '\ufeff'), fc.string({ unit: 'grapheme' })),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join('').replace(/[\r\n]/g, ''));
const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
const parse = (text: string): ReturnType<typeof parseConfFile> => parseConfFile('/x.conf', Buffer.from(text));

function option(optionName: string, more: Partial<Option<string>> = {}): Option<string> {
  return { group: 'DEFAULT', name: optionName, type: string, help: '', ...more };
}

describe('parseConfFile', () => {
  test('gives back any value when it was written in quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, anyText)), (pairs) => {
        const text = ['[DEFAULT]', ...pairs.map(([key, value]) => `${key} = "${value}"`)].join('\n');
        expect(parse(text).assignments.map(({ key, value }) => [key, value])).toEqual(pairs);
      }),
    );
  });

  test('gives back any value when it was written bare and has no blanks or quotes around it', () => {
    fc.assert(
      fc.property(name, anyText, (key, value) => {
        fc.pre(value === strip(value) && !/^["']/.test(value));
        expect(parse(`[DEFAULT]\n${key}=${value}`).assignments).toEqual([{ section: 'DEFAULT', key, value, line: 2 }]);
      }),
    );
  });

  test('reads any bytes or names the line that is wrong', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), anyText, (bytes, text) => {
        const content = Buffer.concat([Buffer.from(`[a]\n${text}=1\n`), bytes]);
        try {
          parseConfFile('/x.conf', content);
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.message).toMatch(/^Cannot parse \/x\.conf:[1-9]\d*: /);
        }
      }),
    );
  });
});

describe('resolveSettings', () => {
  const subject = option('subject');
  const variable = 'OS_DEFAULT__SUBJECT';

  test('takes the value of the highest layer that has one', () => {
    const layer = fc.option(name, { nil: undefined });
    fc.assert(
      fc.property(layer, layer, fc.array(layer), layer, (flag, env, files, defaultText) => {
        const table = [defaultText === undefined ? subject : { ...subject, defaultText }];
        const settings = resolveSettings(
          {
            flags: flag === undefined ? [] : [{ option: subject, text: flag, flag: '--subject' }],
            env: { [variable]: env },
            files: files.map((value) => parse(value === undefined ? '[DEFAULT]' : `[DEFAULT]\nsubject = ${value}`)),
          },
          table,
        );
        const highest = flag ?? env ?? files.findLast((value) => value !== undefined) ?? defaultText;
        expect(settings.get(table[0] ?? subject)).toBe(highest);
      }),
    );
  });

  test('comes to an end when options refer to each other in any way', () => {
    const names = ['a', 'b', 'c', 'd'];
    const table = names.map((each) => option(each));
    const value = fc
      .array(fc.constantFrom('$a', '${b}', '$c', '$d', '$$', '\\$', '$nope', '$DEFAULT.a', 'x'), { maxLength: 2 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.tuple(value, value, value, value), (values) => {
        const file = parse(['[DEFAULT]', ...names.map((each, index) => `${each} = ${values[index]}`)].join('\n'));
        const settings = resolveSettings({ flags: [], env: {}, files: [file] }, table);
        for (const each of table) {
          try {
            expect(settings.get(each)).toMatch(/^[$x]*$/);
          } catch (error) {
            if (!(error instanceof CacheError)) throw error;
            expect(error.code).toBe('CONFIG_VALUE');
          }
        }
      }),
    );
  });

  test('never tells a secret in errors, listings, notes and warnings', () => {
    const secretNames = ALL_OPTIONS.filter((each) => each.secret === true);
    const tail = fc.constantFrom('', '$', '$$', '$nope', '$bind_port', '\n  # note', '${log_dir}', ' # x');
    fc.assert(
      fc.property(fc.constantFrom(...secretNames), tail, tail, (secret, end, other) => {
        const text = `[${secret.group}]\n${secret.name} = hunter2${end}\n[DEFAULT]\nlog_dir = $${secret.group === 'DEFAULT' ? '' : `${secret.group}.`}${secret.name}${other}\nbind_host = $log_dir\n`;
        const settings = resolveSettings({ flags: [], env: {}, files: [parse(text)] }, ALL_OPTIONS);
        const told: unknown[] = [settings.effective(), settings.notes, settings.warnings];
        for (const each of ALL_OPTIONS.filter(({ name: key }) => [secret.name, 'bind_host', 'log_dir'].includes(key))) {
          try {
            settings.get(each);
          } catch (error) {
            if (!(error instanceof CacheError)) throw error;
            told.push(error.message, error.hint, error.details, String(error.cause));
          }
        }
        expect(JSON.stringify(told)).not.toContain('hunter2');
        expect(settings.secrets.some((each) => each.startsWith('hunter2'))).toBe(true);
      }),
    );
  });
});

describe('interpolate', () => {
  test('gives back any text when its dollar signs are doubled', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        // A backslash in front of a dollar sign would escape it once more.
        fc.pre(!text.includes('\\$'));
        expect(interpolate(text.replaceAll('$', '$$$$'), () => expect.unreachable())).toBe(text);
      }),
    );
  });
});

describe('the types of our own options', () => {
  const types: readonly OptionType<number>[] = [byteSize, duration];

  test('give a whole number that can be counted, or refuse with a reason', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.float().map(String), fc.constantFrom('', 'K', 'GiB', 'PB', 'd', 'w', '%'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), text, (type, given) => {
        try {
          const value = type.parse(given);
          expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
        } catch (error) {
          if (!(error instanceof ValueError)) throw error;
          expect(error.message).not.toBe('');
        }
      }),
    );
  });
});
