/**
 * From arguments to an opened cache: settings, the rights of the cache's owner, the log, and the ports of the run, in
 * the order that safety asks for.
 */
import { type CacheAccess, createAccess } from '../cache/access.ts';
import { DiskDirectory } from '../cache/disk-directory.ts';
import { HeldFolders } from '../cache/held-folders.ts';
import { type CacheLayout, cacheLayout } from '../cache/layout.ts';
import { lookForOpenFiles, type OpenFiles } from '../cache/open-files.ts';
import type { ConfigError } from '../errors/cache-error.ts';
import type { ClosableLogger } from '../log/create-logger.ts';
import { loadSettings } from '../settings/load.ts';
import { OPTIONS } from '../settings/options.ts';
import type { Settings } from '../settings/resolve.ts';
import { systemClock } from '../time/system-clock.ts';
import { findCacheDir } from './cache-dir.ts';
import { chooseIndexDriver } from './choose-index-driver.ts';
import { openLog } from './open-log.ts';
import { forWhoeverRuns } from './owner-hint.ts';
import type { Call } from './program.ts';
import { refuseUnreadableProgram } from './unreadable-program.ts';

/** A run that can begin. */
export interface OpenRun {
  readonly settings: Settings;
  readonly log: ClosableLogger;
  readonly access: CacheAccess;
}

/**
 * The settings of a call.
 *
 * @param onSkipped for a run that needs no configuration: hears of each default file that is passed over
 */
export function settingsOf({ program, invocation, args }: Call, onSkipped?: (error: ConfigError) => void): Settings {
  const { env, homeDir, cwd } = invocation;
  const settings = loadSettings({
    program: program.name,
    env,
    homeDir,
    cwd,
    sources: args.sources,
    flags: args.settings,
    ...(onSkipped === undefined ? {} : { onSkipped }),
  });
  invocation.secrets.push(...settings.secrets);
  // Whoever gives a flag is told what is wrong with its value, also where this run has no use for it.
  for (const { option } of args.settings) {
    if (option.multiple === true) settings.getAll(option);
    else settings.get(option);
  }
  return settings;
}

/** What a run has read beforehand, and may still hold open. */
export interface Prepared {
  close(): void;
}

/** What a run wants beyond its cache. */
export interface RunNeeds<T extends Prepared> {
  /** Whether the work wants to know which leftovers some process holds open. */
  readonly openFiles: boolean;
  /** The program whose lock is taken; the one that was called when absent. */
  readonly lockAs?: string;
  /** For a run that does without a log file that only a default file asks for: see {@link openLog}. */
  readonly onSkippedLog?: (error: ConfigError) => void;
  /** Reads what the work needs beside the cache, with the rights the process was started with. Closed after the run. */
  readonly prepare?: (found: { readonly settings: Settings; readonly layout: CacheLayout }) => Promise<T | undefined>;
}

/**
 * Opens the cache of a call, does work on it, and closes it. What the work throws is in the log as well.
 *
 * @param work gets the opened run, and what `prepare` gave back
 */
export async function withRun<T extends Prepared>(
  call: Call,
  needs: RunNeeds<T>,
  work: (run: OpenRun, prepared: T | undefined) => Promise<void>,
): Promise<void> {
  const { invocation } = call;
  const settings = call.round?.settings ?? settingsOf(call);
  const found = findCacheDir(settings, invocation);
  const layout = cacheLayout(found.path, settings.get(OPTIONS.imageCacheSqliteDb));
  // With root's own rights, which see the files of all users; only then are they given up.
  const openFiles = needs.openFiles ? lookAtLeftovers(layout, invocation.rights.isRoot) : undefined;
  const prepared = await needs.prepare?.({ settings, layout });
  try {
    await withCache(call, needs, { settings, found, layout, openFiles }, (run) => work(run, prepared));
  } finally {
    prepared?.close();
  }
}

/** What is known of a cache before it is opened. */
interface FoundCache {
  readonly settings: Settings;
  readonly found: ReturnType<typeof findCacheDir>;
  readonly layout: CacheLayout;
  readonly openFiles: OpenFiles | undefined;
}

/** The part of a run that has the rights of the cache's owner. */
async function withCache(
  call: Call,
  needs: Pick<RunNeeds<Prepared>, 'lockAs' | 'onSkippedLog'>,
  { settings, found, layout, openFiles }: FoundCache,
  work: (run: OpenRun) => Promise<void>,
): Promise<void> {
  const { invocation } = call;
  invocation.rights.takeThoseOf(found.owner);
  refuseUnreadableProgram(invocation.rights, layout);
  invocation.rights.setUmask();
  const { log, recordEnd } = await openLog(call, settings, needs.onSkippedLog);
  let access: CacheAccess | undefined;
  try {
    if (call.round?.hasNewSettings !== false) tellAboutSettings(settings, log);
    if (!found.exists) tellAboutMissing(call, layout, log);
    const program = needs.lockAs ?? call.program.name;
    access = await openAccess(call, { settings, log }, { layout, openFiles, program });
    await work({ settings, log, access });
  } catch (error) {
    // A daemon tells how a round has ended by itself.
    if (call.round === undefined) recordEnd(error);
    throw forWhoeverRuns(error, invocation.rights, found);
  } finally {
    access?.close();
    await log.close();
  }
}

async function openAccess(
  { invocation }: Call,
  { settings, log }: Pick<OpenRun, 'settings' | 'log'>,
  found: { readonly layout: CacheLayout; readonly openFiles: OpenFiles | undefined; readonly program: string },
): Promise<CacheAccess> {
  const lockPath = settings.get(OPTIONS.lockPath);
  const patience = {
    clock: systemClock,
    timeoutSec: settings.get(OPTIONS.lockTimeout),
    signal: invocation.signal,
  };
  return createAccess({
    ...found,
    index: await chooseIndexDriver(settings, { layout: found.layout, patience, onNote: (note) => log.debug(note) }),
    lockPath: lockPath === '' ? undefined : lockPath,
    patience,
  });
}

function lookAtLeftovers(layout: CacheLayout, isRoot: boolean): OpenFiles {
  const folders = new HeldFolders(layout.root);
  try {
    const directory = new DiskDirectory(layout, folders);
    const files = [...directory.list('incomplete').files, ...directory.list('invalid').files];
    return lookForOpenFiles(
      files.map(({ facts }) => facts),
      isRoot,
    );
  } finally {
    folders.close();
  }
}

/** An empty cache is no mistake, but a wrong path looks the same: whoever wants to know more is told. */
function tellAboutMissing({ args, invocation }: Call, { root }: CacheLayout, log: ClosableLogger): void {
  const message = `The cache directory ${JSON.stringify(root)} does not exist: that is an empty cache`;
  const isWatched = args.isSwitchedOn(OPTIONS.verbose) || invocation.stderr.isTerminal;
  if (isWatched) log.warning(message);
  else log.info(message);
}

/** Puts what the settings have to say of themselves into the log. */
export function tellAboutSettings(settings: Settings, log: ClosableLogger): void {
  for (const file of settings.files) log.debug(`Read configuration file ${file}`);
  for (const note of settings.notes) log.debug(note);
  for (const warning of settings.warnings) log.warning(warning);
}
