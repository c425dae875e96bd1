/**
 * Flags that several programs share.
 */

import type { ImageId } from '../cache/image-id.ts';
import { parseImageId } from '../cache/image-id.ts';
import { OUTPUT_FORMATS, type OutputFormat } from '../present/output-format.ts';
import { type OptionType, ValueError } from '../settings/option.ts';
import { string } from '../settings/types/string.ts';
import type { SwitchFlag, ValueFlag } from './flag.ts';

const outputFormat: OptionType<OutputFormat> = {
  expects: `one of ${OUTPUT_FORMATS.join(', ')}`,
  words: OUTPUT_FORMATS,
  parse(text) {
    const format = OUTPUT_FORMATS.find((candidate) => candidate === text.toLowerCase());
    if (format === undefined) throw new ValueError('is not a format of output');
    return format;
  },
};

const imageId: OptionType<ImageId> = {
  expects: 'the ID of an image, a UUID such as 71c675ab-d94f-49cd-a114-e12490b328d9',
  parse(text) {
    const id = parseImageId(text);
    if (id === undefined) throw new ValueError('is not a valid UUID');
    return id;
  },
};

/** `--config-file`: kept in order with `--config-dir`, so neither is an ordinary option. */
export const CONFIG_FILE: ValueFlag<string> = {
  names: ['--config-file'],
  metavar: 'PATH',
  type: string,
  repeatable: true,
  help: 'Configuration file to read instead of the default ones; values in later files win.',
};

/** `--config-dir`: all `*.conf` files in it, in the order of their names. */
export const CONFIG_DIR: ValueFlag<string> = {
  names: ['--config-dir'],
  metavar: 'DIR',
  type: string,
  repeatable: true,
  help: 'Directory whose *.conf files are read, after the files named before it.',
};

/** `--format`: how reports and lists are printed. */
export const FORMAT: ValueFlag<OutputFormat> = {
  names: ['--format'],
  beyondStock: true,
  metavar: 'FORMAT',
  type: outputFormat,
  help: `Print the result as ${OUTPUT_FORMATS.join(', ')}; errors become JSON objects with json.`,
};

/** `--dry-run`: the plan instead of its execution. */
export const DRY_RUN: SwitchFlag = {
  names: ['--dry-run'],
  beyondStock: true,
  help: 'Show what would be done, and change nothing.',
};

/** `--adopt`: overrides the refusal to work on an index that looks given up. */
export const ADOPT: SwitchFlag = {
  names: ['--adopt'],
  beyondStock: true,
  help: 'Go on although the index has no rows and the directory has images; the pruner enters those it keeps.',
};

/** `--skip-if-busy`: for crontabs, where an overlap is no failure. */
export const SKIP_IF_BUSY: SwitchFlag = {
  names: ['--skip-if-busy'],
  beyondStock: true,
  help: 'End silently with 0 when another run holds the lock for longer than the lock timeout.',
};

/** `--daemon`: goes on, instead of being started again and again. */
export const DAEMON: SwitchFlag = {
  names: ['--daemon'],
  beyondStock: true,
  help: 'Do the work in rounds, until SIGTERM asks to stop; SIGHUP reloads the configuration.',
};

/** `--image`: restricts a run to some images. */
export const IMAGE: ValueFlag<ImageId> = {
  names: ['--image'],
  beyondStock: true,
  metavar: 'IMAGE_ID',
  type: imageId,
  repeatable: true,
  // Of the cleaner's; who works on others says so.
  imagesFrom: ['incomplete', 'invalid'],
  help: 'Only this image; may be given several times.',
};

/** `--help`, shown by commander. */
export const HELP: SwitchFlag = { names: ['-h', '--help'], help: 'Show this help and exit.' };

/** `--version`, shown by commander. */
export const VERSION: SwitchFlag = { names: ['--version'], help: "Show the program's version number and exit." };
