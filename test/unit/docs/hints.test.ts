// Every hint of an error is something that one can paste: a command line, or what to write into which setting or flag.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/run-program.ts';
import { PROGRAMS, spellingsOf } from './programs.ts';

const SRC = join(ROOT, 'src');

/** Commands that are on every machine with OpenStack, or with Linux. */
const COMMANDS =
  'apt-get|curl|date|df|env|export|glance-cache-(?:manage|pruner|cleaner|prefetcher)|glance-manage|iconv|ls|mount|mysqlcheck|namei|npm|openssl|openstack|readlink|sed|sudo|ulimit|unset|vi';

const PASTEABLE: readonly RegExp[] = [
  new RegExp(`(?:^|[:(";,] ?|\\b(?:run|Run|with|prints|names|passes|See) "?|&& )(?:${COMMANDS})\\b`),
  // The command line that failed, as it was or with another flag.
  /<this command>/,
  // What to write into a file, or to declare.
  /\b[a-z_]+ = \S/,
  /\bGRANT [A-Z, ]+ ON\b/,
];

/** Advice for which there is nothing to paste, each with the reason. */
const EXCEPTIONS: readonly (readonly [start: string, reason: string])[] = [
  ['Indent ', 'the file is opened by the command that cloudError() puts behind it'],
  ['Begin it with ', 'the same'],
  ['Write {{ and }}', 'the same'],
  ['Write each region', 'the same'],
  ['Write one value behind', 'the same'],
  ['Write "name = value"', 'the file is opened by the command that scanConf() puts behind it'],
  ['Write a name ', 'the same'],
  ['Write the name of a section', 'the same'],
  ['Remove the blanks', 'the same'],
  ['End the line', 'the same'],
  ['Percent-encode', 'it names what to write for each character'],
  ['Write $$ for a literal', 'the file is opened by the command that toUserError() puts behind it'],
  ['Write x=VALUE', 'x is a flag'],
  ['Write one of x', 'these are flags'],
  ['Run "x"', 'x is one of our commands'],
  ['Rx', 'x is what follows "un": our own verify --repair'],
  ['Give the ID of the image, a UUID; or for its name', 'the hint on credentials is behind it'],
  ['Check the address', 'it has the flag with its value'],
  ['Write the URL that answers', 'the request is shown by the command that remoteError() puts behind it'],
  ['Check the URL', 'the same'],
  ['See whether the server is overloaded', 'the same'],
  ['Run it again; if it fails again', 'the same'],
  ['See what the proxy allows', 'the same'],
  ['Look at where the output goes', 'only the shell knows where that is'],
];

/** Flags are as good as settings: one writes them behind the command. */
const FLAGS = new Set(PROGRAMS.flatMap((program) => [...spellingsOf(program).all]));

/** Functions that are given a hint, and in which place. */
const MAKERS: Readonly<Record<string, number>> = { state: 1, remote: 1, unreachable: 1, refuse: 1, urlError: 2 };

interface Hint {
  readonly where: string;
  readonly text: string;
}

function hintsIn(path: string): readonly Hint[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const hints: Hint[] = [];
  const whereIs = (node: ts.Node): string =>
    `${relative(SRC, path)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const visit = (node: ts.Node): void => {
    const isNamed = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node);
    if (isNamed && /^hint$|_HINT$|^HINT_/.test(node.name.getText()) && node.initializer !== undefined) {
      for (const text of textsOf(node.initializer)) hints.push({ where: whereIs(node), text });
    }
    const place = ts.isCallExpression(node) ? MAKERS[node.expression.getText()] : undefined;
    const given = place === undefined || !ts.isCallExpression(node) ? undefined : node.arguments[place];
    if (given !== undefined) for (const text of textsOf(given)) hints.push({ where: whereIs(node), text });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return hints;
}

/** The texts that an expression may become; what is put into a template is a word, but for the known parts. */
function textsOf(node: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map(({ expression, literal }) => `${partOf(expression)}${literal.text}`);
    return [`${node.head.text}${parts.join('')}`];
  }
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return [`${textsOf(node.left).join('')}${textsOf(node.right).join('')}`];
  if (ts.isBinaryExpression(node)) return [...textsOf(node.left), ...textsOf(node.right)];
  return [];
}

const PARTS: Readonly<Record<string, string>> = {
  THIS_COMMAND: '<this command>',
  TRY_LOGIN: 'openstack token issue',
  OWN_ROLES: 'openstack role assignment list',
  GLANCE_LOG: 'sudo tail',
  KERNEL_LOG: 'sudo dmesg',
  WHERE_SET: '[database] connection: glance-cache-manage config',
  mend: 'sudo chown',
  program: 'glance-cache-pruner',
  name: 'glance-cache-manage',
};

function partOf(expression: ts.Expression): string {
  const text = expression.getText();
  if (/^(?:editCommand|moveAwayCommand|probe|certificateOf)\(/.test(text)) return 'sudo x';
  return PARTS[text] ?? PARTS[text.replace(/\.name$/, '')] ?? 'x';
}

function isPasteable({ text }: Hint): boolean {
  const hasFlag = (text.match(/--?[a-z][\w-]*/g) ?? []).some((flag) => FLAGS.has(flag));
  return (
    hasFlag || PASTEABLE.some((pattern) => pattern.test(text)) || EXCEPTIONS.some(([start]) => text.startsWith(start))
  );
}

const HINTS = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => hintsIn(join(SRC, name)));

test('every hint is a command that one can paste, or says what to write where', () => {
  expect(HINTS.length).toBeGreaterThan(100);
  expect(HINTS.filter((hint) => !isPasteable(hint)).map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
});

test('every exception is about a hint that there is', () => {
  expect(EXCEPTIONS.filter(([start]) => !HINTS.some(({ text }) => text.startsWith(start)))).toEqual([]);
});
