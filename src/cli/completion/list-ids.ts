import { isImageId } from '../../cache/image-id.ts';
import type { CacheLayout } from '../../cache/layout.ts';
import { listFolder } from '../../cache/list-folder.ts';
import { unlessAbsent } from '../../errors/errno.ts';
import { type ImageSource, SOURCE_FOLDERS } from '../image-source.ts';

/** The IDs of the images that lie in a place, a line for each; an empty text where there is no such folder. */
export function listIds(layout: CacheLayout, source: ImageSource | undefined): string {
  if (source === undefined) return '';
  const names: string[] = [];
  unlessAbsent(() => {
    for (const entry of listFolder(SOURCE_FOLDERS[source](layout))) {
      if (isImageId(entry.name) && entry.isFile()) names.push(`${entry.name}\n`);
    }
  });
  return names.sort().join('');
}
