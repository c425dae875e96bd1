/**
 * The parameters of a URL, each read once; what nobody has read is left over, and does nothing.
 */
import { ConfigError } from '../errors/cache-error.ts';
import type { UrlQuery } from './url-parts.ts';

/** Where a URL comes from, and what to call it. */
export interface UrlSource {
  /** The URL without secrets. */
  readonly label: string;
  /** The origin of the option, as in "from /etc/glance/glance-api.conf, line 7". */
  readonly origin: string;
}

/** What SQLAlchemy and PyMySQL take for true, and for false. */
const TRUE = ['true', 'yes', 'on', 'y', 't', '1'];
const FALSE = ['false', 'no', 'off', 'n', 'f', '0', 'none'];

/** No server waits so long; a timer of Node's could not either. */
const MAX_SEC = 100_000;

/** The parameters of one URL. */
export class UrlParameters {
  readonly #query: UrlQuery;
  readonly #source: UrlSource;
  readonly #read = new Set<string>();

  constructor(query: UrlQuery, source: UrlSource) {
    this.#query = query;
    this.#source = source;
  }

  /** The last value of the first of these names that is set. */
  text(...names: readonly string[]): string | undefined {
    return this.all(...names).at(-1);
  }

  /** All values of the first of these names that is set. */
  all(...names: readonly string[]): readonly string[] {
    for (const name of names) this.#read.add(name);
    const found = names.find((name) => this.#query.has(name));
    return found === undefined ? [] : (this.#query.get(found) ?? []);
  }

  /** @throws ConfigError CONFIG_DATABASE for what is neither true nor false */
  boolean(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (TRUE.includes(value)) return true;
    if (FALSE.includes(value)) return false;
    throw this.wrong(name, 'true or false');
  }

  /** @throws ConfigError CONFIG_DATABASE for what is no number of seconds */
  seconds(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (/^\d+$/.test(value) && Number(value) <= MAX_SEC) return Number(value);
    throw this.wrong(name, 'a number of seconds');
  }

  /** @throws ConfigError CONFIG_DATABASE for anything else, in small or large letters */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw this.wrong(name, `one of ${choices.join(', ')}`);
    return choice;
  }

  /** What to say about the parameters that were not read; their values are not in it. */
  notes(...harmless: readonly string[]): readonly string[] {
    return [...this.#query.keys()]
      .filter((name) => !this.#read.has(name) && !harmless.includes(name))
      .map((name) => `The parameter ${JSON.stringify(name)} of the database URL does nothing here`);
  }

  /** The error for a value of a parameter, which may be a secret in the wrong place: it is not repeated. */
  wrong(name: string, expected: string): ConfigError {
    return urlError(this.#source, `its parameter ${JSON.stringify(name)} is not ${expected}`);
  }
}

/** The error for a URL that cannot be used. */
export function urlError({ label, origin }: UrlSource, state: string, hint?: string): ConfigError {
  return new ConfigError('CONFIG_DATABASE', `Cannot use the database URL ${label} from ${origin}: ${state}`, {
    hint:
      hint ??
      'Correct it in [database], in the form that SQLAlchemy describes, a password behind the user and a colon: connection = mysql+pymysql://user@host/glance',
    details: { database: label, origin },
  });
}
