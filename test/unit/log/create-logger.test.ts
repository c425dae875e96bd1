import { describe, expect, test } from 'vitest';
import { createConsoleSink } from '../../../src/log/console-sink.ts';
import { createLogger } from '../../../src/log/create-logger.ts';
import type { LogLevel } from '../../../src/log/logger.ts';

function collect(threshold: LogLevel) {
  const written: string[] = [];
  const target = createConsoleSink(
    (text) => written.push(text),
    (level, message) => `${level} ${message}`,
  );
  return { written, entry: { target, threshold } };
}

describe('createLogger()', () => {
  test('gives each target the records from its threshold on', async () => {
    const all = collect('DEBUG');
    const few = collect('ERROR');
    const logger = createLogger({ secrets: [], targets: [all.entry, few.entry] });
    logger.debug('a');
    logger.info('b');
    logger.warning('c');
    logger.error('d');
    await logger.close();
    expect(all.written).toEqual(['DEBUG a\n', 'INFO b\n', 'WARNING c\n', 'ERROR d\n']);
    expect(few.written).toEqual(['ERROR d\n']);
  });

  test('masks secrets at every level, those learnt later too', () => {
    const { written, entry } = collect('DEBUG');
    const secrets = ['hunter2'];
    const logger = createLogger({ secrets, targets: [entry] });
    for (const log of [logger.debug, logger.info, logger.warning, logger.error]) log('is hunter2');
    secrets.push('gAAAAA');
    logger.debug('hunter2 gave gAAAAA');
    expect(written.join('')).not.toMatch(/hunter2|gAAAAA/);
    expect(written.at(-1)).toBe('DEBUG *** gave ***\n');
  });
});
