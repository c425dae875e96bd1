/**
 * What one of several programs reads out of the configuration files of a node: they share files, and not all of them.
 */
import type { Settings } from '../../settings/resolve.ts';

/** The settings of one program, from files alone. */
export interface FileView {
  /** Without flags and environment: those of this run are not those of that program. */
  readonly settings: Settings;
  /** The files it reads, in order, absolute. */
  readonly files: readonly string[];
  /** The file that a line for this program is to be added to. */
  readonly ownFile: string;
}
