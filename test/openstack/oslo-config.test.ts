import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors/cache-error.ts';
import { parseConfFile } from '../../src/settings/conf-file.ts';
import { type Option, type OptionType, ValueError } from '../../src/settings/option.ts';
import { strip } from '../../src/settings/python-whitespace.ts';
import { resolveSettings, type Settings } from '../../src/settings/resolve.ts';
import { type Answer, askOslo } from './support/ask-oslo-config.ts';
import { OPTIONS, osloCase, type TestOption } from './support/oslo-config-cases.ts';
import { documentBytes } from './support/oslo-config-documents.ts';
import { TEXTS } from './support/oslo-config-texts.ts';
import { FLOATS, NEVER_REFUSING, TYPES, type TypeName } from './support/oslo-config-types.ts';

// The proof that the dialect is oslo.config's: the same generated input goes to the real thing and to ours. A difference
// is reproduced by giving the printed seed as OSLO_CONFIG_SEED.
const SEED = Number(process.env['OSLO_CONFIG_SEED'] ?? Date.now() % 2 ** 31);
const DOCUMENTS = 10_000;
const TEXTS_PER_TYPE = 1_500;
const CASES = 1_500;

function sample<T>(arbitrary: fc.Arbitrary<T>, numRuns: number): readonly T[] {
  return fc.sample(arbitrary, { seed: SEED, numRuns });
}

function parseOurs(bytes: Uint8Array): unknown {
  try {
    const { assignments } = parseConfFile('/x.conf', bytes);
    return { found: assignments.map(({ section, key, value, line }) => [section, key, value, line]) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { error: error.details?.['problem'], line: error.details?.['line'] };
  }
}

function bits(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `bits ${bytes.toString('hex')}`;
}

/** A value as the oracle writes it. */
function plain(name: TypeName, value: unknown): unknown {
  if (typeof value === 'number') return FLOATS.has(name) ? bits(value) : String(BigInt(value));
  if (Array.isArray(value)) return value.map((item) => plain(name, item));
  return value instanceof Map ? [...(value as ReadonlyMap<string, string>)] : (value ?? null);
}

function convertOurs(name: TypeName, text: string): Answer {
  const type: OptionType<unknown> = TYPES[name];
  try {
    const isUnset = type.blankMeansUnset === true && strip(text) === '';
    const value = isUnset ? null : type.parse(text);
    return { value: plain(name, value), referenced: type.referenced?.(text) ?? text };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return { error: error.message };
  }
}

/** Where ours differs on purpose: a driver's name is put into the case of the list. */
function expected(name: TypeName, answer: Answer): Answer {
  if ('error' in answer || name !== 'choice') return answer;
  return { ...answer, value: String(answer.value).toLowerCase() };
}

function toOption({ group, name, type, default: defaultText, multiple, former }: TestOption): Option<unknown> {
  const base = { group, name, type: TYPES[type], multiple, deprecatedNames: former, help: '' };
  return defaultText === null ? base : { ...base, defaultText };
}

function readOurs(settings: Settings, option: Option<unknown>, type: TypeName): Answer {
  try {
    const values = settings.getAll(option);
    if (option.multiple !== true) return { value: plain(type, values.at(-1)) };
    // Never set is None there, an empty array here.
    return { value: values.length === 0 ? null : values };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { error: error.message };
  }
}

const outcome = (answer: Answer): unknown => ('error' in answer ? 'error' : answer.value);

/** Beyond 2^53 our value is the nearest double; what `$name` inserts is exact there too. */
function exactPart(answer: Answer): unknown {
  if ('error' in answer) return 'error';
  const isInexact = /^-?\d+$/.test(String(answer.value)) && !Number.isSafeInteger(Number(answer.value));
  return isInexact ? answer.referenced : answer;
}

/** The input is told only where there is a difference: writing it out takes longer than comparing. */
function expectSame(ours: unknown, theirs: unknown, input: unknown): void {
  if (!isDeepStrictEqual(ours, theirs)) expect(ours, JSON.stringify(input)).toEqual(theirs);
}

describe(`oslo.config and ours (seed ${SEED})`, { timeout: 300_000 }, () => {
  test('parseConfFile finds the same assignments, lines and errors when documents are tricky', () => {
    const documents = sample(documentBytes, DOCUMENTS);
    const answers = askOslo({ documents: documents.map((bytes) => bytes.toString('base64')) }).documents;
    const kinds = new Map<string, number>();
    documents.forEach((bytes, index) => {
      const answer = answers[index];
      expectSame(parseOurs(bytes), answer, bytes.toString());
      const kind = answer !== undefined && 'error' in answer ? answer.error : 'found';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    });
    // The generator must keep reaching everything: each of the seven errors, and documents without one.
    expect(
      [...kinds.values()].every((count) => count >= 20),
      JSON.stringify([...kinds]),
    ).toBe(true);
    expect(kinds.size).toBe(8);
    expect(kinds.get('found')).toBeGreaterThan(DOCUMENTS / 4);
  });

  test.each(Object.keys(TYPES) as TypeName[])(
    '%s accepts the same texts with the same values when they are tricky',
    (name) => {
      const texts = sample(TEXTS[name], TEXTS_PER_TYPE);
      const answers = askOslo({ texts: texts.map((text) => [name, text]) }).texts;
      expect(answers).toHaveLength(TEXTS_PER_TYPE);
      answers.forEach((answer, index) => {
        const text = texts[index] ?? '';
        expectSame(exactPart(convertOurs(name, text)), exactPart(expected(name, answer)), text);
      });
      // The generator must keep reaching both.
      const refused = answers.filter((answer) => 'error' in answer).length;
      expect(TEXTS_PER_TYPE - refused).toBeGreaterThanOrEqual(20);
      expect(refused).toBeGreaterThanOrEqual(NEVER_REFUSING.has(name) ? 0 : 20);
    },
  );

  test('resolveSettings gives every option the same value when files refer to options', () => {
    const table = OPTIONS.map(toOption);
    const cases = sample(osloCase, CASES);
    const answers = askOslo({ cases, options: OPTIONS }).cases;
    const seen = { values: 0, errors: 0 };
    cases.forEach(({ files, env }, index) => {
      const answer = answers[index];
      if (answer === undefined || 'error' in answer)
        throw new Error(`oslo.config cannot load ${JSON.stringify(files)}`);
      const confFiles = files.map((text, number) => parseConfFile(`/${number}.conf`, Buffer.from(text)));
      const settings = resolveSettings({ flags: [], env, files: confFiles }, table);
      table.forEach((option, place) => {
        const theirs = answer.options[place] ?? { error: 'no answer' };
        seen['error' in theirs ? 'errors' : 'values'] += 1;
        const ours = readOurs(settings, option, OPTIONS[place]?.type ?? 'string');
        expectSame(outcome(ours), outcome(theirs), { name: option.name, files, env });
      });
    });
    expect(seen.values).toBeGreaterThan(CASES);
    expect(seen.errors).toBeGreaterThan(CASES / 2);
  });
});
