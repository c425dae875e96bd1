/**
 * Users and groups of a node, from its own files. Those of a directory service are not there: they are numbers then.
 */
import { join } from 'node:path';
import { readText } from './read-text.ts';

/** A user, and the groups whose rights it has. */
export interface Account {
  /** As the node calls it; the number where it has no name. */
  readonly name: string;
  readonly uid: number;
  readonly gids: readonly number[];
}

/** Who there is. */
export class Accounts {
  readonly #users: readonly string[][];
  readonly #groups: readonly string[][];

  /** @param root where the file system begins */
  constructor(root: string) {
    this.#users = linesOf(join(root, 'etc/passwd'));
    this.#groups = linesOf(join(root, 'etc/group'));
  }

  /** The user of a name; undefined where there is none. */
  named(name: string): Account | undefined {
    const [, , uid, gid] = this.#users.find(([user]) => user === name) ?? [];
    return uid === undefined || gid === undefined ? undefined : this.#account(name, Number(uid), Number(gid));
  }

  /**
   * The user of a number.
   *
   * @param gid its group where the node does not know the user
   */
  withId(uid: number, gid: number): Account {
    const [name, , , primary] = this.#users.find(([, , id]) => id === String(uid)) ?? [];
    return name === undefined
      ? { name: String(uid), uid, gids: [gid] }
      : this.#account(name, uid, Number(primary ?? gid));
  }

  /** What to call a user. */
  userName(uid: number): string {
    return this.#users.find(([, , id]) => id === String(uid))?.[0] ?? String(uid);
  }

  /** What to call a group. */
  groupName(gid: number): string {
    return this.#groups.find(([, , id]) => id === String(gid))?.[0] ?? String(gid);
  }

  #account(name: string, uid: number, gid: number): Account {
    const others = this.#groups.filter(([, , , members = '']) => members.split(',').includes(name));
    return { name, uid, gids: [...new Set([gid, ...others.map(([, , id]) => Number(id))])] };
  }
}

function linesOf(path: string): readonly string[][] {
  return (readText(path) ?? '').split('\n').map((line) => line.split(':'));
}
