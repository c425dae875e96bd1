import { BadValue } from './bad-value.ts';
import type { Evaluator } from './evaluate.ts';
import type { RawValue } from './layers.ts';
import type { Option } from './option.ts';

/** A URL without any password: messages name it. */
const HARMLESS_URL = /^[A-Za-z][\w+.-]*:\/\/(?:[^:@/?]*@)?[^:@/?]*(?::\d{1,5})?(?:\/[^:@]*)?$/;

/**
 * The texts that no output may contain: every secret that is set, as written and as expanded, and the password in a URL
 * by itself, as written and decoded.
 */
export function secretTexts(evaluator: Evaluator, table: readonly Option<unknown>[]): readonly string[] {
  const texts = table
    .filter((option) => option.secret === true)
    .flatMap((option) => evaluator.raw(option).flatMap((raw) => [raw.text, ...expanded(evaluator, option, raw)]))
    .filter((text) => !HARMLESS_URL.test(text) || urlPasswords(text).length > 0)
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

/** The passwords in a URL: of `driver://user:password@host`, where an unescaped `@` or `/` is taken for a part, and of parameters. */
function urlPasswords(text: string): readonly string[] {
  const password = /^[A-Za-z][\w+.-]*:\/\/[^:@/]*:(.+)@/s.exec(text)?.[1];
  const parameters = Array.from(text.matchAll(/(?:^|[?&])\w*(?:password|passwd)=([^&]+)/g), ([, value = '']) => value);
  return [...(password === undefined ? [] : [password]), ...parameters].flatMap((raw) => [raw, unquoted(raw)]);
}

/** As SQLAlchemy reads it: a percent sign that begins no code stands for itself. */
function unquoted(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString());
}
