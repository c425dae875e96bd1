import { describe, expect, test } from 'vitest';
import { strip, stripEnd, stripStart } from '../../../src/settings/python-whitespace.ts';

describe('strip', () => {
  test('removes what Python calls whitespace, and keeps what only JavaScript does', () => {
    expect(strip('\u001c\u0085\u2028\u3000a b\u00a0\v')).toBe('a b');
    expect(strip('\ufeffa\u200b')).toBe('\ufeffa\u200b');
    expect([stripStart(' a '), stripEnd(' a '), strip(' \t')]).toEqual(['a ', ' a', '']);
  });

  test('takes no longer than the text deserves when it is a long line of blanks', () => {
    const started = performance.now();
    stripEnd(`${' '.repeat(1_000_000)}x`);
    strip(`x${' '.repeat(1_000_000)}x`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
