import type { Option } from '../option.ts';
import { boolean } from '../types/boolean.ts';
import { string } from '../types/string.ts';

/** The options of oslo.log, with the flags of the stock programs. */
export const LOGGING_OPTIONS = {
  debug: {
    group: 'DEFAULT',
    name: 'debug',
    type: boolean,
    defaultText: 'false',
    flags: { names: ['-d', '--debug'], negation: '--nodebug' },
    help: 'Log everything, down to level DEBUG.',
  },
  verbose: {
    group: 'DEFAULT',
    name: 'verbose',
    type: boolean,
    // Ocata's default was true and later releases do not know the option. True would make every cron job talk.
    defaultText: 'false',
    flags: { names: ['-v', '--verbose'], negation: '--noverbose', hideNegation: true },
    help: 'Print what was done; only as a flag, a file may not make every cron job talk.',
  },
  logConfigAppend: {
    group: 'DEFAULT',
    name: 'log_config_append',
    type: string,
    deprecatedNames: [{ name: 'log-config' }, { name: 'log_config' }],
    obsolete: 'It names a configuration file of the Python logging module; the other log options are used instead',
    flags: { names: ['--log-config-append'], hidden: ['--log-config', '--log_config'], metavar: 'PATH' },
    help: 'Accepted and ignored: a configuration file of the Python logging module.',
  },
  logDateFormat: {
    group: 'DEFAULT',
    name: 'log_date_format',
    type: string,
    defaultText: '%Y-%m-%d %H:%M:%S',
    flags: { names: ['--log-date-format'], metavar: 'DATE_FORMAT' },
    help: 'Format of the time in a log line, as strftime takes it.',
  },
  logFile: {
    group: 'DEFAULT',
    name: 'log_file',
    type: string,
    deprecatedNames: [{ name: 'logfile' }],
    flags: { names: ['--log-file'], hidden: ['--logfile'], metavar: 'PATH' },
    help: 'File to log to, relative to the log directory if there is one.',
  },
  logDir: {
    group: 'DEFAULT',
    name: 'log_dir',
    type: string,
    deprecatedNames: [{ name: 'logdir' }],
    flags: { names: ['--log-dir'], hidden: ['--logdir'], metavar: 'LOG_DIR' },
    help: 'Directory of log files; without a log file, the name of the program gives one.',
  },
  watchLogFile: {
    group: 'DEFAULT',
    name: 'watch_log_file',
    type: boolean,
    defaultText: 'false',
    flags: { names: ['--watch-log-file'], negation: '--nowatch-log-file' },
    help: 'Open the log file anew when it was moved or removed.',
  },
  useSyslog: {
    group: 'DEFAULT',
    name: 'use_syslog',
    type: boolean,
    defaultText: 'false',
    flags: { names: ['--use-syslog'], negation: '--nouse-syslog' },
    help: 'Log to syslog.',
  },
  syslogLogFacility: {
    group: 'DEFAULT',
    name: 'syslog_log_facility',
    type: string,
    defaultText: 'LOG_USER',
    flags: { names: ['--syslog-log-facility'], metavar: 'SYSLOG_LOG_FACILITY' },
    help: 'Facility of the lines sent to syslog; the prefix LOG_ is optional.',
  },
  useJournal: {
    group: 'DEFAULT',
    name: 'use_journal',
    type: boolean,
    defaultText: 'false',
    flags: { names: ['--use-journal'], negation: '--nouse-journal' },
    help: 'Log to the journal of systemd.',
  },
  useJson: {
    group: 'DEFAULT',
    name: 'use_json',
    type: boolean,
    defaultText: 'false',
    flags: { names: ['--use-json'], negation: '--nouse-json' },
    help: 'Write log lines as JSON objects.',
  },
  useStderr: {
    group: 'DEFAULT',
    name: 'use_stderr',
    type: boolean,
    // oslo.log's own default is false; the stock cache tools set it to true.
    defaultText: 'true',
    help: 'Show warnings on standard error, and everything with --debug.',
  },
  logColor: {
    group: 'DEFAULT',
    name: 'log_color',
    type: boolean,
    defaultText: 'false',
    flags: { names: ['--log-color'], negation: '--nolog-color' },
    help: 'Colour log lines on a terminal by their level.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;
