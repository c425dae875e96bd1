/**
 * What bars are made of: blocks where the locale has them, plain ASCII elsewhere.
 */

/** The characters of a bar, each one column wide. */
export interface BarGlyphs {
  /** Around the bar; empty for none. */
  readonly open: string;
  readonly close: string;
  readonly full: string;
  /** A place that is half full; undefined where there is no character for it. */
  readonly half: string | undefined;
  /** A place that others have taken. */
  readonly others: string;
  readonly empty: string;
  /** Stands for what was cut off a text. */
  readonly ellipsis: string;
  /** Whether texts must do with ASCII as well. */
  readonly isAscii: boolean;
}

// Of the many blocks of Unicode those that the fonts of the Linux console have, too.
const BLOCKS: BarGlyphs = {
  open: '',
  close: '',
  full: '█',
  half: '▌',
  others: '▒',
  empty: '░',
  ellipsis: '…',
  isAscii: false,
};

const ASCII: BarGlyphs = {
  open: '[',
  close: ']',
  full: '#',
  half: undefined,
  others: '=',
  empty: '-',
  ellipsis: '~',
  isAscii: true,
};

/**
 * The characters that a terminal shows.
 *
 * @param env where the first of LC_ALL, LC_CTYPE and LANG that is not empty names the locale
 */
export function barGlyphs(env: Readonly<Record<string, string | undefined>>): BarGlyphs {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value = '') => value !== '') ?? '';
  return /utf-?8/i.test(locale) ? BLOCKS : ASCII;
}
