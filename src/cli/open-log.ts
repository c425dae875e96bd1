/**
 * The log of a run, as the settings ask for it. Standard error is for people and for cron's mail: it gets warnings
 * only, unless a flag asks for more. A `debug = true` that glance-api.conf has for glance-api makes no cron job talk.
 */
import { constants } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError } from '../errors/cache-error.ts';
import { createConsoleSink } from '../log/console-sink.ts';
import { type ClosableLogger, createLogger, type LoggerOptions } from '../log/create-logger.ts';
import type { OpenFile } from '../log/file-sink.ts';
import { createLineFormat } from '../log/line-format.ts';
import type { LogFormat, LogOrigin } from '../log/log-format.ts';
import type { LogTarget } from '../log/log-target.ts';
import type { Logger, LogLevel } from '../log/logger.ts';
import { createTimestamp } from '../log/timestamp.ts';
import { OPTIONS } from '../settings/options.ts';
import type { Settings } from '../settings/resolve.ts';
import { wantsColor } from './output.ts';
import type { Call } from './program.ts';

/** The log of a run. */
export interface RunLog {
  readonly log: ClosableLogger;
  /** Puts the error that ends the run into the log. On standard error it is told once, at the very end. */
  recordEnd(error: unknown): void;
  /** Puts lines into the log and on standard error, of any level. */
  readonly everywhere: () => Logger;
}

/**
 * Opens the log of a run.
 *
 * @param onSkipped for a run that needs no configuration: hears of a log file that only a default file asks for and that
 *   is not there or cannot be opened, and it is done without
 * @throws ConfigError CONFIG_LOG when a log file cannot be opened, CONFIG_VALUE
 */
export async function openLog(
  call: Call,
  settings: Settings,
  onSkipped?: (error: ConfigError) => void,
): Promise<RunLog> {
  const { invocation, args } = call;
  const format = await formatOf(call, settings);
  const complain = (text: string): void => void invocation.stderr.write(`WARNING: ${text}\n`);
  const threshold = settings.get(OPTIONS.debug) ? 'DEBUG' : 'INFO';
  const system = await systemTargets(call, settings, { format, complain, onSkipped });
  const kept = system.map((target) => ({ target, threshold }) as const);
  const targets: LoggerOptions['targets'][number][] = [...kept];
  if (settings.get(OPTIONS.useStderr)) {
    const target = createConsoleSink(
      (text) => void invocation.stderr.write(text),
      await consoleFormat(call, settings, format),
    );
    targets.push({ target, threshold: args.isSwitchedOn(OPTIONS.debug) ? 'DEBUG' : 'WARNING' });
  }
  const { secrets } = invocation;
  const record = createLogger({ secrets, targets: kept });
  return {
    log: createLogger({ secrets, targets }),
    recordEnd: (error) => record.error(error instanceof Error ? error.message : String(error)),
    everywhere: () => createLogger({ secrets, targets: targets.map(({ target }) => ({ target, threshold: 'DEBUG' })) }),
  };
}

/** `log_color` is for eyes: a file and a pipe get plain lines. */
async function consoleFormat({ invocation }: Call, settings: Settings, format: LogFormat): Promise<LogFormat> {
  const { stderr, env } = invocation;
  if (!settings.get(OPTIONS.logColor) || !wantsColor(stderr, env)) return format;
  const { loadPaint } = await import('../present/paint.ts');
  const { error, warning, quiet } = await loadPaint(true);
  const paints: Readonly<Record<LogLevel, (text: string) => string>> = {
    CRITICAL: error,
    ERROR: error,
    WARNING: warning,
    INFO: (text) => text,
    DEBUG: quiet,
  };
  return (level, message) => paints[level](format(level, message));
}

async function formatOf({ program, invocation }: Call, settings: Settings): Promise<LogFormat> {
  const origin: LogOrigin = {
    name: program.name.replace('glance-cache-', 'glance_cache_tools.'),
    pid: invocation.pid,
    now: () => new Date(),
    timestamp: await createTimestamp(settings.get(OPTIONS.logDateFormat)),
  };
  if (!settings.get(OPTIONS.useJson)) return createLineFormat(origin);
  const { createJsonFormat } = await import('../log/json-format.ts');
  return createJsonFormat({ ...origin, processName: program.name, hostname: hostname() });
}

interface Common {
  readonly format: LogFormat;
  readonly complain: (text: string) => void;
  readonly onSkipped: ((error: ConfigError) => void) | undefined;
}

/** The log file, syslog and the journal, each loaded only where it is asked for. */
async function systemTargets(call: Call, settings: Settings, common: Common): Promise<readonly LogTarget[]> {
  const { program, invocation } = call;
  const targets: LogTarget[] = [];
  const path = logFileOf(call, settings);
  if (path !== undefined) {
    const { openFileSink } = await import('../log/file-sink.ts');
    const { logFileOpener } = await import('./open-log-file.ts');
    const watch = settings.get(OPTIONS.watchLogFile);
    const open = logFileOpener(invocation.rights);
    const onSkipped = isAskedFor(call, settings) ? undefined : common.onSkipped;
    try {
      targets.push(
        openFileSink({ ...common, path, watch, open: onSkipped === undefined ? open : withoutMaking(open) }),
      );
    } catch (error) {
      if (onSkipped === undefined || !(error instanceof ConfigError)) throw error;
      onSkipped(error);
    }
  }
  if (!settings.get(OPTIONS.useSyslog) && !settings.get(OPTIONS.useJournal)) return targets;
  const { createJournalSink, createSyslogSink } = await import('../log/system-sinks.ts');
  const options = {
    ...common,
    program: program.name,
    searchPath: invocation.env['PATH'],
    // A daemon that is stopped ends at once.
    ...(call.round === undefined ? {} : { hurry: invocation.signal }),
  };
  if (settings.get(OPTIONS.useSyslog)) {
    const { parseSyslogFacility } = await import('../log/syslog-facility.ts');
    const facility = parseSyslogFacility(settings.get(OPTIONS.syslogLogFacility));
    targets.push(createSyslogSink(options, invocation.pid, facility));
  }
  if (settings.get(OPTIONS.useJournal)) targets.push(createJournalSink(options));
  return targets;
}

/** A run that takes no rights of the cache's owner would make a file that Glance's own programs may not write to. */
function withoutMaking(open: OpenFile): OpenFile {
  return (path, flags, mode) => open(path, flags & ~constants.O_CREAT, mode);
}

/** Whether somebody has asked for the log file in this very call. */
function isAskedFor({ args }: Call, settings: Settings): boolean {
  const kinds = [OPTIONS.logFile, OPTIONS.logDir].map((option) => settings.origin(option).kind);
  return args.sources.length > 0 || kinds.includes('flag') || kinds.includes('environment');
}

/** oslo.log's rule: the directory goes before the file, and alone it holds a file named after the program. */
function logFileOf({ program, invocation }: Call, settings: Settings): string | undefined {
  const dir = settings.get(OPTIONS.logDir) ?? '';
  const file = settings.get(OPTIONS.logFile) ?? '';
  if (dir === '' && file === '') return undefined;
  return resolve(invocation.cwd, dir, file === '' ? `${program.name}.log` : file);
}
