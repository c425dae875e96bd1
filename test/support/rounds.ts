/**
 * How often a test that tries its luck does so: often enough for CI, or as often as the long form asks for
 * (`TEST_LONG=1 npm test`), and from which seed (`TEST_SEED=123`).
 */

/** How many rounds to make. */
export function rounds(inCi: number, inLongForm: number): number {
  return process.env['TEST_LONG'] === undefined ? inCi : inLongForm;
}

/** How long a test of so many rounds may take, milliseconds. */
export function patienceMs(inCi: number): number {
  return process.env['TEST_LONG'] === undefined ? inCi : 3_600_000;
}

/** CI tells whether a change has broken something: with luck in it, it would blame the change for what was there before. */
const SEED_IN_CI = 1;

/** The seed of a run: another one each time, but in CI, and unless one is set; to be printed by whoever uses it. */
export function seedOfRun(): number {
  const given = process.env['TEST_SEED'];
  if (given !== undefined) return Number(given);
  return process.env['CI'] === undefined ? Math.floor(Math.random() * 2 ** 31) : SEED_IN_CI;
}
