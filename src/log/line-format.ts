import { printable } from '../text/printable.ts';
import type { LogFormat, LogOrigin } from './log-format.ts';

/**
 * oslo.log's line for a record without a request:
 * `%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s`.
 * A record is one line whatever its message holds, so that nobody forges a record by the name of a file.
 *
 * @param origin where the records come from
 */
export function createLineFormat(origin: LogOrigin): LogFormat {
  return (level, message) => {
    const time = origin.now();
    const msecs = String(time.getMilliseconds()).padStart(3, '0');
    // The whole line, for a date format may hold %n and the name of the logger anything.
    return printable(`${origin.timestamp(time)}.${msecs} ${origin.pid} ${level} ${origin.name} [-] ${message}`);
  };
}
