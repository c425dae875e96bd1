import type { LogFormat } from './log-format.ts';
import type { Complain, LogTarget } from './log-target.ts';
import { PipedSink } from './piped-sink.ts';

/** What both ways to the system's log need. */
export interface SystemSinkOptions {
  /** Name of the program, such as `glance-cache-pruner`. */
  readonly program: string;
  readonly format: LogFormat;
  readonly complain: Complain;
  /** The PATH in which `logger` and `systemd-cat` are looked for. */
  readonly searchPath: string | undefined;
  /** Aborted when there is no time left to wait for those programs. */
  readonly hurry?: AbortSignal;
}

/**
 * Records to syslog, through `logger` of util-linux.
 *
 * @param options common to the system's logs
 * @param pid shown behind the name of the program
 * @param facility its number; see `parseSyslogFacility`
 */
export function createSyslogSink(options: SystemSinkOptions, pid: number, facility: number): LogTarget {
  return new PipedSink({
    ...options,
    label: 'syslog',
    command: 'logger',
    args: ['--prio-prefix', '-t', `${options.program}[${pid}]`],
    priorityBase: facility * 8,
  });
}

/**
 * Records to the journal, through `systemd-cat`.
 *
 * @param options common to the system's logs
 */
export function createJournalSink(options: SystemSinkOptions): LogTarget {
  return new PipedSink({
    ...options,
    label: 'the journal',
    command: 'systemd-cat',
    args: ['--level-prefix=true', '-t', options.program],
    priorityBase: 0,
  });
}
