/**
 * Whether glance-api may use what is in the cache. Stock tools that ran as root leave files that it may not even open.
 */
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { GLANCE_LOCK_FILES } from '../../../cache/disk-directory.ts';
import { isImageId } from '../../../cache/image-id.ts';
import { type CacheLayout, SUB_AREAS } from '../../../cache/layout.ts';
import { shellWord } from '../../../errors/next-step.ts';
import { OPTIONS } from '../../../settings/options.ts';
import type { Check, CheckContext } from '../check.ts';
import { usableValue } from '../files/usable-value.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { Accounts } from './look/accounts.ts';
import { entriesIn, lookAt } from './look/entries.ts';
import { findGlanceUser, type GlanceUser } from './look/glance-user.ts';
import { closedFolder, may, modeText, READ, SEARCH, WRITE } from './look/rights-of.ts';

const ALL = READ | WRITE | SEARCH;

/** Looks at owners, groups and modes of everything that is glance-api's or ours. */
export const OWNERS: Check = {
  name: 'owners',
  run(context) {
    const { layout, root } = context;
    if (layout === undefined) return [];
    const user = findGlanceUser(context);
    if (user === undefined) return [unknownUser()];
    const closed = context.asStarted(() => closedFolder(user, layout.root));
    if (closed !== undefined) return [closedWay(context, user, { ...closed, to: layout.root })];
    const look = new Look(user, new Accounts(root));
    lookAtCache(look, context, layout);
    return look.findings();
  },
};

function lookAtCache(look: Look, { settings }: CheckContext, layout: CacheLayout): void {
  const driver = usableValue(settings, OPTIONS.imageCacheDriver);
  for (const path of [layout.root, ...SUB_AREAS.map((area) => layout.areas[area])]) look.folder('folder', path);
  // Hits are kept with the file by this driver.
  lookAtImages(look, layout, driver === 'xattr' ? READ | WRITE : READ);
  if (driver === 'sqlite') {
    for (const path of [layout.index, `${layout.index}-journal`]) look.file('index', path, READ | WRITE);
  }
  lookAtLocks(look, usableValue(settings, OPTIONS.lockPath) ?? layout.root, layout);
  lookAtTools(look, layout.tools);
}

function lookAtImages(look: Look, { root, areas }: CacheLayout, bits: number): void {
  for (const { name, path, stats } of entriesIn(root)) {
    if (stats.isFile() && isImageId(name)) look.at('image', { path, stats, bits });
  }
  for (const area of SUB_AREAS) {
    // What lies elsewhere is only ever removed, for which the folder counts.
    const needed = area === 'incomplete' ? WRITE : 0;
    for (const { path, stats } of entriesIn(areas[area])) {
      if (stats.isFile()) look.at('leftover', { path, stats, bits: needed });
    }
  }
}

function lookAtLocks(look: Look, folder: string, layout: CacheLayout): void {
  if (folder === '') return;
  if (folder !== layout.root) look.folder('lock', folder);
  for (const name of GLANCE_LOCK_FILES) look.file('lock', join(folder, name), WRITE);
}

/** Two levels: `locks/glance-cache-pruner`. */
function lookAtTools(look: Look, folder: string): void {
  look.folder('tool', folder);
  for (const entry of entriesIn(folder)) {
    if (entry.stats.isDirectory()) look.folder('tool', entry.path);
    for (const { path, stats } of entriesIn(entry.path)) {
      if (stats.isFile()) look.at('tool', { path, stats, bits: READ | WRITE });
    }
  }
}

/** What something is to glance-api. */
type Part = 'folder' | 'image' | 'leftover' | 'index' | 'lock' | 'tool';

/** What is found of one part: how much of it, and the first of it. */
interface Found {
  count: number;
  readonly path: string;
  readonly stats: Stats;
}

/** Something that is there, and what glance-api needs to do with it. */
interface Needed {
  readonly path: string;
  readonly stats: Stats;
  readonly bits: number;
}

class Look {
  readonly #user: GlanceUser;
  readonly #accounts: Accounts;
  readonly #locked = new Map<Part, Found>();
  readonly #foreign = new Map<Part, Found>();

  constructor(user: GlanceUser, accounts: Accounts) {
    this.#user = user;
    this.#accounts = accounts;
  }

  folder(part: Part, path: string): void {
    const stats = lookAt(path);
    if (stats?.isDirectory() === true) this.at(part, { path, stats, bits: ALL });
  }

  file(part: Part, path: string, bits: number): void {
    const stats = lookAt(path);
    if (stats?.isFile() === true) this.at(part, { path, stats, bits });
  }

  at(part: Part, { path, stats, bits }: Needed): void {
    const heap = !may(this.#user, stats, bits)
      ? this.#locked
      : stats.uid === this.#user.uid
        ? undefined
        : this.#foreign;
    const known = heap?.get(part);
    if (known === undefined) heap?.set(part, { count: 1, path, stats });
    else known.count += 1;
  }

  findings(): readonly CheckFinding[] {
    const locked = Array.from(this.#locked, ([part, what]) => this.#lockedOut(part, what));
    const foreign = Array.from(this.#foreign.values(), (what) => this.#foreignOwner(what));
    return [...locked, ...foreign];
  }

  #lockedOut(part: Part, what: Found): CheckFinding {
    const { name, because } = this.#user;
    return makeFinding({
      check: 'locked-out',
      severity: 'error',
      message: `${this.#describe(what)} may not be ${USES[part]} by user ${JSON.stringify(name)}, as which glance-api runs (${because})`,
      reason: CONSEQUENCES[part],
      command: this.#chown(what),
    });
  }

  #foreignOwner(what: Found): CheckFinding {
    const { name, because } = this.#user;
    return makeFinding({
      check: 'foreign-owner',
      severity: 'warning',
      message: `${this.#describe(what)} ${what.count === 1 ? 'does' : 'do'} not belong to user ${JSON.stringify(name)}, as which glance-api runs (${because})`,
      reason: `What somebody else leaves in the cache may lock glance-api out with the next change of its mode; ${ORIGIN}`,
      command: this.#chown(what),
    });
  }

  #describe({ count, path, stats }: Found): string {
    const owner = `${this.#accounts.userName(stats.uid)}:${this.#accounts.groupName(stats.gid)}`;
    const more = count === 1 ? '' : ` and ${count - 1} more`;
    return `${JSON.stringify(path)} (${owner}, mode ${modeText(stats)})${more}`;
  }

  #chown({ count, path, stats }: Found): string {
    const { name, uid, gids } = this.#user;
    const owner = shellWord(`${name}:${this.#accounts.groupName(gids[0] ?? uid)}`);
    if (stats.uid === uid) return `chmod u+rw${stats.isDirectory() ? 'x' : ''} ${shellWord(path)}`;
    if (count === 1) return `chown -h ${owner} ${shellWord(path)}`;
    return `find ${shellWord(dirname(path))} ! -user ${shellWord(name)} -exec chown -h ${owner} {} +`;
  }
}

const ORIGIN = 'programs that ran as root are where it usually comes from';

const USES: Readonly<Record<Part, string>> = {
  folder: 'read, written to and searched',
  image: 'opened',
  leftover: 'written to',
  index: 'read and written to',
  lock: 'locked',
  tool: 'used',
};

const CONSEQUENCES: Readonly<Record<Part, string>> = {
  folder: 'glance-api can cache nothing there, or cannot serve what is cached',
  image: `glance-api cannot serve an image from the cache that it may not open; ${ORIGIN}`,
  leftover: 'glance-api fails to cache that image as long as this file is in its way',
  index: 'glance-api neither finds cached images nor counts their hits without its index',
  lock: 'glance-api does not start, or its cache commands fail, where it cannot take its locks',
  tool: `These programs cannot work with the rights of the owner of the cache; ${ORIGIN}`,
};

function unknownUser(): CheckFinding {
  return makeFinding({
    check: 'glance-user-unknown',
    severity: 'note',
    message:
      'Nothing tells which user glance-api runs as: no process, no unit, no account "glance", and root owns the cache',
    reason: 'Whether it may use the cache was not looked at',
  });
}

function closedWay(
  { root }: CheckContext,
  { name, because }: GlanceUser,
  { path, stats, to }: { readonly path: string; readonly stats: Stats; readonly to: string },
): CheckFinding {
  const accounts = new Accounts(root);
  const owner = `${accounts.userName(stats.uid)}:${accounts.groupName(stats.gid)}`;
  return makeFinding({
    check: 'locked-out',
    severity: 'error',
    message: `User ${JSON.stringify(name)}, as which glance-api runs (${because}), may not search ${JSON.stringify(path)} (${owner}, mode ${modeText(stats)}) on the way to ${JSON.stringify(to)}`,
    reason: 'glance-api reaches nothing below a folder that it may not search',
    command: `chmod o+x ${shellWord(path)}`,
  });
}
