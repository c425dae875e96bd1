// The scripts of "glance-cache-manage completion" in real shells: what they make of a line when somebody presses Tab.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { ROOT } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

let env: Readonly<Record<string, string>> = {};
let bin = '';

beforeEach(() => {
  cache().addImage(ONE);
  cache().addMarker(TWO);
  cache().addFile('invalid', THREE);
  bin = join(cache().base, 'bin');
  mkdirSync(bin);
  for (const name of ['manage', 'pruner', 'cleaner', 'prefetcher']) {
    symlinkSync(join(ROOT, 'bin', `glance-cache-${name}.cjs`), join(bin, `glance-cache-${name}`));
  }
  env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: cache().base, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
});

function scriptFor(shell: string): string {
  const path = join(cache().base, `completion.${shell}`);
  writeFileSync(path, execFileSync(join(bin, 'glance-cache-manage'), ['completion', shell], { env }));
  return path;
}

/** What becomes of lines on which somebody presses Tab at the end, in a shell on a terminal. */
function tabbed(shell: string, setUp: string, lines: readonly string[]): readonly string[] {
  // Then "echo " is put before the line, and it is run: what the shell has made of it is what it prints.
  const typed = lines.map((line) => `${line}\t\u0001echo "<<<" \u0005 ">>>"\n`);
  const input = `stty cols 500\n${setUp}\n${typed.join('')}exit\n`;
  const seen = execFileSync('script', ['--quiet', '--command', shell, '/dev/null'], { env, input, encoding: 'utf8' });
  return Array.from(seen.matchAll(/^<<< (.*?) +>>>/gm), ([, line = '']) => line);
}

/** Lines, and what each is completed to: the same in all shells. */
function cases(): readonly (readonly [line: string, completed: string])[] {
  const conf = `--config-file ${cache().conf}`;
  const joined = `--config-file=${cache().conf}`;
  const m = 'glance-cache-manage';
  return [
    [`${m} delete-q`, `${m} delete-queued-image`],
    [`${m} --all`, `${m} --all`],
    [`${m} list-cached --all`, `${m} list-cached --all-nodes`],
    [`${m} --format js`, `${m} --format json`],
    [`${m} --format=ya`, `${m} --format=yaml`],
    [`${m} --config-file ${cache().conf.slice(0, -3)}`, `${m} ${conf}`],
    [`${m} help delete-q`, `${m} help delete-queued-image`],
    [`${m} ${conf} delete-cached-image `, `${m} ${conf} delete-cached-image ${ONE}`],
    [`${m} ${joined} delete-queued-image 2`, `${m} ${joined} delete-queued-image ${TWO}`],
    [`${m} -H node1 ${conf} delete-cached-image 1`, `${m} -H node1 ${conf} delete-cached-image 1`],
    [`${m} completion z`, `${m} completion zsh`],
    [`glance-cache-prefetcher ${conf} --image 2`, `glance-cache-prefetcher ${conf} --image ${TWO}`],
    [`glance-cache-cleaner ${conf} --image `, `glance-cache-cleaner ${conf} --image ${THREE}`],
    ['glance-cache-pruner --max-s', 'glance-cache-pruner --max-size'],
  ];
}

function expectTabbed(shell: string, setUp: string): void {
  const [lines, completed] = [cases().map(([line]) => line), cases().map(([, line]) => line)];
  expect(tabbed(shell, setUp, lines)).toEqual(completed);
}

describe('bash', () => {
  test('completes without the package bash-completion', () => {
    expectTabbed('bash --norc -i', `PS1=; source ${scriptFor('bash')}`);
  });

  test('completes with the package bash-completion', () => {
    const load = 'source /usr/share/bash-completion/bash_completion';
    expectTabbed('bash --norc -i', `PS1=; ${load}; source ${scriptFor('bash')}`);
  });
});

describe('zsh', () => {
  const init = 'PS1=; unset zle_bracketed_paste; autoload -U compinit; compinit -u -D';

  test('takes the script', () => {
    execFileSync('zsh', ['-n', scriptFor('zsh')], { env });
  });

  test('completes when the script is sourced', () => {
    expectTabbed('zsh -f -i', `${init}; source ${scriptFor('zsh')}`);
  });

  test('completes when the script is a function that is loaded when it is needed', () => {
    const folder = join(cache().base, 'functions');
    mkdirSync(folder);
    symlinkSync(scriptFor('zsh'), join(folder, '_glance-cache-tools'));
    expectTabbed('zsh -f -i', `fpath=(${folder} $fpath); ${init}`);
  });
});

describe('fish', () => {
  test('takes the script', () => {
    execFileSync('fish', ['--no-execute', scriptFor('fish')], { env });
  });

  test('completes', () => {
    const path = scriptFor('fish');
    for (const [line, completed] of cases()) {
      const command = `source ${path}; complete -C '${line}'`;
      const told = execFileSync('fish', ['--no-config', '-c', command], { env, encoding: 'utf8' });
      // It offers words, each with a description, and not lines.
      const words = told.split('\n').map((one) => one.split('\t')[0]);
      const expected = completed === line ? '' : completed.slice(completed.lastIndexOf(' ') + 1);
      expect(words, line).toEqual(expected === '' ? [''] : [expected, '']);
    }
  });

  test('tells what commands and flags do', () => {
    const command = `source ${scriptFor('fish')}; complete -C 'glance-cache-manage delete-q'`;
    const told = execFileSync('fish', ['--no-config', '-c', command], { env, encoding: 'utf8' });
    expect(told).toBe('delete-queued-image\tDelete an image from the cache queue\n');
  });
});
