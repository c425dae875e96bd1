import { printable } from '../text/printable.ts';
import { secretSpellings } from '../text/secret-spellings.ts';
import { guessedSecretSpans } from './secret-patterns.ts';
import { coverSpans, type Span } from './span.ts';

/**
 * Masks secrets in text. Known secrets and what looks like one are looked for in the same, unchanged text and the
 * places found are joined: masking one after the other would let the rest of an overlapping secret stand, or spoil
 * the pattern that would have found the next.
 */

/** Returns a text with its secrets replaced by `***`. */
export type Redactor = (text: string) => string;

const MASK = '***';

// Masked inside words, a secret of one to three characters would shred the text, and the holes would spell it out:
// "c***che" tells that it is "a". Such a short one is masked where it stands for itself.
const SHORT_LENGTH = 3;

const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

interface Needle {
  readonly text: string;
  readonly wholeOnly: boolean;
}

function needlesOf(secrets: readonly string[]): readonly Needle[] {
  const texts = new Set(
    secrets.filter((secret) => secret !== '').flatMap((secret) => [...secretSpellings(secret), printable(secret)]),
  );
  return [...texts].map((text) => ({ text, wholeOnly: text.length <= SHORT_LENGTH }));
}

function isWhole(text: string, span: Span): boolean {
  const before = text[span.start - 1];
  const after = text[span.end];
  return (before === undefined || !WORD_CHARACTER.test(before)) && (after === undefined || !WORD_CHARACTER.test(after));
}

function addNeedleSpans(text: string, needle: Needle, spans: Span[]): void {
  for (let start = text.indexOf(needle.text); start >= 0; start = text.indexOf(needle.text, start + 1)) {
    const span = { start, end: start + needle.text.length };
    if (!needle.wholeOnly || isWhole(text, span)) spans.push(span);
  }
}

/**
 * A function that masks these secrets, and whatever is written like one: `password=...`, `X-Auth-Token: ...`,
 * `://user:...@`, `Bearer ...`. Secrets of up to three characters are masked as whole words only.
 *
 * @param secrets their plain texts; empty ones are passed over
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const needles = needlesOf(secrets);
  return (text) => {
    const spans = guessedSecretSpans(text);
    for (const needle of needles) addNeedleSpans(text, needle, spans);
    return coverSpans(text, spans, MASK);
  };
}

/**
 * As {@link createRedactor}, for a list of secrets that grows.
 *
 * @param secrets read anew whenever it has become longer
 */
export function createGrowingRedactor(secrets: readonly string[]): Redactor {
  let known = secrets.length;
  let redact = createRedactor(secrets);
  return (text) => {
    if (secrets.length !== known) {
      known = secrets.length;
      redact = createRedactor(secrets);
    }
    return redact(text);
  };
}
