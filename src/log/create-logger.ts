import { isAtLeast } from './log-level.ts';
import type { LogTarget } from './log-target.ts';
import type { Logger, LogLevel } from './logger.ts';
import { createGrowingRedactor } from './redact.ts';

/** What a logger is made of. */
export interface LoggerOptions {
  /** Texts that must not appear in any record. May grow: a token is a secret that only the run itself learns. */
  readonly secrets: readonly string[];
  /** Where records go, and from which level on. */
  readonly targets: readonly { readonly target: LogTarget; readonly threshold: LogLevel }[];
}

/** A logger whose owner ends it. */
export interface ClosableLogger extends Logger {
  /** Delivers what is under way and gives up all targets; nothing may be logged afterwards. */
  close(): Promise<void>;
}

/**
 * A logger that masks secrets at every level and hands each record to the targets that want it.
 *
 * @param options secrets and targets
 */
export function createLogger(options: LoggerOptions): ClosableLogger {
  const redact = createGrowingRedactor(options.secrets);

  const log = (level: LogLevel, message: string): void => {
    const wanting = options.targets.filter(({ threshold }) => isAtLeast(level, threshold));
    if (wanting.length === 0) return;
    const masked = redact(message);
    for (const { target } of wanting) target.write(level, masked);
  };

  return {
    error: (message) => log('ERROR', message),
    warning: (message) => log('WARNING', message),
    info: (message) => log('INFO', message),
    debug: (message) => log('DEBUG', message),
    async close() {
      await Promise.all(options.targets.map(({ target }) => target.close()));
    },
  };
}
