import { expect, test } from 'vitest';
import { HELP, parseOptions } from '../../bench/options.ts';

test('parseOptions() asks for everything when there are no options', () => {
  expect(parseOptions([])).toEqual({ smoke: false, stock: false, only: '', help: false });
});

test('parseOptions() takes each option, and help tells of it', () => {
  expect(parseOptions(['--smoke', '--stock', '--only=prune', '--help'])).toEqual({
    smoke: true,
    stock: true,
    only: 'prune',
    help: true,
  });
  for (const option of Object.keys(parseOptions([]))) expect(HELP).toContain(`--${option}`);
});

test.each([['--smoky'], ['--only'], ['--smoke=yes'], ['prune']])('parseOptions() refuses %s', (arg) => {
  expect(() => parseOptions([arg])).toThrow(TypeError);
});
