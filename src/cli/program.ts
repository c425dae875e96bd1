/**
 * What a program is: its flags, its settings, its words in the help, and what it does. The same declaration feeds the
 * parser, the help text and the test that holds the manual pages to it.
 */
import type { Option } from '../settings/option.ts';
import type { Settings } from '../settings/resolve.ts';
import type { Flag } from './flag.ts';
import type { ImageSource } from './image-source.ts';
import type { Invocation } from './invocation.ts';
import type { ParsedArguments } from './parsed-arguments.ts';
import type { JobSummary } from './record-run.ts';

/** A command of a program that has several. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Operands as shown in the usage, such as `<IMAGE_ID...>`; none when absent. */
  readonly operands?: string;
  /** What shells complete them with: images that lie somewhere, or words. */
  readonly operandsFrom?: ImageSource | readonly string[];
  /** Flags that mean something to this command only, beside those of the program. */
  readonly flags: readonly Flag[];
  /** Options of the table whose flags mean something to this command only. */
  readonly options?: readonly Option<unknown>[];
  /** It may log in to Keystone, where it works on this node: its help says where the options for that are. */
  readonly logsIn?: boolean;
  /** Commands one can paste, with what they do. */
  readonly examples: readonly Example[];
  run(call: Call): Promise<void>;
  /** Does the same on other nodes, those of `--host`; a command without works on this node only. */
  runRemotely?(call: Call): Promise<void>;
}

/** A command line one can paste. */
export interface Example {
  readonly line: string;
  readonly does: string;
}

/** Flags that stand together in the help. */
export interface FlagGroup {
  readonly heading: string;
  /** Flags that no configuration file knows. */
  readonly flags: readonly Flag[];
  /** Options of the table whose flags these are. */
  readonly options: readonly Option<unknown>[];
}

/** One program of the toolkit. */
export interface Program {
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** The flags of the program, in the groups its help shows. */
  readonly groups: readonly FlagGroup[];
  /** Commands, for a program that has several; then `run` is never called. */
  readonly commands: readonly Command[];
  readonly examples: readonly Example[];
  run(call: Call): Promise<void>;
}

/** A program that was called, with its arguments read. */
export interface Call {
  readonly program: Program;
  readonly invocation: Invocation;
  readonly args: ParsedArguments;
  /** Which round of a daemon it is; absent for a run of its own. */
  readonly round?: Round;
}

/** One round of a daemon. */
export interface Round {
  /** They outlive the round. */
  readonly settings: Settings;
  /** Whether no round has gone with these settings before: what they have to say is told once. */
  readonly hasNewSettings: boolean;
  /** Hears what was done. */
  summarize(summary: JobSummary): void;
}
