import { type OptionType, ValueError } from '../option.ts';
import { strip } from '../python-whitespace.ts';
import { quoteValue } from '../quote-value.ts';
import { trimList } from './list.ts';
import { pythonRepr } from './python-repr.ts';

/**
 * Lists of anything but plain texts, such as the HTTP statuses after which a service client tries again:
 * `retriable_status_codes` in keystoneauth's sections.
 */

/** How a list is written. */
export interface ListTraits {
  /** It stands in square brackets: `[a,b]`. */
  readonly bounded?: boolean;
}

interface Item<T> {
  readonly text: string;
  /** Undefined for a blank where blank means "not set". */
  readonly value: T | undefined;
}

/** oslo.config's list of items of one type, separated by commas. An item may have commas where its type wants them. */
export function listOf<T>(
  item: OptionType<T>,
  { bounded = false }: ListTraits = {},
): OptionType<readonly (T | undefined)[]> {
  const parseItems = (text: string): readonly Item<T>[] => joinItems(bounded ? unwrap(text) : trimList(text), item);
  return {
    expects: `items separated by commas${bounded ? ', in square brackets' : ''}, each ${item.expects}`,
    parse: (text) => parseItems(text).map(({ value }) => value),
    referenced: (text) =>
      `[${parseItems(text)
        .map((found) => itemRepr(item, found))
        .join(', ')}]`,
  };
}

/** Commas behind the bracket are dropped, those before it are not: `[a,],` has an empty second item. */
function unwrap(text: string): string {
  const trimmed = trimList(text);
  if (!trimmed.startsWith('[')) throw new ValueError('should start with "["');
  if (!trimmed.endsWith(']')) throw new ValueError('should end with "]"');
  return trimmed.slice(1, -1);
}

/** oslo.config joins an item that its type refuses to the next one, in case the comma belongs to it. */
function joinItems<T>(text: string, type: OptionType<T>): readonly Item<T>[] {
  const items: Item<T>[] = [];
  let carried = '';
  let refusal: ValueError | undefined;
  for (const part of text === '' ? [] : text.split(',')) {
    const joined = carried + part;
    const candidate = strip(joined);
    try {
      items.push({ text: candidate, value: parseItem(type, candidate) });
      carried = '';
      refusal = undefined;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      carried = `${joined},`;
      refusal = new ValueError(`has the item ${quoteValue(candidate)}, which ${error.message}`, error.hint);
    }
  }
  if (refusal !== undefined) throw refusal;
  return items;
}

function parseItem<T>(type: OptionType<T>, text: string): T | undefined {
  return type.blankMeansUnset === true && text === '' ? undefined : type.parse(text);
}

/** Python writes texts in a list with quotes, and everything else as it does on its own. */
function itemRepr<T>(type: OptionType<T>, { text, value }: Item<T>): string {
  if (value === undefined) return 'None';
  const alone = type.referenced?.(text) ?? text;
  return typeof value === 'string' ? pythonRepr(alone) : alone;
}
