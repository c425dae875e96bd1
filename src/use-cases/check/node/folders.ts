/**
 * Whether the folders of the cache are there, and are folders.
 */
import type { Stats } from 'node:fs';
import type { CacheLayout } from '../../../cache/layout.ts';
import { SUB_AREAS } from '../../../cache/layout.ts';
import { shellWord } from '../../../errors/next-step.ts';
import type { Check, CheckContext } from '../check.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { Accounts } from './look/accounts.ts';
import { isOpen, lookAt } from './look/entries.ts';
import { findGlanceUser } from './look/glance-user.ts';

/** Looks for missing folders, and for what is in place of them. */
export const FOLDERS: Check = {
  name: 'folders',
  run(context) {
    const { layout } = context;
    if (layout === undefined) return [];
    if (!isOpen(layout.root)) return [closed(layout)];
    const root = lookAt(layout.root);
    if (root === undefined) return [missingCache(context, layout)];
    const folders = SUB_AREAS.map((area) => layout.areas[area]);
    const odd = [layout.root, ...folders, layout.tools].flatMap((path) => oddities(path, lookAt(path)));
    const missing = folders.filter((path) => lookAt(path) === undefined);
    return root.isDirectory() && missing.length > 0 ? [...odd, missingFolders(context, missing)] : odd;
  },
};

function closed({ root }: CacheLayout): CheckFinding {
  return makeFinding({
    check: 'could-not-look',
    severity: 'warning',
    message: `Could not look into ${JSON.stringify(root)}: permission denied`,
    reason: 'What is in the cache was not looked at; the user glance-api runs as may do that, and root',
    command: 'sudo glance-cache-manage check',
  });
}

function missingCache(context: CheckContext, { root }: CacheLayout): CheckFinding {
  return makeFinding({
    check: 'cache-directory-missing',
    severity: 'warning',
    message: `The cache directory ${JSON.stringify(root)} does not exist`,
    reason: 'glance-api makes it when it starts with caching switched on; as long as it is missing nothing is cached',
    command: installCommand(context, [root]),
  });
}

function missingFolders(context: CheckContext, missing: readonly string[]): CheckFinding {
  return makeFinding({
    check: 'cache-folder-missing',
    severity: 'note',
    message: `In the cache there is no ${missing.map((path) => JSON.stringify(path)).join(', no ')}`,
    reason:
      'glance-api makes these folders when it starts with caching switched on: it has not, or uses another directory',
    command: installCommand(context, missing),
  });
}

function installCommand(context: CheckContext, paths: readonly string[]): string {
  const { owner, root } = context;
  const accounts = new Accounts(root);
  const user = findGlanceUser(context);
  const [uid, gid] = user === undefined ? [owner?.uid ?? 0, owner?.gid ?? 0] : [user.uid, user.gids[0] ?? 0];
  const who = `-o ${shellWord(accounts.userName(uid))} -g ${shellWord(accounts.groupName(gid))}`;
  return `install -d ${who} -m 0750 ${paths.map(shellWord).join(' ')}`;
}

function oddities(path: string, stats: Stats | undefined): readonly CheckFinding[] {
  if (stats === undefined || stats.isDirectory()) return [];
  return [
    makeFinding({
      check: 'not-a-folder',
      severity: 'error',
      message: `${JSON.stringify(path)} is ${stats.isSymbolicLink() ? 'a link' : 'no folder'}, where the cache has a folder`,
      reason: stats.isSymbolicLink()
        ? 'Links in the cache are never followed, since whoever may write there could lead root elsewhere with them'
        : 'Neither glance-api nor these programs can keep anything in it',
      command: `ls -ld ${shellWord(path)}`,
    }),
  ];
}
