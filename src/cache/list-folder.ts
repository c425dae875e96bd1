/**
 * The entries of a folder. Names on Linux are bytes: those that are no UTF-8 are spelled so that no two of them look alike.
 */
import { type Dirent, readdirSync } from 'node:fs';

/** An entry, of the kind that it was when the folder was read; links are not followed. */
export interface FolderEntry extends Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'> {
  /** A byte that is no UTF-8 is the lone surrogate U+DC80 to U+DCFF, as Python's `os.fsdecode` has it. */
  readonly name: string;
}

// What Node puts in place of such bytes.
const REPLACEMENT = '\ufffd';

/** @throws the system's error, ENOENT too */
export function listFolder(path: string): readonly FolderEntry[] {
  const entries = readdirSync(path, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes(REPLACEMENT))) return entries;
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: decodeName(entry.name),
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isSymbolicLink: () => entry.isSymbolicLink(),
  }));
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
