/** A block of code in Markdown. */
export interface Fence {
  readonly language: string;
  readonly lines: readonly string[];
}

/** The blocks of code of a text, in its order. */
export function fencesOf(text: string): readonly Fence[] {
  return Array.from(text.matchAll(/^```(\w*)\n(.*?)^```$/gms), ([, language = '', body = '']) => ({
    language,
    lines: body.trimEnd().split('\n'),
  }));
}

/** The text below a heading of the second level, up to the next one. */
export function chapterOf(text: string, title: string): string {
  const start = text.indexOf(`\n## ${title}\n`);
  if (start < 0) throw new RangeError(`there is no chapter ${title}`);
  const end = text.indexOf('\n## ', start + 1);
  return text.slice(start, end < 0 ? undefined : end + 1);
}
