/**
 * What is known about a running stack, as plain data: the global set-up provides it, the test files inject it. Every
 * path is absolute.
 */

/** The system user that Keystone and Glance run as: `glance`, or whoever runs the tests if that is not root. */
export interface ServiceUser {
  readonly name: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
}

/** A user of Keystone with the project it works in, all in the domain `default`. */
export interface Account {
  readonly name: string;
  readonly password: string;
  readonly project: string;
}

/** One glance-api with a cache of its own. */
export interface GlanceNode {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** The node's folder; all of the following lie in it. */
  readonly dir: string;
  /** `glance-api.conf`. */
  readonly apiConf: string;
  /** `glance-cache.conf`. */
  readonly cacheConf: string;
  readonly cacheDir: string;
  /** `[oslo_concurrency] lock_path`; null if unset, the locks then lie in the cache directory. */
  readonly lockDir: string | null;
  readonly apiLog: string;
  readonly cacheLog: string;
}

/** What the parts of a stack share. */
export interface StackFolders {
  readonly stateDir: string;
  /** Who runs: a file per service, named after it. */
  readonly runDir: string;
  /** An empty home, so that no `~/.glance` or `~/.config` of this machine is read. */
  readonly homeDir: string;
  readonly logDir: string;
  readonly storeDir: string;
  readonly glanceDatabase: string;
  readonly user: ServiceUser;
}

/** A running stack. */
export interface StackInfo extends StackFolders {
  /** With the version: `http://127.0.0.1:PORT/v3`. */
  readonly keystoneUrl: string;
  readonly region: string;
  readonly accounts: { readonly admin: Account; readonly demo: Account };
  /** The glance-api that Keystone's catalog names. */
  readonly node: GlanceNode;
  /** Copies of the checkout's programs and of node that every user can read. */
  readonly programsDir: string;
  readonly nodeBinary: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: StackInfo;
  }
}
