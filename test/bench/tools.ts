/**
 * The tools of others that something is measured against. Nothing is installed unless that is asked for.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages } from '../support/packages.ts';
import { ENVIRONMENT } from './measure.ts';

/** A tool: where it is looked for, its Debian package, and what makes it tell its version. */
interface Tool {
  readonly file: string;
  readonly debian: string;
  readonly version: readonly string[];
}

const TOOLS = {
  'the stock tool': {
    file: '/usr/bin/glance-cache-pruner',
    debian: 'glance-api',
    version: ['dpkg-query', '--show', `--showformat=\${Version}`, 'glance-api'],
  },
  sqlite3: { file: 'sqlite3', debian: 'sqlite3', version: ['sqlite3', '--version'] },
  openssl: { file: 'openssl', debian: 'openssl', version: ['openssl', 'version'] },
  curl: { file: 'curl', debian: 'curl', version: ['curl', '--version'] },
  find: { file: 'find', debian: 'findutils', version: ['find', '--version'] },
  xargs: { file: 'xargs', debian: 'findutils', version: ['xargs', '--version'] },
  rm: { file: 'rm', debian: 'coreutils', version: ['rm', '--version'] },
  sync: { file: 'sync', debian: 'coreutils', version: ['sync', '--version'] },
  tee: { file: 'tee', debian: 'coreutils', version: ['tee', '--version'] },
} as const satisfies Readonly<Record<string, Tool>>;

/** The name of a tool. */
export type ToolName = keyof typeof TOOLS;

const NAMES = Object.keys(TOOLS) as readonly ToolName[];

/** Debian's packages that a glance-api with a Keystone needs. */
export const STACK_PACKAGES = ['glance-api', 'python3-keystone', 'uwsgi-plugin-python3'];

/** Installs the Debian packages of all tools that are missing. Needs root on Debian. */
export function installTools(): void {
  installPackages([...new Set([...NAMES.map((name) => TOOLS[name].debian), ...STACK_PACKAGES])]);
}

/** Why something cannot be measured against these tools; undefined where all are there. */
export function whyLeftOut(...tools: readonly ToolName[]): string | undefined {
  const missing = tools.find((tool) => !isInstalled(tool));
  return missing && `${missing} is not installed; npm run bench -- --stock installs it`;
}

/** The versions of the tools that are there. */
export function versionsOfTools(): Readonly<Record<string, string>> {
  return Object.fromEntries(NAMES.filter(isInstalled).map((name) => [name, versionOf(TOOLS[name])]));
}

function isInstalled(tool: ToolName): boolean {
  const { file } = TOOLS[tool];
  return file.startsWith('/')
    ? existsSync(file)
    : ENVIRONMENT.PATH.split(delimiter).some((folder) => existsSync(join(folder, file)));
}

function versionOf({ version: [command = '', ...args] }: Tool): string {
  const { stdout } = spawnSync(command, args, { env: ENVIRONMENT, encoding: 'utf8' });
  return /\d[\w.:+~-]*/.exec(stdout)?.[0] ?? 'unknown';
}
