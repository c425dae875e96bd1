/** A part of a text: from `start` up to, not including, `end`, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The text with the spans replaced, those that touch or overlap by one mask together.
 *
 * @param text what the spans are parts of
 * @param spans in any order
 * @param mask what stands for each
 */
export function coverSpans(text: string, spans: readonly Span[], mask: string): string {
  if (spans.length === 0) return text;
  const ordered = [...spans].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let shownTo = 0;
  let coveredTo = -1;
  for (const { start, end } of ordered) {
    if (start > coveredTo) {
      result += text.slice(shownTo, start) + mask;
      coveredTo = end;
    }
    coveredTo = Math.max(coveredTo, end);
    shownTo = coveredTo;
  }
  return result + text.slice(shownTo);
}
