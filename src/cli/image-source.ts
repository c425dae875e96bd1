/**
 * Where the images lie whose IDs the completion of a shell offers for an operand or the value of a flag.
 */
import type { CacheLayout } from '../cache/layout.ts';

/** Images by the place that they lie in. */
export type ImageSource = 'cached' | 'queued' | 'incomplete' | 'invalid' | 'pinned';

/** All sources, each with its folder. */
export const SOURCE_FOLDERS: Readonly<Record<ImageSource, (layout: CacheLayout) => string>> = {
  cached: ({ areas }) => areas.cached,
  queued: ({ areas }) => areas.queue,
  incomplete: ({ areas }) => areas.incomplete,
  invalid: ({ areas }) => areas.invalid,
  pinned: ({ pinned }) => pinned,
};

/** The source of that name. */
export function imageSourceOf(name: string): ImageSource | undefined {
  return (Object.keys(SOURCE_FOLDERS) as ImageSource[]).find((source) => source === name);
}
