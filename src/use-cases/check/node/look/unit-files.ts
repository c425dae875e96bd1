/**
 * Unit files of systemd, as systemd.unit(5) has them: where they lie, which lie over others, and which are enabled. Read
 * from disk: systemctl is not there in every place that the files are.
 */
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unlessAbsent } from '../../../../errors/errno.ts';
import { readText } from './read-text.ts';

/** A unit. */
export interface UnitFile {
  /** `glance-api.service`. */
  readonly name: string;
  /** Where it lies, below the root of the node. */
  readonly path: string;
  /** Its texts, those of its drop-ins after its own. */
  readonly texts: readonly string[];
}

/** What comes first lies over what comes later. */
const FOLDERS = ['etc', 'run', 'usr/local/lib', 'usr/lib', 'lib'].map((place) => join(place, 'systemd/system'));

/** Units of a node. */
export class UnitFiles {
  readonly #root: string;
  readonly #enabled: ReadonlySet<string>;

  /** @param root where the file system begins */
  constructor(root: string) {
    this.#root = root;
    this.#enabled = new Set(FOLDERS.flatMap((folder) => wantedIn(join(root, folder))));
  }

  /** Whether systemd runs this node: see sd_booted(3). */
  get isInCharge(): boolean {
    return existsSync(join(this.#root, 'run/systemd/system'));
  }

  /** The units whose names match; those that are masked are none. */
  matching(pattern: RegExp): readonly UnitFile[] {
    const paths = new Map<string, string>();
    for (const folder of FOLDERS) {
      for (const name of namesIn(join(this.#root, folder))) {
        if (pattern.test(name) && !paths.has(name)) paths.set(name, join(folder, name));
      }
    }
    return [...paths].flatMap(([name, path]) => {
      const own = this.#textOf(path);
      return own === undefined ? [] : [{ name, path: `/${path}`, texts: [own, ...this.#dropIns(name)] }];
    });
  }

  /** Whether something starts the unit when the node starts. */
  isEnabled(name: string): boolean {
    return this.#enabled.has(name);
  }

  #dropIns(name: string): readonly string[] {
    return FOLDERS.flatMap((folder) => {
      const drops = join(folder, `${name}.d`);
      const names = namesIn(join(this.#root, drops)).filter((drop) => drop.endsWith('.conf'));
      return names.sort().map((drop) => this.#textOf(join(drops, drop)) ?? '');
    });
  }

  #textOf(path: string): string | undefined {
    return readText(join(this.#root, path));
  }
}

/**
 * The values of a key in a section of a unit: an empty one takes back those before it.
 */
export function unitValues({ texts }: UnitFile, section: string, key: string): readonly string[] {
  let values: string[] = [];
  for (const text of texts) {
    let current = '';
    for (const line of text
      .replaceAll(/\\\n/g, ' ')
      .split('\n')
      .map((raw) => raw.trim())) {
      current = /^\[(.*)\]$/.exec(line)?.[1] ?? current;
      const sign = line.indexOf('=');
      if (current !== section || sign < 0 || line.slice(0, sign).trimEnd() !== key) continue;
      const value = line.slice(sign + 1).trimStart();
      values = value === '' ? [] : [...values, value];
    }
  }
  return values;
}

/** Names of what a folder's units want: `timers.target.wants/x.timer`. */
function wantedIn(folder: string): readonly string[] {
  const wants = namesIn(folder).filter((name) => name.endsWith('.wants') || name.endsWith('.requires'));
  return wants.flatMap((name) => namesIn(join(folder, name)).filter((unit) => isNotMasked(join(folder, name, unit))));
}

function isNotMasked(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return true;
  return basename(readlinkSync(path)) !== 'null';
}

function namesIn(folder: string): readonly string[] {
  return unlessAbsent(() => readdirSync(folder)) ?? [];
}
