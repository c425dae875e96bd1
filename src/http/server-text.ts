/**
 * The sentence in an answer that says what went wrong. Keystone puts it into JSON, Glance into JSON, HTML or plain text,
 * proxies in between into pages of their own. It becomes one short line.
 */
import { printable } from '../text/printable.ts';
import { isJsonObject, objectIn, stringIn } from './json.ts';

const MAX_CHARACTERS = 200;

// More than this of a page is never looked at, so that patterns have little to chew on.
const LOOKED_AT = 8192;

const ENTITIES = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&#x27;', "'"],
  ['&nbsp;', ' '],
  ['&amp;', '&'],
]);

/**
 * What a server says.
 *
 * @param body of an answer that is an error
 * @returns one line for people, empty when there is nothing in it
 */
export function serverText(body: string): string {
  const text = messageIn(body) ?? body.slice(0, LOOKED_AT);
  const line = withoutTags(text.slice(0, LOOKED_AT)).replace(/\s+/g, ' ').trim();
  return shortened(line);
}

/** As much of a line as is shown, made printable first: what is no text at all would be four times as long after. */
function shortened(line: string): string {
  let shown = '';
  let length = 0;
  // By characters, not by their halves.
  for (const character of line) {
    const text = printable(character);
    length += text === character ? 1 : text.length;
    if (length > MAX_CHARACTERS) return `${shown}…`;
    shown += text;
  }
  return shown;
}

function messageIn(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const inner = objectIn(value, 'error') ?? value;
  // A JSON object without a sentence is for programs.
  // The last two are OAuth's.
  const names = ['message', 'title', 'error_description', 'error'];
  return names.map((name) => stringIn(inner, name)).find((text) => text !== undefined) ?? '';
}

function withoutTags(text: string): string {
  const head = text.search(/<\/head>/i);
  const body = head < 0 ? text : text.slice(head);
  // Glance wraps sentences that have a "<" of their own as entities, so tags go first.
  return body
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(?:lt|gt|quot|#39|#x27|nbsp|amp);/g, (entity) => ENTITIES.get(entity) ?? entity);
}
