/**
 * The exit codes of the four programs: one table, shown by every `--help` and held to the man pages by a test.
 * A code never changes its meaning: scripts branch on it.
 */
export const EXIT_CODES = {
  Done: 0,
  Bug: 1,
  Usage: 2,
  Config: 3,
  CacheState: 4,
  Busy: 5,
  NotFound: 6,
  Auth: 7,
  Remote: 8,
  Integrity: 9,
  Partial: 10,
  Interrupted: 130,
  Terminated: 143,
} as const;

/** The name of an exit code, as the manual uses it. */
export type ExitName = keyof typeof EXIT_CODES;

/** The number a process ends with. */
export type ExitCode = (typeof EXIT_CODES)[ExitName];

/** What each exit code means, in the words of the manual. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  Done: 'done, or nothing to do',
  Bug: 'the program failed in a way it did not foresee, or a question was left unanswered',
  Usage: 'wrong options or arguments',
  Config: 'the configuration is missing, unreadable or wrong',
  CacheState: 'the cache is in a state that needs a decision, or cannot be read or written',
  Busy: 'another run or another program holds a lock',
  NotFound: 'Glance does not know the image, or no node holds it',
  Auth: 'Keystone or Glance refused the credentials',
  Remote: 'a server could not be reached or failed',
  Integrity: 'verification found damage',
  Partial: 'some items failed, the others are done',
  Interrupted: 'stopped by SIGINT',
  Terminated: 'stopped by SIGTERM',
};

/** Exit codes of failed items, gravest first: when all items failed, the first that occurs is the program's. */
const GRAVITY: readonly ExitName[] = [
  'Bug',
  'Integrity',
  'Auth',
  'Config',
  'CacheState',
  'Remote',
  'Busy',
  'NotFound',
  'Usage',
];

/**
 * The exit code of a run in which every item failed.
 *
 * @param codes the exit codes of the items' errors; at least one
 * @returns the gravest of them
 */
export function gravestExitCode(codes: readonly ExitCode[]): ExitCode {
  const name = GRAVITY.find((candidate) => codes.includes(EXIT_CODES[candidate]));
  return name === undefined ? EXIT_CODES.Bug : EXIT_CODES[name];
}
