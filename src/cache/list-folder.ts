/**
 * The entries of a folder. Names on Linux are bytes: those that are no UTF-8 are spelled so that no two of them look alike.
 */
import { type Dir, type Dirent, opendirSync } from 'node:fs';
import { keepHeapLean } from './lean-heap.ts';

/** An entry, of the kind that it was when the folder was read; links are not followed. */
export interface FolderEntry extends Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'> {
  /** A byte that is no UTF-8 is the lone surrogate U+DC80 to U+DCFF, as Python's `os.fsdecode` has it. */
  readonly name: string;
}

// What Node puts in place of such bytes.
const REPLACEMENT = '\ufffd';

/** How many entries are read at once: fewer take longer, and more do not take less. */
const ENTRIES_AT_ONCE = 1024;

/**
 * The entries one by one, as they are asked for: a list of all of them would be as large as what is made of it.
 *
 * @throws the system's error, ENOENT too, at the first entry
 */
export function* listFolder(path: string): Iterable<FolderEntry> {
  let hasStrange = false;
  for (const entry of readEntries(() => opendirSync(path, { bufferSize: ENTRIES_AT_ONCE }))) {
    if (entry.name.includes(REPLACEMENT)) hasStrange = true;
    else yield entry;
  }
  if (!hasStrange) return;
  // Node's types do not know of names as bytes here.
  const encoding = 'buffer' as BufferEncoding;
  for (const entry of readEntries(() => opendirSync(path, { bufferSize: ENTRIES_AT_ONCE, encoding }))) {
    const bytes: unknown = entry.name;
    if (!Buffer.isBuffer(bytes) || !bytes.toString().includes(REPLACEMENT)) continue;
    yield {
      name: decodeName(bytes),
      isFile: () => entry.isFile(),
      isDirectory: () => entry.isDirectory(),
      isSymbolicLink: () => entry.isSymbolicLink(),
    };
  }
}

function* readEntries(open: () => Dir): Iterable<Dirent> {
  const folder = open();
  try {
    let count = 0;
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      keepHeapLean(++count);
      yield entry;
    }
  } finally {
    folder.closeSync();
  }
}

/** A name as text; see {@link FolderEntry.name}. */
export function decodeName(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    text += character ?? String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += character === undefined ? 1 : Buffer.byteLength(character);
  }
  return text;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The character that begins at a byte; undefined where none does. */
function characterAt(bytes: Uint8Array, at: number): string | undefined {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    return UTF8.decode(bytes.subarray(at, at + length));
  } catch {
    return undefined;
  }
}
