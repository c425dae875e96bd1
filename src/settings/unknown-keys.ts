/**
 * Keys that are misspelt: an option of ours, or of the cache, that nobody reads. oslo.config says nothing about them, for a
 * file of Glance has options that a program of it does not know; these groups are known in full.
 */
import { nearestWord } from '../text/nearest-word.ts';
import { printable } from '../text/printable.ts';
import type { ConfFile } from './conf-file.ts';
import type { Option } from './option.ts';
import { KEYSTONE_OPTIONS } from './options/keystone.ts';
import { quoteValue } from './quote-value.ts';
import type { Assignment } from './scan-conf.ts';

const OWN_GROUP = 'cache_tools';

/** Every option of Glance that begins like this is one of the cache. */
const OF_THE_CACHE = /^image[_-]?cache/i;

/**
 * What to say about keys that nobody reads, one sentence each.
 *
 * @param table the options there are
 */
export function unknownKeyWarnings(files: readonly ConfFile[], table: readonly Option<unknown>[]): readonly string[] {
  return files.flatMap(({ path, assignments }) =>
    assignments.filter(isOfKnownGroup).flatMap(({ section, key, line }) => {
      const known = namesIn(section, table);
      if (known.includes(key)) return [];
      const meant = nearestWord(key, known);
      const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
      return [`${printable(path)}:${line}: there is no option ${quoteValue(key)} in [${printable(section)}]${guess}`];
    }),
  );
}

function isOfKnownGroup({ section, key }: Assignment): boolean {
  return section.toLowerCase() === OWN_GROUP || (section === 'DEFAULT' && OF_THE_CACHE.test(key));
}

/** Our own group may hold the options of a login as well. */
function namesIn(section: string, table: readonly Option<unknown>[]): readonly string[] {
  const isIn = ({ group }: Option<unknown>): boolean => group.toLowerCase() === section.toLowerCase();
  const options = [...table.filter(isIn), ...(section === 'DEFAULT' ? [] : KEYSTONE_OPTIONS)];
  return options.flatMap(({ name, deprecatedNames = [] }) => [
    name,
    ...deprecatedNames.flatMap((former) => former.name ?? []),
  ]);
}
