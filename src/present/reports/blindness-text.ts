import type { Blindness } from '../../cache/open-files.ts';

const TEXTS: Readonly<Record<Blindness, string>> = {
  'not-root': 'Only root sees the files of all processes: whether others hold a file open is unknown',
  'pid-namespace': 'Processes outside this container cannot be seen: whether they hold a file open is unknown',
  denied: 'Some processes may not be looked at, even by root: whether they hold a file open is unknown',
};

/** Why it is not known which files are held open, in words. */
export function blindnessText(blindness: Blindness): string {
  return TEXTS[blindness];
}
