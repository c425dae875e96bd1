/**
 * Sets the clock of a built program ahead: nobody can set back the change time of a file.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const AHEAD = `
const { now } = Date;
Date.now = () => now() + Number(process.env.AHEAD_SEC) * 1000;
`;

/**
 * What makes a program run that much later.
 *
 * @param folder where the program finds what it takes
 * @returns environment variables for it
 */
export function clockSetAhead(folder: string, aheadSec: number): Readonly<Record<string, string>> {
  const path = join(folder, 'ahead.cjs');
  writeFileSync(path, AHEAD);
  return { NODE_OPTIONS: `--require=${path}`, AHEAD_SEC: String(aheadSec) };
}
