/**
 * Reads the text format of Prometheus, 0.0.4, and refuses whatever is not to the letter: more than Prometheus itself
 * refuses, so that what passes here passes there.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */

/** One sample. */
export interface ReadSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All that is said of one metric. */
export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: ReadSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,(?=.)|$)/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/;

/**
 * Reads a text.
 *
 * @returns metrics by name, in their order
 * @throws Error that quotes the line that is wrong
 */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end');
  const families = new Map<string, Family>();
  const lines = text.slice(0, -1).split('\n');
  for (let at = 0; at < lines.length; ) {
    const [, name = '', help = ''] = matched(HELP, lines[at++]);
    const [, typed, type = ''] = matched(TYPE, lines[at++]);
    if (typed !== name) throw new Error(`HELP of ${name} and TYPE of ${typed}`);
    if (families.has(name)) throw new Error(`${name} comes twice`);
    const samples: ReadSample[] = [];
    for (; at < lines.length && lines[at]?.startsWith('#') === false; at++) samples.push(sampleOf(name, lines[at]));
    if (samples.length === 0) throw new Error(`${name} has no sample`);
    const kinds = samples.map(({ labels }) => JSON.stringify(labels));
    if (new Set(kinds).size < kinds.length) throw new Error(`${name} has a sample twice`);
    families.set(name, { help: unescaped(help), type, samples });
  }
  return families;
}

function sampleOf(family: string, line = ''): ReadSample {
  const [, name, labels = '', value = ''] = matched(SAMPLE, line);
  if (name !== family) throw new Error(`Among the samples of ${family}: ${line}`);
  if (!NUMBER.test(value)) throw new Error(`No number: ${line}`);
  return { labels: labelsOf(labels), value: Number(value.replace('Inf', 'Infinity')) };
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const [whole = '', name = '', value = ''] = matched(LABEL, rest);
    if (Object.hasOwn(labels, name)) throw new Error(`A label comes twice: ${text}`);
    labels[name] = unescaped(value);
    rest = rest.slice(whole.length);
  }
  return labels;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function matched(pattern: RegExp, line = ''): RegExpExecArray {
  const match = pattern.exec(line);
  if (match === null) throw new Error(`Not ${pattern.source}: ${line}`);
  return match;
}
