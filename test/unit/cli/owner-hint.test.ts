import { expect, test } from 'vitest';
import { forWhoeverRuns } from '../../../src/cli/owner-hint.ts';
import { CacheStateError, PartialError } from '../../../src/errors/cache-error.ts';

const refused = new CacheStateError('CACHE_PERMISSION', 'Cannot remove "/x": no', {
  hint: 'Run it as root',
  details: { path: '/x' },
});
const partly = new PartialError('Cannot do everything', { hint: 'Run it as root', cause: refused });
const NEW_HINT = expect.stringContaining(
  'and the folders above, to the same owner: sudo chown --reference=/cache /x',
) as unknown;

test('forWhoeverRuns() gives root who has stepped down advice that is not to be root', () => {
  expect(forWhoeverRuns(refused, { hasSteppedDown: true }, { path: '/cache' })).toMatchObject({
    code: 'CACHE_PERMISSION',
    exitCode: 4,
    message: refused.message,
    details: { path: '/x' },
    hint: NEW_HINT,
  });
  expect(forWhoeverRuns(partly, { hasSteppedDown: true }, { path: '/cache' })).toMatchObject({
    code: 'PARTIAL',
    message: partly.message,
    cause: refused,
    hint: NEW_HINT,
  });
});

test('forWhoeverRuns() leaves alone what others are told, and what is no matter of rights', () => {
  const full = new CacheStateError('CACHE_NO_SPACE', 'Cannot go on: full', { hint: 'Free some' });
  const partlyFull = new PartialError('Cannot do everything', { cause: full });
  for (const error of [refused, partly])
    expect(forWhoeverRuns(error, { hasSteppedDown: false }, { path: '/cache' })).toBe(error);
  for (const error of [full, partlyFull, new TypeError('x'), 'x']) {
    expect(forWhoeverRuns(error, { hasSteppedDown: true }, { path: '/cache' })).toBe(error);
  }
});
