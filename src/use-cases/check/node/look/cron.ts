/**
 * What cron runs on a node: the tables of the system, those of users, and the folders of scripts.
 */
import { existsSync, lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeErrno, isSystemError, unlessAbsent } from '../../../../errors/errno.ts';
import { shellWord } from '../../../../errors/next-step.ts';
import type { CheckContext } from '../../check.ts';
import { locate, type Mention, mentionsIn } from './commands.ts';
import { cronLines } from './cron-lines.ts';
import { processesOf } from './processes.ts';
import { readText } from './read-text.ts';
import type { Fault, Scheduled, Schedules, Unseen } from './schedule.ts';

const SCRIPT_FOLDERS = ['hourly', 'daily', 'weekly', 'monthly'].map((span) => `/etc/cron.${span}`);
const USER_TABLES = ['/var/spool/cron/crontabs', '/var/spool/cron', '/etc/crontabs'];

/** The crontab of Debian has run-parts look there. */
const SCRIPT_PATH = ['/usr/local/sbin', '/usr/local/bin', '/sbin', '/bin', '/usr/sbin', '/usr/bin'];

/** What cron runs. */
export function cronSchedules({ root, asStarted }: Pick<CheckContext, 'root' | 'asStarted'>): Schedules {
  const look = new CronLook(root, asStarted);
  look.table('/etc/crontab', { hasUsers: true });
  for (const name of look.names('/etc/cron.d')) {
    // The editor's and the package manager's own are nobody's mistake.
    if (/~$|^\.|\.(?:dpkg|rpm|swp|bak|disabled|placeholder)/.test(name)) continue;
    look.table(join('/etc/cron.d', name), { hasUsers: true, refused: (stats) => look.refusalOf(name, stats) });
  }
  for (const folder of USER_TABLES) {
    for (const name of look.names(folder)) look.table(join(folder, name), { hasUsers: false });
  }
  for (const folder of SCRIPT_FOLDERS) {
    for (const name of look.names(folder)) look.script(join(folder, name), name);
  }
  const isRunning = isCronRunning(root, asStarted);
  const isPresent = isRunning && (look.entries.length > 0 || DAEMONS.some((path) => existsSync(join(root, path))));
  const entries = isRunning ? look.entries : look.entries.map((entry) => ({ ...entry, ...ASLEEP }));
  return { entries, unseen: look.unseen, isPresent };
}

/** Packages make the folders of cron also where there is none, as in images of containers. */
const DAEMONS = ['cron', 'crond', 'fcron', 'anacron'].flatMap((name) => [`usr/sbin/${name}`, `usr/bin/${name}`]);

const ASLEEP = {
  fault: {
    state: 'is for cron, which does not run here',
    command: 'systemctl enable --now cron || service cron start',
  },
};

/** Where the first process cannot be seen, nothing is known: procfs may be missing, or show everybody their own. */
function isCronRunning(root: string, asStarted: CheckContext['asStarted']): boolean {
  const processes = asStarted(() => processesOf(root));
  const isCron = (word = ''): boolean => /^(?:cron|crond|fcron|anacron|dcron|supercronic)$/i.test(basename(word));
  // systemd-cron makes timers of tables.
  if (
    !processes.some(({ pid }) => pid === 1) ||
    existsSync(join(root, 'usr/lib/systemd/system-generators/systemd-crontab-generator'))
  ) {
    return true;
  }
  return processes.some(
    ({ words: [program = '', first] }) =>
      isCron(program.replace(/:$/, '')) || (basename(program) === 'busybox' && isCron(first)),
  );
}

interface TableTraits {
  readonly hasUsers: boolean;
  /** Why cron passes over a table. */
  readonly refused?: (
    stats: Stats,
  ) => (Omit<Fault, 'command'> & { readonly command: (path: string) => string }) | undefined;
}

type Refusal = ReturnType<NonNullable<TableTraits['refused']>>;

class CronLook {
  readonly entries: Scheduled[] = [];
  readonly unseen: Unseen[] = [];
  readonly #root: string;
  readonly #asStarted: CheckContext['asStarted'];
  /** Whether the cron of Red Hat's is there, which is less particular about names. */
  readonly #isCronie: boolean;

  constructor(root: string, asStarted: CheckContext['asStarted']) {
    this.#root = root;
    this.#asStarted = asStarted;
    this.#isCronie = existsSync(join(root, 'usr/sbin/crond'));
  }

  names(folder: string): readonly string[] {
    return this.#attempt(folder, (path) => readdirSync(path)) ?? [];
  }

  /** A table, of which a link is not followed: those of users lie where users write. */
  table(path: string, { hasUsers, refused }: TableTraits): void {
    const read = this.#attempt(path, (real) => {
      const stats = lstatSync(real);
      return stats.isFile() || hasUsers ? { stats, text: readText(real) } : undefined;
    });
    if (read?.text === undefined) return;
    const refusal = refused?.(read.stats) ?? this.#endOf(read.text);
    for (const { line, command, folders } of cronLines(read.text, hasUsers)) {
      for (const mention of mentionsIn(command)) {
        const place = { where: `${path}:${line}`, folders, table: path };
        this.#add(mention, place, refusal === undefined ? undefined : { ...refusal, command: refusal.command(path) });
      }
    }
  }

  /** A script of a folder of them: run-parts(8) is particular about names, and wants the right to execute. */
  script(path: string, name: string): void {
    const read = this.#attempt(path, (real) => ({ stats: lstatSync(real), text: readText(real, 64 * 1024) }));
    if (read?.text === undefined) return;
    const refusal = isPlainName(name) || this.#isCronie ? undefined : dotted(path);
    const closed = (read.stats.mode & 0o111) === 0 && read.stats.isFile() ? notExecutable(path) : undefined;
    for (const raw of read.text.split('\n')) {
      if (raw.trim().startsWith('#')) continue;
      for (const mention of mentionsIn(raw)) {
        this.#add(mention, { where: path, folders: SCRIPT_PATH, table: path }, refusal ?? closed);
      }
    }
  }

  /** Debian's cron passes over such tables of the system, and says so only in its log, if at all. */
  refusalOf(name: string, { uid, mode }: Stats): Refusal {
    if (!isPlainName(name) && !this.#isCronie) return { state: DOTTED, command: (path) => dotted(path).command };
    if (uid !== 0) {
      return {
        state: 'does not belong to root: cron passes over it',
        command: (path) => `chown root: ${shellWord(path)}`,
      };
    }
    if ((mode & 0o022) === 0) return undefined;
    return {
      state: 'may be written to by others than root: cron passes over it',
      command: (path) => `chmod go-w ${shellWord(path)}`,
    };
  }

  #endOf(text: string): Refusal {
    if (text.endsWith('\n') || this.#isCronie) return undefined;
    return {
      state: 'is in a table that ends without a line feed: cron passes over it',
      command: (path) => `echo >> ${shellWord(path)}`,
    };
  }

  #add(
    { job, program, isElsewhere, isStale }: Mention,
    { where, folders, table }: { readonly where: string; readonly folders: readonly string[]; readonly table: string },
    fault: Fault | undefined,
  ): void {
    const located = isElsewhere ? undefined : locate(this.#root, program, folders);
    const lost = isElsewhere ? undefined : this.#lost(program, { located, folders, table });
    this.entries.push({ job, where, maker: located?.maker ?? 'unknown', isStale, fault: fault ?? lost });
  }

  #lost(
    program: string,
    {
      located,
      folders,
      table,
    }: { readonly located: ReturnType<typeof locate>; readonly folders: readonly string[]; readonly table: string },
  ): Fault | undefined {
    const name = located === undefined ? program : located.lacks;
    if (name === undefined) return undefined;
    const elsewhere = locate(this.#root, name.split('/').at(-1) ?? name, SCRIPT_PATH)?.path;
    const there = elsewhere === undefined ? '' : `, but at ${elsewhere}`;
    const within = name.includes('/') ? 'is not there' : `is not in its PATH (${folders.join(':')})`;
    return {
      state: `names ${JSON.stringify(program)}${located === undefined ? ', which' : `, which needs ${JSON.stringify(name)}, and that`} ${within}${there}`,
      command: elsewhere === undefined ? NOT_INSTALLED : pathCommand(table, dirname(elsewhere), folders),
    };
  }

  #attempt<T>(path: string, look: (real: string) => T): T | undefined {
    try {
      return this.#asStarted(() => unlessAbsent(() => look(join(this.#root, path))));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.unseen.push({ path, reason: describeErrno(error) });
      return undefined;
    }
  }
}

const NOT_INSTALLED = 'npm list --global glance-cache-tools';

/** Puts the folder that is missing before all others of a table; that of a user is for crontab(1) to change. */
function pathCommand(table: string, missing: string, folders: readonly string[]): string {
  const line = `PATH=${[missing, ...folders].join(':')}`;
  if (!USER_TABLES.includes(dirname(table))) return `sed -i ${shellWord(`1i ${line}`)} ${shellWord(table)}`;
  const user = shellWord(basename(table));
  return `(echo ${shellWord(line)}; crontab -u ${user} -l) | crontab -u ${user} -`;
}

const DOTTED = 'has a name with other characters than letters, digits, "_" and "-": cron passes over it';

function isPlainName(name: string): boolean {
  return /^[\w-]+$/.test(name);
}

function dotted(path: string): Fault {
  const name = path.split('/').at(-1) ?? path;
  const renamed = `${path.slice(0, -name.length)}${name.replace(/\.(?:cron|sh|conf|txt)$/, '').replaceAll(/[^\w-]/g, '-')}`;
  return { state: DOTTED, command: `mv ${shellWord(path)} ${shellWord(renamed)}` };
}

function notExecutable(path: string): Fault {
  return { state: 'may not be executed: cron passes over it', command: `chmod a+x ${shellWord(path)}` };
}
