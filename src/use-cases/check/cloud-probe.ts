/**
 * What only the network can tell, as a port: whether the login works that a prefetch would use, and what time it is
 * elsewhere.
 */
import type { CacheError } from '../../errors/cache-error.ts';

/** Whether there is somebody to log in as. */
export type ProbedCredentials =
  | CompleteCredentials
  /** Nobody has given any: prefetching is not set up. */
  | { readonly kind: 'none' }
  /** Some are given that cannot work, or are read from what cannot be read. */
  | { readonly kind: 'unusable'; readonly error: CacheError };

/** Credentials that lack nothing. */
export interface CompleteCredentials {
  readonly kind: 'complete';
  /** Where they come from: `cloud "prod" in /etc/openstack/clouds.yaml`. */
  readonly source: string;
  readonly authType: string;
  /** One sentence each; no secret is in them. */
  readonly warnings: readonly string[];
  /** What of the login a person has to do each time; undefined where nobody has to. */
  readonly personalPart: PersonalPart | undefined;
  /** Those of their options that are used, by keystoneauth's names. */
  readonly options: readonly ProbedOption[];
}

/** Something to do in a browser on any device, or a passcode that is good once. */
export type PersonalPart = 'device' | 'passcode';

/** One option of a login. */
export interface ProbedOption {
  readonly name: string;
  /** Where it is given, for messages: `passcode from /etc/glance/glance-cache.conf:12`. */
  readonly origin: string;
  /** The file that it lies in; undefined for a flag or a variable. */
  readonly place: { readonly file: string; readonly line: number | undefined } | undefined;
  /** What is asked at this URL, without secrets; undefined for what is no URL. */
  readonly url: string | undefined;
}

/** What a login and one question to Glance have told. */
export interface LoginOutcome {
  /** Why there is no login, or no answer of Glance's; undefined where all went well. */
  readonly failure: CacheError | undefined;
  /** Whether the account has an admin role; undefined where nobody has said. */
  readonly isAdmin: boolean | undefined;
  /** How the clock of who answered goes against ours; undefined where no answer has told the time. */
  readonly skew: ClockSkew | undefined;
}

/** A difference between two clocks. */
export interface ClockSkew {
  /** Origin of the URL that answered. */
  readonly server: string;
  /** What the other clock is ahead of ours, seconds; negative where it is behind. */
  readonly aheadSec: number;
  /** By how much that may be wrong, seconds: an answer takes its time, and tells whole seconds. */
  readonly doubtSec: number;
}

/** Asks the network. */
export interface CloudProbe {
  readonly credentials: ProbedCredentials;
  /** Files that hold credentials beside the configuration: clouds.yaml, secure.yaml. Absolute. */
  readonly files: readonly string[];
  /**
   * Logs in and asks Glance for one image; once, however often it is called, and without asking anybody at a terminal.
   * Undefined where nothing may be asked, where nobody can log in, and where only a person could.
   */
  readonly login: (() => Promise<LoginOutcome>) | undefined;
  /** Whether there is no login for the last of these reasons. */
  readonly isLeftToPerson: boolean;
}
