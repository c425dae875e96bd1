/**
 * Who else can read the secrets of Glance, or change the files that they are in.
 */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError, unlessAbsent } from '../../../errors/errno.ts';
import { shellWord } from '../../../errors/next-step.ts';
import { AUTH_OPTIONS } from '../../../settings/options/keystone.ts';
import type { Check, CheckContext } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { Accounts } from './look/accounts.ts';
import { findGlanceUser } from './look/glance-user.ts';
import { readText } from './look/read-text.ts';
import { closedFolder, modeText } from './look/rights-of.ts';

const READABLE_BY_OTHERS = 0o004;
const WRITABLE_BY_OTHERS = 0o002;
const READABLE_BY_GROUP = 0o040;

/** Somebody of no group at all, and of no file: what it may search, everybody may. */
const ANYBODY = { uid: 2 ** 32 - 3, gids: [] };

/** Ends of the keys of Glance, of its stores and of libraries. */
const SECRET_ENDS = ['password', 'passwd', 'secret', 'secret_key', 'encryption_key', 'token'];

/** All names that the secrets of a login have, in the configuration and in clouds.yaml. */
const LOGIN_SECRETS = AUTH_OPTIONS.filter(({ secret }) => secret === true).flatMap(
  ({ name, aliases = [], formerly = [] }) => [name, ...aliases, ...formerly],
);

/** Such a key with a value. clouds.yaml may have all of a cloud in one line, and a URL is secret for its password. */
const SECRET_KEY = new RegExp(
  `(?:^|[{,])[ \\t]*["']?[\\w.-]*(?:${[...new Set([...SECRET_ENDS, ...LOGIN_SECRETS])].join('|')})["']?[ \\t]*[=:][ \\t]*["']?[^\\s"'#<]`,
  'im',
);
const SECRET_URL = /^[ \t]*["']?[\w.-]+["']?[ \t]*[=:][ \t]*["']?[a-z][\w+.-]*:\/\/[^\s:@/]*:[^\s@]+@/im;

/** Looks at the modes of what holds secrets. */
export const SECRETS: Check = {
  name: 'secrets',
  run(context) {
    return context.asStarted(() => filesOf(context).flatMap((path) => judgeFile(context, path)));
  },
};

/** The files that are read now, and those that glance-api reads. */
function filesOf({ configFiles, cloud, root }: CheckContext): readonly string[] {
  const folder = join(root, 'etc/glance');
  const own = filesIn(folder).filter((path) => path.endsWith('.conf'));
  const dropIns = filesIn(folder)
    .filter((path) => path.endsWith('.conf.d') || path.endsWith('.d'))
    .flatMap(filesIn);
  return [...new Set([...configFiles, ...own, ...dropIns, ...cloud.files])];
}

function filesIn(folder: string): readonly string[] {
  try {
    const names = unlessAbsent(() => readdirSync(folder)) ?? [];
    return names.map((name) => join(folder, name));
  } catch (error) {
    // Whoever may not list it reads nothing there either.
    if (isSystemError(error)) return [];
    throw error;
  }
}

function judgeFile(context: CheckContext, path: string): readonly CheckFinding[] {
  const look = lookAtFile(path);
  // What lies in a closed folder nobody else reaches, whatever its mode is.
  if (look === undefined || closedFolder(ANYBODY, path) !== undefined) return [];
  const { stats, hasSecrets } = look;
  const accounts = new Accounts(context.root);
  const what = `${JSON.stringify(path)} (${accounts.userName(stats.uid)}:${accounts.groupName(stats.gid)}, mode ${modeText(stats)})`;
  const writable = (stats.mode & WRITABLE_BY_OTHERS) === 0 ? [] : [open(what, path)];
  if (!hasSecrets) return writable;
  if ((stats.mode & READABLE_BY_OTHERS) !== 0) return [...writable, readable(what, path)];
  return (stats.mode & READABLE_BY_GROUP) === 0
    ? writable
    : [...writable, ...judgeGroup(context, what, { path, stats })];
}

function lookAtFile(path: string): { readonly stats: Stats; readonly hasSecrets: boolean } | undefined {
  try {
    const stats = unlessAbsent(() => statSync(path));
    if (stats?.isFile() !== true) return undefined;
    const text = readText(path) ?? '';
    return { stats, hasSecrets: SECRET_KEY.test(text) || SECRET_URL.test(text) };
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

function open(what: string, path: string): CheckFinding {
  return makeFinding({
    check: 'config-writable',
    severity: 'error',
    message: `${what} may be changed by every user of this node`,
    reason: 'Whoever changes it decides where images come from, and which folders are emptied as root',
    command: `chmod o-w ${shellWord(path)}`,
  });
}

function readable(what: string, path: string): CheckFinding {
  return makeFinding({
    check: 'secrets-readable',
    severity: 'error',
    message: `${what} holds secrets that every user of this node can read`,
    reason:
      'With the password of a service account anybody can change images, and with that of the database everything else',
    command: `chmod o-rwx ${shellWord(path)}`,
  });
}

function judgeGroup(
  context: CheckContext,
  what: string,
  { path, stats }: { readonly path: string; readonly stats: Stats },
): readonly CheckFinding[] {
  const user = findGlanceUser(context);
  if (stats.gid === 0 || user === undefined || user.gids.includes(stats.gid)) return [];
  const accounts = new Accounts(context.root);
  const group = accounts.groupName(stats.gid);
  return [
    makeFinding({
      check: 'secrets-readable-by-group',
      severity: 'note',
      message: `${what} holds secrets that group ${JSON.stringify(group)} can read, of which the user of glance-api, ${JSON.stringify(user.name)}, is no member`,
      reason: 'Who does not need them should not have them',
      command: `chgrp ${shellWord(accounts.groupName(user.gids[0] ?? user.uid))} ${shellWord(path)}`,
    }),
  ];
}
