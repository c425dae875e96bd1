import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeystoneauthLogin } from './ask-keystoneauth.ts';

/** Where a login is written down. */
export type Place = 'cloud' | 'environment' | 'flags' | 'file';

/** All of them. */
export const PLACES: readonly Place[] = ['cloud', 'environment', 'flags', 'file'];

/** A way to log in with its options, in the names that clouds.yaml has under `auth`. `BASE` stands for the cloud's URL. */
export interface Login {
  readonly type: string;
  readonly options: Readonly<Record<string, string | readonly string[]>>;
  /** Which Glance. */
  readonly interface?: string;
  readonly region?: string;
}

/** A login written down: for our programs, and for the real libraries. */
export interface WrittenLogin {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly theirs: KeystoneauthLogin;
}

/** Files of a cloud. */
export interface CloudFiles {
  /** Content of the sections `clouds` and `public-clouds`. */
  readonly clouds: unknown;
  readonly secure?: unknown;
  readonly publicClouds?: unknown;
  readonly region?: string;
}

/** The name of the cloud. */
const CLOUD = 'c';

/** Writes files of a cloud; the programs are to be started in the folder. */
export function writeCloud(folder: string, { clouds, secure, publicClouds, region }: CloudFiles): WrittenLogin {
  mkdirSync(folder, { recursive: true });
  const put = (name: string, content: unknown): string => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, JSON.stringify(content));
    return path;
  };
  const theirs = {
    kind: 'cloud',
    env: {},
    clouds: put('clouds.yaml', { clouds }),
    secure: put('secure.yaml', secure === undefined ? undefined : { clouds: secure }),
    public: put('clouds-public.yaml', publicClouds === undefined ? undefined : { 'public-clouds': publicClouds }),
    cloud: CLOUD,
    region: region ?? null,
  } as const;
  return {
    args: ['--os-cloud', CLOUD, ...(region === undefined ? [] : ['--os-region-name', region])],
    env: {},
    theirs,
  };
}

/** Writes sections of a configuration file. */
export function writeConf(
  folder: string,
  sections: Readonly<Record<string, Readonly<Record<string, string>>>>,
): WrittenLogin {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'login.conf');
  const lines = Object.entries(sections).flatMap(([name, options]) => [
    `[${name}]`,
    // oslo.config replaces what follows a dollar sign.
    ...Object.entries(options).map(([key, value]) => `${key} = ${value.replaceAll('$', '$$$$')}`),
  ]);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return { args: ['--config-file', file], env: {}, theirs: { kind: 'file', env: {}, file, group: 'cache_tools' } };
}

/** Writes a login down in one place. */
export function writeLogin(folder: string, place: Place, login: Login, base: string): WrittenLogin {
  const { type, interface: asked, region } = login;
  const options = Object.entries(login.options).map(
    ([key, value]) => [key, typeof value === 'string' ? value.replace('BASE', base) : value] as const,
  );
  const texts = options.map(([key, value]) => [key, typeof value === 'string' ? value : value.join(',')] as const);
  const where = {
    ...(asked === undefined ? {} : { interface: asked }),
    ...(region === undefined ? {} : { region_name: region }),
  };
  if (place === 'cloud') {
    return writeCloud(folder, {
      clouds: { [CLOUD]: { auth_type: type, auth: Object.fromEntries(options), ...where } },
    });
  }
  if (place === 'file') {
    // In files it has the name that it has inside of keystoneauth.
    const keys = texts.map(([key, value]) => [key === 'openid_scope' ? 'scope' : key, value] as const);
    const { interface: interfaces, ...others } = where;
    const glance = { ...others, ...(interfaces === undefined ? {} : { valid_interfaces: interfaces }) };
    return writeConf(folder, { cache_tools: { auth_type: type, ...Object.fromEntries(keys), ...glance } });
  }
  const all = [['auth_type', type] as const, ...texts, ...Object.entries(where)];
  if (place === 'environment') {
    const env = Object.fromEntries(all.map(([key, value]) => [`OS_${key.toUpperCase()}`, value]));
    return { args: [], env, theirs: { kind: 'environment', env } };
  }
  const args = all.map(([key, value]) => `--os-${UNDERSCORES.has(key) ? key : key.replaceAll('_', '-')}=${value}`);
  return { args, env: {}, theirs: { kind: 'flags', env: {}, args } };
}

/** Options whose flags keystoneauth has with underscores. */
const UNDERSCORES = new Set([
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'auth_methods',
]);
