/**
 * The rights of the process. As root a run takes the effective user and group of the owner of the cache, so that what
 * it makes belongs to Glance, and a link planted there leads nowhere that Glance could not go.
 */
import type { Stats } from 'node:fs';

/** The parts of `process` that hold the rights. */
export interface RightsHolder {
  geteuid?(): number;
  getegid?(): number;
  seteuid?(user: number): void;
  setegid?(group: number): void;
  getgroups?(): number[];
  setgroups?(groups: readonly number[]): void;
  initgroups?(user: number, group: number): void;
  umask(mask: number): number;
}

const ROOT = 0;
const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_OTHERS = 0o002;

/** glance-api sets it too: files 0640, folders 0750. */
const UMASK = 0o027;

/** The rights of this process. */
export class Rights {
  readonly #holder: RightsHolder;
  #steppedDown = false;
  /** What was given up; without groups where those were kept. */
  #original: { readonly group: number; readonly groups: readonly number[] | undefined } | undefined;
  #owner: { readonly uid: number; readonly groups: readonly number[] } | undefined;

  constructor(holder: RightsHolder) {
    this.#holder = holder;
  }

  /** Whether the process acts as root now. */
  get isRoot(): boolean {
    return this.#holder.geteuid?.() === ROOT;
  }

  /** Whom the process acts as now, by ID. */
  get user(): number {
    return this.#holder.geteuid?.() ?? ROOT;
  }

  /** Makes new files as glance-api makes them. */
  setUmask(): void {
    this.#holder.umask(UMASK);
  }

  /**
   * As root, takes the rights of the owner of a file or folder for the rest of the run. Any other user keeps its own.
   */
  takeThoseOf({ uid, gid }: Pick<Stats, 'uid' | 'gid'>): void {
    if (!this.isRoot) return;
    const group = this.#holder.getegid?.() ?? ROOT;
    if (uid === ROOT) {
      // A folder of root that a group may read: so it may read what is made there.
      if (gid === ROOT) return;
      this.#original = { group, groups: undefined };
      this.#holder.setegid?.(gid);
      return;
    }
    this.#original = { group, groups: this.#holder.getgroups?.() ?? [] };
    // Root's own groups would open files of theirs; the owner's may be needed to reach a store.
    try {
      this.#holder.initgroups?.(uid, gid);
    } catch {
      // The owner may have no entry in the user database, as in a container.
      this.#holder.setgroups?.([gid]);
    }
    this.#holder.setegid?.(gid);
    this.#holder.seteuid?.(uid);
    this.#steppedDown = true;
    this.#owner = { uid, groups: [gid, ...(this.#holder.getgroups?.() ?? [])] };
  }

  /**
   * Takes back what {@link takeThoseOf} has given up: for a program that works in rounds, between two of them. The user
   * comes first, for only root may choose groups. Nothing that runs with the rights of the owner may still be at work.
   */
  takeBack(): void {
    if (this.#original === undefined) return;
    if (this.#steppedDown) this.#holder.seteuid?.(ROOT);
    this.#holder.setegid?.(this.#original.group);
    if (this.#original.groups !== undefined) this.#holder.setgroups?.(this.#original.groups);
    this.#original = undefined;
    this.#steppedDown = false;
    this.#owner = undefined;
  }

  /** Does one thing with the rights the process was started with. */
  withOriginal<T>(call: () => T): T {
    if (!this.#steppedDown) return call();
    const { user } = this;
    const group = this.#holder.getegid?.() ?? ROOT;
    this.#holder.seteuid?.(ROOT);
    this.#holder.setegid?.(ROOT);
    try {
      return call();
    } finally {
      this.#holder.setegid?.(group);
      this.#holder.seteuid?.(user);
    }
  }

  /** Whether the owner whose rights were taken may change what is in a folder. */
  ownerMayChange({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>): boolean {
    if (this.#owner === undefined || uid === this.#owner.uid || (mode & WRITABLE_BY_OTHERS) !== 0) return true;
    return (mode & WRITABLE_BY_GROUP) !== 0 && this.#owner.groups.includes(gid);
  }

  /** Whether the process was started as root and has given that up. */
  get hasSteppedDown(): boolean {
    return this.#steppedDown;
  }
}
