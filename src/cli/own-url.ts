import { OPTIONS } from '../settings/options.ts';
import type { Settings } from '../settings/resolve.ts';

/** The URL by which Glance's database knows this node; undefined where it has none. Empty is unset, as for glance-api. */
export function ownUrlOf(settings: Settings): string | undefined {
  const url = settings.get(OPTIONS.workerSelfReferenceUrl);
  return url === '' ? undefined : url;
}
