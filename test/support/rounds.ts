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

/** The seed of a run: another one each time, unless one is set; to be printed by whoever uses it. */
export function seedOfRun(): number {
  const given = process.env['TEST_SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}
