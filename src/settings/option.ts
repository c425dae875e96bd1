/**
 * What one option is. The table in options.ts is made of these records; flags, environment, configuration files, help
 * and manual pages all follow from them.
 */

/** How the text of an option becomes a value. */
export interface OptionType<T> {
  /** What a good value looks like, for messages and help: "a whole number of bytes, 0 or more". */
  readonly expects: string;
  /** The good values, where there are only so many: for completion, and to guess which one is meant. */
  readonly words?: readonly string[];
  /** Whether a blank text means that the option is not set; where the option has a default, a blank is an error. */
  readonly blankMeansUnset?: boolean;
  /**
   * The value a text stands for.
   *
   * @throws ValueError with the reason when the text is not of this type
   */
  parse(text: string): T;
  /**
   * What `$name` in another option becomes, given a text this type accepts: Python's `str()` of the value. The text
   * itself when absent.
   */
  referenced?(text: string): string;
}

/**
 * A text that is not of an option's type. The reason continues a sentence that starts with the value ("is not a whole
 * number") and does not repeat it: the value may be secret. Whoever catches it adds the option and its origin.
 */
export class ValueError extends Error {
  override readonly name = 'ValueError';
  /** What would mend the value, where the mistake is a well-known one. */
  readonly hint: string | undefined;
  constructor(reason: string, hint?: string) {
    super(reason);
    this.hint = hint;
  }
}

/** How an option is given on the command line. */
export interface OptionFlags {
  /** The spellings shown in help, such as `['-d', '--debug']`; the last one names the flag in messages. */
  readonly names: readonly string[];
  /** Spellings that are accepted and not shown, such as `--log_config`. */
  readonly hidden?: readonly string[];
  /** The inverse of a boolean flag, such as `--nodebug`. */
  readonly negation?: string;
  /** The inverse is accepted and not shown. */
  readonly hideNegation?: boolean;
  /** The stock programs do not have it: where an abbreviation fits one of theirs as well, it is theirs. */
  readonly beyondStock?: boolean;
  /** What the value is called in help, such as `PATH`; absent for booleans, which take none. */
  readonly metavar?: string;
}

/** A former name of an option: searched where the present one is absent. */
export interface DeprecatedName {
  /** The former group; the same group when absent. */
  readonly group?: string;
  /** The former name; the same name when absent. */
  readonly name?: string;
}

/** One option of `glance-cache.conf`, with its other ways in. */
export interface Option<T> {
  /** The section, `DEFAULT` for none; matched without regard to case unless it is `DEFAULT`. */
  readonly group: string;
  /** The key in the section, with underscores. */
  readonly name: string;
  readonly type: OptionType<T>;
  /** The text that stands in when nothing sets the option: it is expanded and parsed like any other. */
  readonly defaultText?: string;
  /** All values count, in order, instead of the last one alone. */
  readonly multiple?: boolean;
  /** The value is never shown, in whatever output. */
  readonly secret?: boolean;
  readonly deprecatedNames?: readonly DeprecatedName[];
  /** For an option that no longer does anything: one sentence saying what replaced it. */
  readonly obsolete?: string;
  readonly flags?: OptionFlags;
  /** One sentence for help, manual page and `config`. */
  readonly help: string;
}
