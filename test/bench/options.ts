/**
 * The command line of the bench.
 */
import { parseArgs } from 'node:util';

/** What is asked for. */
export interface BenchOptions {
  /** Little data and one run: it shows that every case runs, and its figures mean nothing. */
  readonly smoke: boolean;
  /** Whether Debian's packages of what is measured against may be installed. */
  readonly stock: boolean;
  /** Only cases with this in their name. */
  readonly only: string;
  readonly help: boolean;
}

/** What `--help` says. */
export const HELP = `Usage: npm run bench -- [options]

Measures the built programs beside other ones that do the same, and prints each
figure with its target, as a table and as test-results/bench.json.

Options:
  --only=TEXT  only the cases with TEXT in their name
  --smoke      little data and one run: shows that every case runs, and judges nothing
  --stock      install Debian's packages of the stock tools, glance-api with a Keystone, sqlite3, openssl, curl and
               findutils first (root)
  --help       show this
`;

/**
 * Reads the command line.
 *
 * @throws TypeError what is wrong with it, in words
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      smoke: { type: 'boolean', default: false },
      stock: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}
