import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runOrThrow } from './run.ts';
import { commandAs } from './service-user.ts';
import type { ServiceUser } from './stack-info.ts';

/**
 * Our programs, copied out of the checkout: that may lie in a home that the service user cannot enter, and a build in
 * the middle of a run must not change what is being tested.
 */

const CHECKOUT = checkout(import.meta.dirname);

/** Where the copies are. */
export interface ProgramCopy {
  readonly programsDir: string;
  readonly nodeBinary: string;
}

/** Copies the programs with what they need at run time, readable for everybody. */
export async function copyPrograms(programsDir: string, user: ServiceUser): Promise<ProgramCopy> {
  mkdirSync(programsDir);
  for (const path of ['package.json', 'bin', 'dist', ...productionModules()]) {
    const source = join(CHECKOUT, path);
    if (existsSync(source)) cpSync(source, join(programsDir, path), { recursive: true, dereference: true });
  }
  const nodeBinary = placeNode(programsDir, user);
  // No hard links above: they would share their mode with the checkout's files.
  await runOrThrow(['/usr/bin/chmod', '-R', 'a+rX', programsDir], { env: {} });
  return { programsDir, nodeBinary };
}

/** The folder above that has the lock file: how far above it is depends on whether this is bundled. */
function checkout(folder: string): string {
  return existsSync(join(folder, 'package-lock.json')) ? folder : checkout(dirname(folder));
}

/** The folders of the packages that are not for development only, as npm's lock file tells. */
function productionModules(): string[] {
  const lock = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional }]) => path.startsWith('node_modules/') && dev !== true && devOptional !== true)
    .map(([path]) => path);
}

/** A node that the service user can run: ours, unless that is hidden in a home too. */
function placeNode(programsDir: string, user: ServiceUser): string {
  const [command = '', ...args] = commandAs(user, [process.execPath, '--version']);
  if (spawnSync(command, args, { cwd: '/' }).status === 0) return process.execPath;
  const copy = join(programsDir, 'node', 'node');
  mkdirSync(dirname(copy));
  copyFileSync(process.execPath, copy);
  return copy;
}
