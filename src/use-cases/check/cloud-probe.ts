/**
 * What checks ask the cloud: nothing is asked before a check does so.
 */

/** The cloud, as a check can ask it. */
export interface CloudProbe {
  /** Whether nothing may be asked. */
  readonly isOffline: boolean;
}
