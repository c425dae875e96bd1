import { describe, expect, test } from 'vitest';
import { MANAGE } from '../../../src/cli/manage.ts';
import { parseArguments } from '../../../src/cli/parse-arguments.ts';
import { PREFETCHER } from '../../../src/cli/prefetcher.ts';
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

  test.each(PROGRAMS.map((program) => [program.name, program] as const))(
    'of %s fits into a terminal, its columns aligned in all groups',
    (_name, program) => {
      const request = parseArguments(program, ['--help']);
      const lines = request.kind === 'show' ? request.text.split('\n') : [];
      const options = lines.slice(0, lines.indexOf('Examples:'));
      expect(options.filter((line) => line.length > 100)).toEqual([]);
      const starts = options.flatMap((line) => /^ {2}-.*? {2,}(?=\S)/.exec(line)?.[0].length ?? []);
      expect(starts.length).toBeGreaterThan(10);
      expect(new Set(starts).size).toBe(1);
    },
  );

  test('of a program that logs in has the usual options first, and those of identity providers by themselves', () => {
    const request = parseArguments(PREFETCHER, ['--help']);
    const text = request.kind === 'show' ? request.text : '';
    const order = ['os-cloud', 'os-auth-url', 'os-password', 'os-token', 'os-region-name', 'os-trust-id'];
    const places = order.map((name) => text.indexOf(`--${name} `));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(text.indexOf('Authentication options:'));
    const provider = text.slice(text.indexOf('Identity provider options:'), text.indexOf('Log options:'));
    expect(provider).toContain('--os-client-secret <SECRET>');
    expect(provider).toContain('--os-device-authorization-endpoint <URL>');
    expect(provider).not.toContain('--os-username');
  });

  test('of a program has its commands before its options', () => {
    expect(headingsOf(helpOf('--help'))).toEqual([
      'Usage',
      'Commands',
      'Options',
      'Log options',
      'Options for other nodes',
      'Authentication options',
      'Identity provider options',
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
