/**
 * Colour, for those who said that they want it: the decision (terminal, NO_COLOR) is the command line's.
 */

/** Paints texts by what they are, not by colour. */
export interface Paint {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly good: (text: string) => string;
  readonly heading: (text: string) => string;
  readonly quiet: (text: string) => string;
}

const plain = (text: string): string => text;

const NO_PAINT: Paint = { error: plain, warning: plain, good: plain, heading: plain, quiet: plain };

/**
 * The paint for an output; chalk is loaded only where there is colour.
 *
 * @param color whether the output is to have colour
 */
export async function loadPaint(color: boolean): Promise<Paint> {
  if (!color) return NO_PAINT;
  const { Chalk } = await import('chalk');
  // A level of our own: left to itself chalk looks at the environment and decides anew.
  const chalk = new Chalk({ level: 1 });
  return {
    error: (text) => chalk.red(text),
    warning: (text) => chalk.yellow(text),
    good: (text) => chalk.green(text),
    heading: (text) => chalk.bold(text),
    quiet: (text) => chalk.dim(text),
  };
}
