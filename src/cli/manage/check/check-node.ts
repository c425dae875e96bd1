/**
 * A check from its arguments to its report: the configuration is read with the rights the program was started with, what
 * lies in the cache is looked at with those of its owner.
 */

import type { IndexDriver } from '../../../cache/index/index-driver.ts';
import type { CacheLayout } from '../../../cache/layout.ts';
import { cacheLayout } from '../../../cache/layout.ts';
import { CacheError, ConfigError } from '../../../errors/cache-error.ts';
import { withThisCommand } from '../../../errors/next-step.ts';
import { createConsoleSink } from '../../../log/console-sink.ts';
import { type ClosableLogger, createLogger } from '../../../log/create-logger.ts';
import { createGrowingRedactor, createRedactor, type Redactor } from '../../../log/redact.ts';
import {
  CHECK_COLUMNS,
  type CheckReport,
  countSeverities,
  describeCounts,
} from '../../../present/reports/check-report.ts';
import { findColumn, selectColumns } from '../../../present/select-columns.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { printable } from '../../../text/printable.ts';
import { systemClock } from '../../../time/system-clock.ts';
import type { Check, CheckContext } from '../../../use-cases/check/check.ts';
import { fileChecks } from '../../../use-cases/check/files/file-checks.ts';
import { type Configuration, readConfiguration } from '../../../use-cases/check/files/read-configuration.ts';
import { usableValue } from '../../../use-cases/check/files/usable-value.ts';
import type { CheckFinding } from '../../../use-cases/check/finding.ts';
import { isWriteAhead } from '../../../use-cases/check/node/look/write-ahead.ts';
import { NODE_CHECKS } from '../../../use-cases/check/node/node-checks.ts';
import { runChecks } from '../../../use-cases/check/run-checks.ts';
import { type CacheDir, findCacheDir } from '../../cache-dir.ts';
import { chooseIndexDriver } from '../../choose-index-driver.ts';
import type { Call } from '../../program.ts';
import { refuseUnreadableProgram } from '../../unreadable-program.ts';
import { COLUMN, SORT_COLUMN } from '../manage-flags.ts';
import { openCloudProbe } from './cloud-probe.ts';
import { showCheck } from './show-check.ts';

/** What the flags say. */
export interface CheckRequest {
  readonly strict: boolean;
  readonly offline: boolean;
}

/**
 * Checks this node, and shows what was found.
 *
 * @throws ConfigError CHECK_FOUND where there are errors, with `strict` where there are warnings
 */
export async function checkNode(call: Call, request: CheckRequest): Promise<void> {
  refuseUnknownColumns(call);
  const { report, log } = await check(call, request);
  await showCheck(call, report);
  await log.close();
  const counts = countSeverities(report.findings);
  if (counts.error === 0 && (counts.warning === 0 || !request.strict)) return;
  throw new ConfigError('CHECK_FOUND', `Cannot call this node sound: ${describeCounts({ ...counts, note: 0 })}`, {
    hint: 'Mend what is listed, gravest first, then run "glance-cache-manage check" again',
    details: { errors: counts.error, warnings: counts.warning, notes: counts.note, strict: request.strict },
  });
}

/** Whoever mistypes a column is to hear of it before anything is looked at. */
function refuseUnknownColumns({ args }: Call): void {
  selectColumns(CHECK_COLUMNS, args.values(COLUMN));
  const sorted = args.value(SORT_COLUMN);
  if (sorted !== undefined) findColumn(CHECK_COLUMNS, sorted.replace(/:(?:asc|desc)$/i, ''));
}

async function check(
  call: Call,
  { strict, offline }: CheckRequest,
): Promise<{ readonly report: CheckReport; readonly log: ClosableLogger }> {
  const { invocation } = call;
  const configuration = readConfiguration(loadRequestOf(call));
  const { settings, glanceApi, paste } = configuration;
  for (const view of [settings, glanceApi?.settings]) invocation.secrets.push(...(view?.secrets ?? []));
  const log = openDebugLog(call);
  const found = placeOf(call, configuration);
  const cloud = await openCloudProbe(call, { settings, log, offline });
  if (found.layout !== undefined) stepDown(call, found.dir, found.layout);
  const configFiles = [
    ...configuration.files.map(({ path }) => path),
    ...(paste.kind === 'read' || paste.kind === 'unreadable' ? [paste.path] : []),
  ];
  const context: CheckContext = {
    settings,
    glanceApi,
    cachePrograms: configuration.cachePrograms,
    configFiles,
    layout: found.layout,
    owner: found.layout === undefined ? undefined : { uid: found.dir.owner.uid, gid: found.dir.owner.gid },
    index: found.layout === undefined ? undefined : await indexOf(call, configuration, { ...found, offline, log }),
    cloud,
    root: '/',
    clock: systemClock,
    asStarted: (look) => invocation.rights.withOriginal(look),
  };
  // A token becomes known while a check logs in.
  const redact = createGrowingRedactor(invocation.secrets);
  const checks = [...fileChecks(configuration, found.error), ...NODE_CHECKS.map((each) => masked(each, redact))];
  const findings = await runChecks(checks, context, { signal: invocation.signal, redact });
  const filesOfGlanceApi = [...(glanceApi?.files ?? []), ...configFiles.slice(configuration.files.length)];
  const guessed = createRedactor([]);
  return {
    report: {
      findings: findings.map((finding) => maskedFinding(finding, guessed)),
      checks: checks.length,
      files: configFiles,
      cacheDir: found.layout?.root,
      strict,
      filesOfGlanceApi,
    },
    log,
  };
}

function loadRequestOf({ program, invocation, args }: Call): Parameters<typeof readConfiguration>[0] {
  const { env, homeDir, cwd } = invocation;
  return { program: program.name, env, homeDir, cwd, sources: args.sources, flags: args.settings };
}

/** Nothing but standard error: a log file would be made, or grow. */
function openDebugLog({ invocation, args }: Call): ClosableLogger {
  const target = createConsoleSink(
    (text) => void invocation.stderr.write(text),
    (level, message) => `${level}: ${printable(message)}`,
  );
  const targets = args.isSwitchedOn(OPTIONS.debug) ? [{ target, threshold: 'DEBUG' as const }] : [];
  return createLogger({ secrets: invocation.secrets, targets });
}

/** Where the cache is, or why that is not to be had. */
type Place =
  | { readonly layout: CacheLayout; readonly dir: CacheDir; readonly error: undefined }
  | { readonly layout: undefined; readonly error: CacheError };

function placeOf({ invocation }: Call, { settings }: Configuration): Place {
  try {
    const dir = findCacheDir(settings, invocation);
    const index = usableValue(settings, OPTIONS.imageCacheSqliteDb) ?? OPTIONS.imageCacheSqliteDb.defaultText;
    return { layout: cacheLayout(dir.path, index), dir, error: undefined };
  } catch (error) {
    if (error instanceof CacheError) return { layout: undefined, error };
    throw error;
  }
}

function stepDown({ invocation }: Call, { owner }: CacheDir, layout: CacheLayout): void {
  invocation.rights.takeThoseOf(owner);
  refuseUnreadableProgram(invocation.rights, layout);
}

/** The driver of the index, if it can be asked without changing anything and without asking anybody who may not be. */
async function indexOf(
  { invocation }: Call,
  { settings }: Configuration,
  { layout, offline, log }: { readonly layout: CacheLayout; readonly offline: boolean; readonly log: ClosableLogger },
): Promise<IndexDriver | undefined> {
  const driver = usableValue(settings, OPTIONS.imageCacheDriver);
  if (driver === undefined) return undefined;
  // To open it would leave files beside it.
  if (driver === 'sqlite' && isWriteAhead(layout.index)) return undefined;
  const connection = usableValue(settings, OPTIONS.databaseConnection) ?? '';
  // A database in a file may get files beside it when it is opened, whatever it is opened for.
  if (driver === 'centralized_db' && (offline || connection === '' || connection.startsWith('sqlite')))
    return undefined;
  const timeoutSec = usableValue(settings, OPTIONS.lockTimeout) ?? Number(OPTIONS.lockTimeout.defaultText);
  const patience = { clock: systemClock, timeoutSec, signal: invocation.signal };
  try {
    return await chooseIndexDriver(settings, {
      layout,
      patience,
      onNote: (note) => log.debug(note),
      readOnly: true,
    });
  } catch (error) {
    if (error instanceof CacheError) return undefined;
    throw error;
  }
}

/** What servers answer may repeat a secret. What files say is masked where it is made: a password may be an ordinary word. */
function masked(each: Check, redact: Redactor): Check {
  return {
    name: each.name,
    run: async (context) => (await each.run(context)).map((finding) => maskedFinding(finding, redact)),
  };
}

function maskedFinding(finding: CheckFinding, redact: Redactor): CheckFinding {
  const { message, reason, change, command } = finding;
  return {
    ...finding,
    message: redact(message),
    // Hints of errors are among the reasons.
    reason: withThisCommand(redact(reason), 'glance-cache-manage check'),
    change: change === undefined ? undefined : { ...change, text: redact(change.text) },
    // A command with a hole in it would write the hole.
    command: command === undefined || redact(command) !== command ? undefined : command,
  };
}
