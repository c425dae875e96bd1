/**
 * What runs on the node, as far as procfs tells.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError, unlessAbsent } from '../../../../errors/errno.ts';
import { readText } from './read-text.ts';

/** A process. */
export interface Process {
  readonly pid: number;
  /** The words it was started with, or what it calls itself in their place. */
  readonly words: readonly string[];
  /** Whose rights it has, effective ones. */
  readonly uid: number;
  readonly gids: readonly number[];
}

/** The processes that can be seen. Without procfs that is none. */
export function processesOf(root: string): readonly Process[] {
  const proc = join(root, 'proc');
  const names = unlessAbsent(() => readdirSync(proc)) ?? [];
  return names.filter((name) => /^\d+$/.test(name)).flatMap((name) => lookAt(join(proc, name), Number(name)));
}

/** A process may end, or be nobody's business, while it is looked at. */
function lookAt(folder: string, pid: number): readonly Process[] {
  try {
    const words = (readText(join(folder, 'cmdline'), 64 * 1024) ?? '').split('\0').filter((word) => word !== '');
    if (words.length === 0) return [];
    const status = readText(join(folder, 'status'), 16 * 1024) ?? '';
    const numbers = (field: string): readonly number[] => {
      const [, text = ''] = new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status) ?? [];
      return text.split(/\s+/).filter(Boolean).map(Number);
    };
    const [, uid] = numbers('Uid');
    const [, gid] = numbers('Gid');
    if (uid === undefined || gid === undefined) return [];
    return [{ pid, words, uid, gids: [...new Set([gid, ...numbers('Groups')])] }];
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}
