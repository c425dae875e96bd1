import { printableJson } from '../text/printable.ts';
import type { LogFormat, LogOrigin } from './log-format.ts';
import { LEVEL_NUMBERS } from './log-level.ts';

/** What a JSON record says beyond a line of text. */
export interface JsonLogOrigin extends LogOrigin {
  /** `process_name`: oslo.log has Python's name of the process, `MainProcess`; this toolkit gives the program. */
  readonly processName: string;
  readonly hostname: string;
}

/**
 * The records of `use_json`: the fields of oslo.log's JSONFormatter that mean something outside Python, under the
 * same names, one object on one line. `created` is in seconds since the epoch, `msecs` its milliseconds.
 *
 * @param origin where the records come from
 */
export function createJsonFormat(origin: JsonLogOrigin): LogFormat {
  return (level, message) => {
    const time = origin.now();
    const record = {
      message,
      asctime: origin.timestamp(time),
      name: origin.name,
      levelname: level,
      levelno: LEVEL_NUMBERS[level],
      created: time.getTime() / 1000,
      msecs: time.getMilliseconds(),
      process: origin.pid,
      process_name: origin.processName,
      hostname: origin.hostname,
    };
    return printableJson(JSON.stringify(record));
  };
}
