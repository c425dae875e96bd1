import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import {
  type CredentialsRequest,
  type ResolvedCredentials,
  resolveCredentials,
} from '../../../src/credentials/resolve-credentials.ts';
import type { GivenOptions, OptionKey } from '../../../src/credentials/source.ts';
import { CacheError } from '../../../src/errors/cache-error.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { settingsOf } from '../settings/settings-of.ts';

/** What a test gives; what it leaves out is empty. */
export interface Given {
  readonly flags?: Readonly<Partial<Record<OptionKey, string>>>;
  readonly cloud?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Content of glance-cache.conf. */
  readonly conf?: string;
  /** Where the program is started, and the home; nothing is read anywhere else but in /etc/openstack. */
  readonly dir?: string;
  readonly fallbacks?: Readonly<Partial<Record<OptionKey, string>>>;
}

/** The request that a test's givens make. */
export function requestOf({
  flags = {},
  cloud,
  env = {},
  conf,
  dir = '/nonexistent',
  fallbacks = {},
}: Given): CredentialsRequest {
  return {
    flags: flagsOf(flags),
    fallbacks: flagsOf(fallbacks),
    cloud,
    // Or the clouds of the machine that runs the test would be found.
    env: { XDG_CONFIG_DIRS: join(dir, 'xdg'), ...env },
    cwd: dir,
    homeDir: join(dir, 'home'),
    settings: settingsOf({ files: conf === undefined ? [] : [conf], env }),
  };
}

/** Flags as the command line gives them. */
export function flagsOf(flags: Readonly<Partial<Record<OptionKey, string>>>): GivenOptions {
  const names = Object.keys(flags) as readonly OptionKey[];
  return new Map(
    names.map((name) => [name, { text: flags[name] ?? '', origin: `--os-${name.replaceAll('_', '-')}` }] as const),
  );
}

/** Everything that is resolved. */
export function resolved(given: Given): Promise<ResolvedCredentials> {
  return resolveCredentials(requestOf(given));
}

/** The credentials alone. */
export async function credentialsOf(given: Given): Promise<Credentials> {
  return (await resolved(given)).credentials;
}

/** The error where nothing can be resolved. */
export async function refusal(given: Given): Promise<CacheError> {
  const error = await rejectionOf(resolved(given));
  if (error instanceof CacheError) return error;
  throw error;
}

/** Writes a file of a test, with its folders. */
export function write(dir: string, path: string, text: string): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A complete user in the environment. */
export const USER_ENV = {
  OS_AUTH_URL: 'https://env.example.org/v3',
  OS_USERNAME: 'env-user',
  OS_PASSWORD: 'env-pass-1',
  OS_USER_DOMAIN_NAME: 'env-domain',
  OS_PROJECT_NAME: 'env-project',
  OS_PROJECT_DOMAIN_NAME: 'env-project-domain',
} as const;

/** What {@link USER_ENV} is to the login. */
export const USER_AUTH = {
  auth_url: 'https://env.example.org/v3',
  username: 'env-user',
  password: 'env-pass-1',
  user_domain_name: 'env-domain',
  project_name: 'env-project',
  project_domain_name: 'env-project-domain',
} as const;
