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
  /** `HOME`, where configuration is looked for. */
  readonly homeDir: string | undefined;
  /** The home of the account in the user database; under sudo and cron `HOME` may be another one. */
  readonly accountHome: string | undefined;
  readonly pid: number;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly rights: Rights;
  /** Texts that no output may contain, as soon as they are known. */
  readonly secrets: string[];
  /** Aborted by SIGINT and SIGTERM; its reason is the error to end with. */
  readonly signal: AbortSignal;
  /**
   * From now on SIGHUP does not end the process: it is told.
   *
   * @returns what ends that
   */
  listenForHangUps(told: () => void): () => void;
}
