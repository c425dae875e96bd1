// What is installed runs nothing of its own: native modules excepted, no package has a script that npm starts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
}

const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };
const locked = Object.entries(packages).filter(([path]) => path !== '');

test('no package runs a script when it is installed, but for the native modules and the bundler of the developers', () => {
  const withScripts = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const needed = withScripts.filter(([, { dev, optional }]) => dev !== true && optional !== true);
  expect(needed.map(([path]) => path)).toEqual(['node_modules/better-sqlite3']);
  const others = withScripts.filter((entry) => !needed.includes(entry)).map(([path]) => path);
  // fs-xattr is compiled, for one driver. fsevents is macOS's, where nothing of this runs.
  expect(others.filter((path) => !/^node_modules\/(esbuild|fs-xattr|fsevents)$/.test(path))).toEqual([]);
});

test('the package itself has no script that npm starts at the user', () => {
  const { scripts } = read('package.json') as { readonly scripts: Readonly<Record<string, string>> };
  const started = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'dependencies'];
  expect(Object.keys(scripts).filter((name) => started.includes(name))).toEqual([]);
});

test('every package that users get is pinned by a digest', () => {
  // What lies within another package is pinned with it.
  const unpinned = locked.filter(([, { integrity, dev, link, inBundle }]) => {
    return dev !== true && link !== true && inBundle !== true && integrity === undefined;
  });
  expect(unpinned.map(([path]) => path)).toEqual([]);
});
