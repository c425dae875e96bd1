/**
 * Where clouds.yaml and the files beside it are looked for. Of each kind exactly one is used, the first.
 */
import { isAbsolute, join } from 'node:path';
import { printable } from '../../text/printable.ts';
import { type PathBase, readSmallFile, resolvePath } from '../read-file.ts';

/** What decides where to look. */
export interface CloudsRequest extends PathBase {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The files there may be: the clouds, their secrets, and profiles that they refer to. */
export type CloudsFileKind = 'clouds' | 'secure' | 'clouds-public';

/** What was found of one kind. */
export interface FoundFile {
  readonly path: string | undefined;
  /** Empty where there is no file. */
  readonly text: string;
  /** Files that come before it and cannot be read, with the reason. */
  readonly unreadable: readonly string[];
  /** A file that the environment names and that is not there, with the variable. */
  readonly absent: string | undefined;
}

const VARIABLES: Readonly<Partial<Record<CloudsFileKind, string>>> = {
  clouds: 'OS_CLIENT_CONFIG_FILE',
  secure: 'OS_CLIENT_SECURE_FILE',
};

const SUFFIXES = ['.yaml', '.yml', '.json'];

/** Reads the first file of a kind that can be read: so does openstacksdk, which tells nobody of the others. */
export function findFile(kind: CloudsFileKind, request: CloudsRequest): FoundFile {
  const variable = VARIABLES[kind];
  const named = variable === undefined ? undefined : request.env[variable];
  const isNamed = named !== undefined && named !== '';
  const places = searchDirs(request).flatMap((dir) => SUFFIXES.map((suffix) => join(dir, `${kind}${suffix}`)));
  const unreadable: string[] = [];
  let absent: string | undefined;
  for (const path of isNamed ? [resolvePath(named, request), ...places] : places) {
    const content = readSmallFile(path);
    if (content.kind === 'text') return { path, text: content.text, unreadable, absent };
    if (content.kind === 'unreadable') unreadable.push(`${printable(path)}: ${content.reason}`);
    else if (isNamed && absent === undefined && path === resolvePath(named, request)) {
      absent = `${printable(path)} (${variable})`;
    }
  }
  return { path: undefined, text: '', unreadable, absent };
}

/** The folders, in order. */
export function searchDirs({ env, cwd, homeDir }: CloudsRequest): readonly string[] {
  const home = homeDir === undefined || homeDir === '' ? [] : [join(homeDir, '.config')];
  const user = absoluteOnes(env['XDG_CONFIG_HOME']);
  const site = absoluteOnes(env['XDG_CONFIG_DIRS']);
  const config = [...(user.length > 0 ? user : []), ...home, ...(site.length > 0 ? site : ['/etc/xdg']), '/etc'];
  return [...new Set([cwd, ...config.map((dir) => join(dir, 'openstack'))])];
}

/** The specification of these variables has relative paths ignored. */
function absoluteOnes(paths: string | undefined): readonly string[] {
  return (paths ?? '').split(':').filter(isAbsolute);
}
