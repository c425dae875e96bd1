// What the scripts for shells hold: all that the programs have, and nothing that a description could break.
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { bashScript } from '../../../../src/cli/completion/bash.ts';
import { describePrograms, type ShownProgram } from '../../../../src/cli/completion/describe-programs.ts';
import { fishScript } from '../../../../src/cli/completion/fish.ts';
import { zshScript } from '../../../../src/cli/completion/zsh.ts';
import { MANAGE } from '../../../../src/cli/manage.ts';
import { commandOptions } from '../../../../src/cli/parse-arguments.ts';
import type { Program } from '../../../../src/cli/program.ts';
import { PROGRAMS, spellingsOf } from '../../docs/programs.ts';

const SHOWN = describePrograms(MANAGE);

const SCRIPTS = { bash: bashScript(SHOWN), zsh: zshScript(SHOWN), fish: fishScript(SHOWN) };

/** How each script has a flag of a program. */
const SPELLED: Readonly<Record<keyof typeof SCRIPTS, (flag: string) => RegExp>> = {
  bash: (flag) => new RegExp(`[ ']${flag}[ ']`),
  zsh: (flag) => new RegExp(`[*)]${flag}[=+]?\\[`),
  fish: (flag) => new RegExp(flag.startsWith('--') ? ` -l ${flag.slice(2)} ` : ` -s ${flag.slice(1)} `),
};

/** The part of a script that is about one program. */
function partOf(shell: keyof typeof SCRIPTS, name: string): string {
  const script = SCRIPTS[shell];
  if (shell === 'fish') return script.match(new RegExp(`^complete -c ${name} .*$`, 'gm'))?.join('\n') ?? '';
  const start = script.search(new RegExp(`^ +\\(?${name}\\)$`, 'm'));
  const rest = script.slice(start);
  return rest.slice(0, rest.search(shell === 'bash' ? /^ {8};;$/m : /^ {6};;$/m));
}

/** The flags that help shows, without those that do nothing. */
function flagsOf(program: Program): readonly string[] {
  const options = [...program.groups.flatMap((group) => group.options), ...commandOptions(program)];
  const idle = new Set(options.flatMap(({ flags, obsolete }) => (obsolete === undefined ? [] : (flags?.names ?? []))));
  return [...spellingsOf(program).shown].filter((flag) => !idle.has(flag));
}

describe.each(['bash', 'zsh', 'fish'] as const)('the script for %s', (shell) => {
  test.each(PROGRAMS)('has every flag and command of $name', (program) => {
    const part = partOf(shell, program.name);
    const missing = flagsOf(program).filter((flag) => !SPELLED[shell](flag).test(part));
    expect(missing).toEqual([]);
    const names = program.commands.map(({ name }) => name);
    expect(names.filter((name) => !new RegExp(`[ '(]${name}[ ':)]`).test(part))).toEqual([]);
  });

  test('says how it is installed, and offers the values of choices', () => {
    const script = SCRIPTS[shell];
    expect(script).toContain(`# Made by "glance-cache-manage completion ${shell}" of glance-cache-tools`);
    expect(script).toContain('table json yaml csv value');
    expect(script).toMatch(/^# +(?:source|glance-cache-manage completion)/m);
    expect(script).not.toContain('undefined');
  });
});

/** A program whose texts would end every quotation. */
const HOSTILE: ShownProgram = {
  name: 'glance-cache-manage',
  flags: [
    {
      names: ['--odd'],
      does: `It's "a" [b]: $(touch /nonexistent/x) \`c\` \\ (d) %e *`,
      value: { metavar: 'A:B', values: { kind: 'words', words: ['one', 'two'] }, isRepeatable: true },
    },
  ],
  commands: [
    { name: 'go', does: `Don't: [go] $HOME \\`, flags: [], operands: { kind: 'images', sources: ['cached'] } },
  ],
};

describe('bash', () => {
  test.each([
    ['as the programs are', SHOWN],
    ['with hostile texts', [HOSTILE]],
  ])('takes the script %s', (_, programs) => {
    execFileSync('bash', ['-n'], { input: bashScript(programs) });
  });

  test('completes commands, flags and values by itself', () => {
    const line = (words: string): string => `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); \
_glance_cache_tools "$COMP_WORDS"; echo "\${COMPREPLY[*]}"`;
    const lines = [
      "glance-cache-manage 'delete-q'",
      'glance-cache-manage -v --config-file x --form',
      "glance-cache-manage --format = ''",
      'glance-cache-manage --format = j',
      'glance-cache-manage help list-c',
      "glance-cache-manage completion ''",
      'glance-cache-manage list-queued --sort',
      'glance-cache-manage --repair',
      '/usr/bin/glance-cache-pruner --max-s',
      "glance-cache-manage -H node1 delete-cached-image ''",
    ].map(line);
    const told = execFileSync('bash', ['--norc', '-c', `${SCRIPTS.bash}\n${lines.join('\n')}`], { encoding: 'utf8' });
    expect(told.split('\n')).toEqual([
      'delete-queued-image',
      '--format',
      'table json yaml csv value',
      'json',
      'list-cached',
      'bash zsh fish',
      '--sort-column',
      '',
      '--max-size',
      '',
      '',
    ]);
  });
});

test('zshScript() and fishScript() keep hostile texts within their quotes', () => {
  const zsh = zshScript([HOSTILE]);
  expect(zsh).toContain(
    `'*--odd=[It'\\''s "a" \\[b\\]\\: $(touch /nonexistent/x) \`c\` \\\\ (d) %e *]:A\\:B:(one two)'`,
  );
  expect(zsh).toContain(`'go:Don'\\''t: [go] $HOME \\'`);
  const fish = fishScript([HOSTILE]);
  expect(fish).toContain(`-l odd -x -a 'one two' -d 'It\\'s "a" [b]: $(touch /nonexistent/x) \`c\` \\\\ (d) %e *'\n`);
  expect(fish).toContain(`-a go -d 'Don\\'t: [go] $HOME \\\\'\n`);
});
