import { describe, expect, test } from 'vitest';
import { READ_DATA_SUBSET } from '../../../../src/cli/manage/verify-flags.ts';
import { MANAGE } from '../../../../src/cli/manage.ts';
import { parseArguments } from '../../../../src/cli/parse-arguments.ts';

function subsetOf(text: string): unknown {
  const request = parseArguments(MANAGE, ['verify', `--read-data-subset=${text}`]);
  return request.kind === 'run' ? request.args.value(READ_DATA_SUBSET) : undefined;
}

describe('--read-data-subset', () => {
  test.each([
    ['10%', { kind: 'percent', percent: 10 }],
    [' 0.5 % ', { kind: 'percent', percent: 0.5 }],
    ['100%', { kind: 'percent', percent: 100 }],
    ['1/1', { kind: 'group', number: 1, of: 1 }],
    [' 2/7 ', { kind: 'group', number: 2, of: 7 }],
    ['007/0010', { kind: 'group', number: 7, of: 10 }],
  ])('takes %j', (text, subset) => {
    expect(subsetOf(text)).toEqual(subset);
  });

  test.each([
    ['8/7', 'is no group: there are only 7'],
    ['1/0', 'is no group: there are only 0'],
    ['0/7', 'is no group: they are counted from 1'],
    ['0%', 'is no image at all'],
    ['101%', 'is more than 100%'],
    ['-1%', 'is negative'],
    ['1e1%', 'is not a percentage'],
    ['some', 'is neither a percentage nor a group'],
    ['0.5', 'is neither a percentage nor a group'],
    ['1/7/2', 'is neither a percentage nor a group'],
    ['1/7000000', 'is neither a percentage nor a group'],
    ['', 'is neither a percentage nor a group'],
  ])('refuses %j and says what is wanted', (text, reason) => {
    expect(() => subsetOf(text)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: `Cannot use --read-data-subset: ${JSON.stringify(text)} ${reason}`,
        hint: 'Give a share such as 10%, drawn by chance, or a group such as 2/7, the second of seven, as in --read-data-subset=10%',
      }),
    );
  });
});
