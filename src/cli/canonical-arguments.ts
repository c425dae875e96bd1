/**
 * Arguments as argparse takes them, told as commander takes them: long options may be abbreviated as long as they stay
 * unambiguous, and old spellings stand for the present ones.
 */
import { UsageError } from '../errors/cache-error.ts';
import type { OptionFlags } from '../settings/option.ts';
import { flagName, spellingsOf } from './flag.ts';

/** A flag with the spelling commander knows it by. */
interface Spelling {
  readonly canonical: string;
  readonly takesValue: boolean;
  readonly isStock: boolean;
}

/**
 * Rewrites arguments.
 *
 * @param args what follows the program's name
 * @param flags every flag of the program, `--help` and the like included
 * @throws UsageError for an ambiguous abbreviation, and for a flag without its value
 */
export function canonicalArguments(args: readonly string[], flags: readonly OptionFlags[]): readonly string[] {
  const spellings = spellingTable(flags);
  const result: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') return [...result, ...args.slice(i)];
    const found = arg.startsWith('-') && arg !== '-' ? findFlag(arg, spellings) : undefined;
    if (found === undefined) {
      result.push(arg);
      continue;
    }
    const { spelling, value } = found;
    result.push(value === undefined ? spelling.canonical : `${spelling.canonical}=${value}`);
    if (!spelling.takesValue || value !== undefined) continue;
    const next = args[i + 1];
    // argparse refuses too: "--config-file --debug" is a forgotten value, not a file of that name.
    if (next === undefined || next === '--' || findFlag(next, spellings) !== undefined) {
      throw new UsageError('USAGE', `Cannot use ${spelling.canonical}: it needs a value`, {
        hint: `Write ${spelling.canonical}=VALUE`,
      });
    }
    result.push(next);
    i++;
  }
  return result;
}

function spellingTable(flags: readonly OptionFlags[]): ReadonlyMap<string, Spelling> {
  const table = new Map<string, Spelling>();
  for (const flag of flags) {
    const takesValue = flag.metavar !== undefined;
    const isStock = flag.beyondStock !== true;
    for (const spelling of spellingsOf(flag)) table.set(spelling, { canonical: flagName(flag), takesValue, isStock });
    if (flag.negation !== undefined) table.set(flag.negation, { canonical: flag.negation, takesValue: false, isStock });
  }
  return table;
}

interface Found {
  readonly spelling: Spelling;
  readonly value: string | undefined;
}

function findFlag(arg: string, spellings: ReadonlyMap<string, Spelling>): Found | undefined {
  return arg.startsWith('--') ? findLong(arg, spellings) : findShort(arg, spellings);
}

function findLong(arg: string, spellings: ReadonlyMap<string, Spelling>): Found | undefined {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg : arg.slice(0, equals);
  const value = equals < 0 ? undefined : arg.slice(equals + 1);
  const exact = spellings.get(name);
  if (exact !== undefined) return { spelling: exact, value };
  if (name === '--') return undefined;
  const matches = new Map<string, Spelling>();
  for (const [spelling, found] of spellings) if (spelling.startsWith(name)) matches.set(found.canonical, found);
  // A crontab of the stock tools must go on working: a flag that is new here makes none of its abbreviations ambiguous.
  const stock = [...matches.values()].filter(({ isStock }) => isStock);
  if (matches.size > 1 && stock.length === 1 && stock[0] !== undefined) return { spelling: stock[0], value };
  if (matches.size > 1) {
    throw new UsageError('USAGE', `Cannot tell what ${JSON.stringify(name)} abbreviates: it is ambiguous`, {
      hint: `Write one of ${[...matches.keys()].join(', ')}`,
    });
  }
  const [spelling] = matches.values();
  return spelling === undefined ? undefined : { spelling, value };
}

/** A cluster such as `-vf`, or a value stuck to its flag such as `-p9292`, is commander's to take apart. */
function findShort(arg: string, spellings: ReadonlyMap<string, Spelling>): Found | undefined {
  const spelling = spellings.get(arg.slice(0, 2));
  if (spelling === undefined || (arg.length > 2 && !spelling.takesValue)) return undefined;
  return { spelling, value: arg.length > 2 ? arg.slice(2) : undefined };
}
