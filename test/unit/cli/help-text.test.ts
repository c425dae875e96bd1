import { describe, expect, test } from 'vitest';
import { MANAGE } from '../../../src/cli/manage.ts';
import { parseArguments } from '../../../src/cli/parse-arguments.ts';
import { PROGRAMS } from '../docs/programs.ts';

function helpOf(...args: readonly string[]): string {
  const request = parseArguments(MANAGE, args);
  if (request.kind !== 'show') throw new Error('Expected a text');
  return request.text;
}

/** The headings of a help text, in order. */
function headingsOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/^([A-Z][\w ]*):(?: |$)/gm), ([, heading = '']) => heading);
}

describe('the help', () => {
  test.each(PROGRAMS.flatMap(({ name, examples, commands }) => [{ name, examples }, ...commands]))(
    'has an example of $name that can be pasted',
    ({ name, examples }) => {
      expect(examples.length).toBeGreaterThan(0);
      for (const { line, does } of examples) {
        expect(line).toContain(name);
        expect(does).toMatch(/^[A-Z].*\.$/);
      }
    },
  );

  test('of a program has its commands before its options', () => {
    expect(headingsOf(helpOf('--help'))).toEqual([
      'Usage',
      'Commands',
      'Options',
      'Log options',
      'Options for other nodes',
      'Authentication options',
      'Options of some commands',
      'Examples',
      'Exit codes',
    ]);
  });

  test('of a command has its own options first, and says where the others are', () => {
    const help = helpOf('help', 'queue-image');
    expect(headingsOf(help)).toEqual(['Usage', 'Options', 'Examples', 'More options']);
    expect(help.indexOf('--tag')).toBeLessThan(help.indexOf('--force'));
    expect(help).toContain(
      'More options: glance-cache-manage --help\n  Other nodes  --host, --port\n  Login        --os-cloud',
    );
    expect(helpOf('help', 'verify')).toContain('  Login        --os-cloud');
    expect(helpOf('help', 'config')).not.toContain('--os-cloud');
  });
});
