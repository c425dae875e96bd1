import { existsSync, readFileSync } from 'node:fs';
import { expect, inject } from 'vitest';
import type { ProgramName } from './programs.ts';
import { type RunResult, startRun } from './run.ts';
import { systemEnvironment } from './system-environment.ts';

/** A program on a terminal of its own. */
export interface TerminalRun {
  readonly result: Promise<RunResult>;
  /** Waits until the screen shows this, and returns the match. */
  untilShown(pattern: RegExp): Promise<RegExpExecArray>;
}

/**
 * Starts one of our programs as Glance's user in a pseudo terminal without colours, as somebody does who sits before one.
 *
 * @param screen a file in a folder of Glance's, where all that is shown goes
 */
export function startOnTerminal(
  name: ProgramName,
  args: readonly string[],
  { env, screen }: { readonly env: Readonly<Record<string, string>>; readonly screen: string },
): TerminalRun {
  const { programsDir, nodeBinary, homeDir, user } = inject('stack');
  const words = [nodeBinary, `${programsDir}/bin/${name}.cjs`, ...args];
  const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const { child, result } = startRun(
    ['/usr/bin/script', '--quiet', '--flush', '--return', '--command', `exec ${command}`, screen],
    { as: user, env: { ...systemEnvironment(homeDir), TERM: 'xterm', NO_COLOR: '1', ...env } },
  );
  return {
    result,
    async untilShown(pattern) {
      const look = () => pattern.exec(existsSync(screen) ? readFileSync(screen, 'utf8') : '');
      await expect.poll(() => child.exitCode !== null || look() !== null, { timeout: 20_000, interval: 20 }).toBe(true);
      const match = look();
      if (match === null) throw new Error(`The terminal does not show ${pattern}:\n${(await result).stdout}`);
      return match;
    },
  };
}
