/**
 * Who glance-api is on this node: whose rights it has when it opens a cached image.
 */
import { basename } from 'node:path';
import type { CheckContext } from '../../check.ts';
import { type Account, Accounts } from './accounts.ts';
import { type Process, processesOf } from './processes.ts';
import { UnitFiles, unitValues } from './unit-files.ts';

/** The user glance-api runs as. */
export interface GlanceUser extends Account {
  /** How that is known: "as process 812 does". */
  readonly because: string;
}

const UNITS = /^(?:openstack-)?glance-api(?:-wsgi)?\.service$|^devstack@g-api\.service$/;

/** The user; undefined where nothing tells. A process knows best, then its unit, then the owner of the cache. */
export function findGlanceUser(context: Pick<CheckContext, 'root' | 'owner' | 'asStarted'>): GlanceUser | undefined {
  const { root, owner, asStarted } = context;
  const accounts = new Accounts(root);
  const running = asStarted(() => processesOf(root)).filter(isGlanceApi);
  // A server of WSGI applications may start as root and let others do the work.
  const worker = running.find(({ uid }) => uid !== 0) ?? running[0];
  if (worker !== undefined) {
    const { uid, gids, pid } = worker;
    return { name: accounts.userName(uid), uid, gids, because: `as process ${pid} does` };
  }
  for (const unit of new UnitFiles(root).matching(UNITS)) {
    const user = unitValues(unit, 'Service', 'User').at(-1);
    const account = user === undefined ? undefined : (accounts.named(user) ?? byNumber(accounts, user));
    if (account !== undefined) return { ...account, because: `${unit.path} says so` };
  }
  if (owner !== undefined && owner.uid !== 0) {
    return { ...accounts.withId(owner.uid, owner.gid), because: 'the cache directory belongs to it' };
  }
  const account = accounts.named('glance');
  return account === undefined ? undefined : { ...account, because: 'there is such an account' };
}

function byNumber(accounts: Accounts, user: string): Account | undefined {
  return /^\d+$/.test(user) ? accounts.withId(Number(user), Number(user)) : undefined;
}

/** By itself, or as an application of uWSGI or Apache. */
export function isGlanceApi({ words }: Pick<Process, 'words'>): boolean {
  const [program = '', ...args] = words;
  if (/^(?:glance-api\b|\(wsgi:glance)/.test(basename(program))) return true;
  if (/^python[\d.]*$/.test(basename(program))) {
    const script = args.find((word) => !word.startsWith('-'));
    return script !== undefined && /^glance-(?:api|wsgi-api)$/.test(basename(script));
  }
  return basename(program).startsWith('uwsgi') && args.some((word) => /glance[-_]?(?:wsgi[-_])?api/.test(word));
}
