/**
 * What a check of the configuration and of the node has found: plain data, for text and machine formats alike.
 */

/** `error`: something does not work, or will destroy data; `warning`: it will hurt some day; `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note';

/** A line of a configuration file that is to be changed, or added. */
export interface Change {
  /** Absolute path of the file. */
  readonly file: string;
  /** Where the line stands, from 1; undefined for one that is to be added. */
  readonly line: number | undefined;
  /**
   * What the line should say, with its section where it is to be added: `[paste_deploy] flavor = keystone+caching`; empty
   * for one that is to go.
   */
  readonly text: string;
}

/** One thing that is wrong, or worth knowing. */
export interface CheckFinding {
  /** Stable name of what was looked at, in kebab-case, such as `cache-not-in-pipeline`: scripts match it. */
  readonly check: string;
  readonly severity: Severity;
  /** How things are, one sentence without a final period. */
  readonly message: string;
  /** Why that matters, one sentence without a final period. */
  readonly reason: string;
  /** The line to change, where that mends it. */
  readonly change: Change | undefined;
  /** A command that mends it or shows more, ready to be pasted. */
  readonly command: string | undefined;
}
