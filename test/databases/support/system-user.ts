import { execFileSync } from 'node:child_process';
import type { ServiceUser } from '../../openstack/support/stack-info.ts';

/** A user that a package of Debian's brings. */
export function systemUser(name: string): ServiceUser {
  const ask = (flag: string): string => execFileSync('/usr/bin/id', [flag, name], { encoding: 'utf8' }).trim();
  return { name, group: ask('-gn'), uid: Number(ask('-u')), gid: Number(ask('-g')) };
}
