/**
 * How a program was called: everything of the process that the layers below the command line may know.
 */
import type { Readable } from 'node:stream';
import type { Output } from './output.ts';
import type { Rights } from './rights.ts';

/** One call of a program. */
export interface Invocation {
  /** What follows the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string | undefined;
  readonly pid: number;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly rights: Rights;
  /** Aborted by SIGINT and SIGTERM; its reason is the error to end with. */
  readonly signal: AbortSignal;
}
