/**
 * A value without what every other kind of configuration file would take for a comment behind it. Only where a value is
 * one line: in others a comment stands where it belongs.
 */
export function withoutComment(value: string): string {
  return value.includes('\n') ? value : (/^(.*?\S)\s+[#;]/.exec(value)?.[1] ?? value);
}
