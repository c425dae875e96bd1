import { execFileSync } from 'node:child_process';
import type { ServiceUser } from './stack-info.ts';

/** Who a command runs as: the service user, a bare uid (its gid is the same number), or undefined for ourselves. */
export type RunAs = ServiceUser | number | undefined;

/** Whether tests can take up other identities at all. Those that need to are skipped otherwise. */
export const canSwitchUser = process.getuid?.() === 0;

/**
 * The user the services run as: Debian's `glance` under root, since only an unprivileged Glance shows what a root
 * crontab does to its files; ourselves otherwise, as nobody else is in reach.
 */
export function findServiceUser(): ServiceUser {
  const names = canSwitchUser ? ['glance'] : [];
  const ask = (flag: string): string => execFileSync('/usr/bin/id', [flag, ...names], { encoding: 'utf8' }).trim();
  return { name: ask('-un'), group: ask('-gn'), uid: Number(ask('-u')), gid: Number(ask('-g')) };
}

/** `argv`, changed to run as another user. The process stays the one that is spawned: setpriv replaces itself. */
export function commandAs(user: RunAs, argv: readonly string[]): string[] {
  return ['/usr/bin/setpriv', ...identityFlags(user), '--', ...argv];
}

/** The same for a command that must not outlive us: a run that is cut short leaves nothing behind. */
export function tetheredCommandAs(user: RunAs, argv: readonly string[]): string[] {
  return ['/usr/bin/setpriv', '--pdeathsig', 'KILL', ...identityFlags(user), '--', ...argv];
}

function identityFlags(user: RunAs): string[] {
  if (user === undefined) return [];
  const [uid, gid] = typeof user === 'number' ? [user, user] : [user.uid, user.gid];
  if (uid === process.getuid?.()) return [];
  const groups = typeof user === 'number' ? '--clear-groups' : '--init-groups';
  return [`--reuid=${uid}`, `--regid=${gid}`, groups];
}
