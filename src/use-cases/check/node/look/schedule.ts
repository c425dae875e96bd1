/**
 * A program that is to run regularly, as far as the node's set-up tells.
 */
import type { JobName, Maker } from './commands.ts';

/** One entry of cron, one timer, or one process that stays. */
export interface Scheduled {
  readonly job: JobName;
  /** Where that is said: `/etc/cron.d/glance-cache-tools:14`, `glance-cache-pruner.timer`, `process 812`. */
  readonly where: string;
  readonly maker: Maker;
  /** Whether it says on its command line that Glance is to be asked about cached images. */
  readonly isStale: boolean;
  /** Why it does not run, though; undefined where nothing is known to keep it from that. */
  readonly fault: Fault | undefined;
}

/** Why something that looks scheduled does not run. */
export interface Fault {
  /** As the rest of a sentence that begins with {@link Scheduled.where}. */
  readonly state: string;
  readonly command: string;
}

/** Where something could not be looked at, and why. */
export interface Unseen {
  readonly path: string;
  readonly reason: string;
}

/** What was found in one place. */
export interface Schedules {
  readonly entries: readonly Scheduled[];
  readonly unseen: readonly Unseen[];
  /** Whether there is such a thing at all on this node. */
  readonly isPresent: boolean;
}
