import { CacheError } from '../../../src/errors/cache-error.ts';
import { parseConfFile } from '../../../src/settings/conf-file.ts';
import type { FlagValue } from '../../../src/settings/layers.ts';
import type { Option } from '../../../src/settings/option.ts';
import { ALL_OPTIONS } from '../../../src/settings/options.ts';
import { resolveSettings, type Settings } from '../../../src/settings/resolve.ts';

/** Layers as a test writes them. */
export interface Given {
  /** Content of files, read in this order as /0.conf, /1.conf ... */
  readonly files?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly FlagValue[];
}

/** The settings that the layers make of the real table. */
export function settingsOf({ files = [], env = {}, flags = [] }: Given): Settings {
  const parsed = files.map((text, index) => parseConfFile(`/${index}.conf`, Buffer.from(text)));
  return resolveSettings({ files: parsed, env, flags }, ALL_OPTIONS);
}

/** The error that a call throws. */
export function failure(call: () => unknown): CacheError {
  try {
    call();
  } catch (error) {
    if (error instanceof CacheError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The error on reading an option out of one file. */
export function readFailure(option: Option<unknown>, text: string): CacheError {
  return failure(() => settingsOf({ files: [text] }).get(option));
}
