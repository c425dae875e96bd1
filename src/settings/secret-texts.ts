import { BadValue } from './bad-value.ts';
import type { Evaluator } from './evaluate.ts';
import type { RawValue } from './layers.ts';
import type { Option } from './option.ts';

/**
 * The texts that no output may contain: every secret that is set, as written and as expanded, and the password in a URL
 * by itself, as written and decoded.
 */
export function secretTexts(evaluator: Evaluator, table: readonly Option<unknown>[]): readonly string[] {
  const texts = table
    .filter((option) => option.secret === true)
    .flatMap((option) => evaluator.raw(option).flatMap((raw) => [raw.text, ...expanded(evaluator, option, raw)]))
    .flatMap((text) => [text, ...urlPasswords(text)]);
  return Array.from(new Set(texts)).filter((text) => text !== '');
}

/** A secret that cannot be expanded is reported when somebody reads it. */
function expanded(evaluator: Evaluator, option: Option<unknown>, raw: RawValue): readonly string[] {
  try {
    return [evaluator.expand(option, raw).text];
  } catch (error) {
    if (error instanceof BadValue) return [];
    throw error;
  }
}

/** The password of `driver://user:password@host`. One with an unescaped `@` or `/` in it is taken whole. */
function urlPasswords(text: string): readonly string[] {
  const password = /^[A-Za-z][\w+.-]*:\/\/[^:@/]*:(.+)@/s.exec(text)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // Not percent-encoded after all: a bare percent sign is a legal part of a password.
    return [password];
  }
}
