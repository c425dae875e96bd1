import { describe, expect, test } from 'vitest';
import { canonicalArguments } from '../../../src/cli/canonical-arguments.ts';
import type { OptionFlags } from '../../../src/settings/option.ts';
import { thrownBy } from '../../support/thrown.ts';

const FLAGS: readonly OptionFlags[] = [
  { names: ['-d', '--debug'], negation: '--nodebug' },
  { names: ['-v', '--verbose'], negation: '--noverbose' },
  { names: ['--config-file'], metavar: 'PATH' },
  { names: ['--config-dir'], metavar: 'DIR' },
  { names: ['-p', '--port'], metavar: 'PORT' },
  { names: ['--log-config-append'], hidden: ['--log-config', '--log_config'], metavar: 'PATH' },
  { names: ['--log-file'], hidden: ['--logfile'], metavar: 'PATH' },
  { names: ['--dry-run'], beyondStock: true },
  { names: ['--os-auth-token'], hidden: ['-A', '--os_auth_token', '--auth_token'], metavar: 'TOKEN' },
];

const canonical = (...args: readonly string[]): readonly string[] => canonicalArguments(args, FLAGS);

describe('canonicalArguments()', () => {
  test.each([
    ['an abbreviation', ['--deb'], ['--debug']],
    ['an abbreviation with its value behind', ['--config-f', 'x'], ['--config-file', 'x']],
    ['an abbreviation with its value in it', ['--config-f=x=y'], ['--config-file=x=y']],
    ['an abbreviation of a negation', ['--nod'], ['--nodebug']],
    ['an abbreviation of several spellings of one option', ['--log-c', 'x'], ['--log-config-append', 'x']],
    ['a spelling that is exact though others begin with it', ['--log-config', 'x'], ['--log-config-append', 'x']],
    ['an abbreviation that fits one flag of the stock tools, and new ones', ['--d'], ['--debug']],
    ['an abbreviation of a new flag alone', ['--dr'], ['--dry-run']],
    ['a hidden spelling', ['--logfile', 'x'], ['--log-file', 'x']],
    ['a hidden short spelling', ['-A', 'secret'], ['--os-auth-token', 'secret']],
    ['a value stuck to a short spelling', ['-p9292'], ['--port=9292']],
    ['a value stuck to a hidden short spelling', ['-Asecret'], ['--os-auth-token=secret']],
    ['a short spelling', ['-d'], ['--debug']],
    ['an empty value', ['--port='], ['--port=']],
    ['an empty value behind', ['--port', ''], ['--port', '']],
    ['a negative value', ['--port', '-1'], ['--port', '-1']],
    ['a dash as a value', ['--config-file', '-'], ['--config-file', '-']],
  ])('rewrites %s', (_what, given, expected) => {
    expect(canonical(...given)).toEqual(expected);
  });

  test.each([
    ['operands', ['list-cached', 'x', '']],
    ['a single dash', ['-']],
    ['a cluster of short switches', ['-dv']],
    ['a flag it does not know', ['--unknown', '-x', '--unknown=1']],
    ['whatever stands behind --', ['--', '--deb', '-A', '--config']],
  ])('leaves %s as given', (_what, given) => {
    expect(canonical(...given)).toEqual(given);
  });

  test('takes flags before and behind operands', () => {
    expect(canonical('--verb', 'list-cached', '--port', '1', 'x', '-d')).toEqual([
      '--verbose',
      'list-cached',
      '--port',
      '1',
      'x',
      '--debug',
    ]);
  });

  test.each([
    ['--config', '--config-file, --config-dir'],
    ['--config=x', '--config-file, --config-dir'],
    ['--no', '--nodebug, --noverbose'],
    ['--log', '--log-config-append, --log-file'],
  ])('refuses %s, and names the choices', (arg, choices) => {
    expect(thrownBy(() => canonical(arg))).toMatchObject({
      code: 'USAGE',
      message: `Cannot tell what ${JSON.stringify(arg.replace('=x', ''))} abbreviates: it is ambiguous`,
      hint: `Write one of ${choices}`,
    });
  });

  test.each([
    ['nothing', ['--config-file']],
    ['another flag', ['--config-file', '--debug']],
    ['an abbreviated flag', ['--config-file', '--deb']],
    ['a short flag', ['--config-file', '-d']],
    ['a flag with a value', ['--config-file', '--port=1']],
    ['--', ['--config-file', '--', 'x']],
  ])('refuses a flag that takes a value when %s follows', (_what, given) => {
    expect(thrownBy(() => canonical(...given))).toMatchObject({
      code: 'USAGE',
      exitCode: 2,
      message: 'Cannot use --config-file: it needs a value',
    });
  });
});
