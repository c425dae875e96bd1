/**
 * Finds the paste file as glance-api does, and reads it.
 * https://github.com/openstack/glance/blob/master/glance/common/config.py
 */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { readRegularFile } from '../../../settings/read-sources.ts';
import { type ConfigSource, type SearchRequest, searchedFolders } from '../../../settings/search.ts';
import type { FileView } from '../file-view.ts';
import { GLANCE_API_OPTIONS } from './glance-api-options.ts';
import { usableValue } from './usable-value.ts';

/** The paste file, or why there is none. */
export type PasteSource =
  | {
      readonly kind: 'read';
      readonly path: string;
      readonly text: string;
      /** glance-api takes it from the folder it is started in, which nobody knows here. */
      readonly isRelative: boolean;
    }
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string }
  /** `isNamed`: somebody has named it, and it is not there. */
  | { readonly kind: 'missing'; readonly name: string; readonly folders: readonly string[]; readonly isNamed: boolean }
  /** No file of glance-api's is known. */
  | { readonly kind: 'unknown' };

/** Looks for the paste file of a glance-api. */
export function findPasteFile(
  request: SearchRequest,
  glanceApi: FileView | undefined,
  sources: readonly ConfigSource[],
): PasteSource {
  if (glanceApi === undefined) return { kind: 'unknown' };
  const named = usableValue(glanceApi.settings, GLANCE_API_OPTIONS.pasteFile) ?? '';
  if (isAbsolute(named)) return readPaste(named, false) ?? { kind: 'missing', name: named, folders: [], isNamed: true };
  const folders = foldersOf(request, sources);
  const isNamed = named !== '';
  const name = isNamed ? named : defaultName(sources);
  const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
  const found = path === undefined ? undefined : readPaste(path, isNamed);
  return found ?? { kind: 'missing', name, folders, isNamed };
}

/** That of the last configuration file, with another ending. */
function defaultName(sources: readonly ConfigSource[]): string {
  const last = sources.findLast(({ kind }) => kind === 'file')?.path ?? 'glance-api.conf';
  return basename(last.replaceAll('.conf', '-paste.ini'));
}

function foldersOf(request: SearchRequest, sources: readonly ConfigSource[]): readonly string[] {
  const folders = sources.filter(({ kind }) => kind === 'dir').map(({ path }) => path);
  const ofFiles = sources.filter(({ kind }) => kind === 'file').map(({ path }) => dirname(path));
  return [...new Set([...folders, ...ofFiles.toReversed(), ...searchedFolders(request)])];
}

function readPaste(path: string, isRelative: boolean): PasteSource | undefined {
  const outcome = readRegularFile(path);
  switch (outcome.kind) {
    case 'bytes':
      return { kind: 'read', path, isRelative, text: new TextDecoder().decode(outcome.bytes) };
    case 'unreadable':
      return { kind: 'unreadable', path, reason: outcome.reason };
    case 'missing':
      return undefined;
  }
}
