/**
 * A cache in front of a Ceph store, from which Nova and Cinder clone images without any download.
 */
import type { Option } from '../../../settings/option.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { describeOrigin, type Settings } from '../../../settings/resolve.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { GLANCE_API_OPTIONS } from './glance-api-options.ts';
import type { Configuration } from './read-configuration.ts';
import { usableValue } from './usable-value.ts';

/** What there is to say where images lie in Ceph. */
export function findRbdStore({ settings, glanceApi }: Configuration): readonly CheckFinding[] {
  const view = glanceApi?.settings ?? settings;
  const store = rbdIn(view);
  if (store === undefined) return [];
  const telling = [GLANCE_API_OPTIONS.showImageDirectUrl, GLANCE_API_OPTIONS.showMultipleLocations].find(
    (option) => usableValue(view, option) === true,
  );
  const only =
    'Only what is downloaded through glance-api uses the cache: Nova without Ceph disks, images that are not raw, and users';
  if (telling === undefined) {
    return [
      makeFinding({
        check: 'rbd-store',
        severity: 'note',
        message: `Images lie in Ceph (${store}), and their locations are not shown`,
        reason: `Nova and Cinder download each image so, though they could clone it in Ceph if show_image_direct_url were true; the cache would waste its disk then. ${only}`,
      }),
    ];
  }
  return [
    makeFinding({
      check: 'rbd-store',
      severity: 'warning',
      message: `Images lie in Ceph (${store}), and ${telling.name} is true (${describeOrigin(view.origin(telling))})`,
      reason: `Nova and Cinder clone raw images within Ceph then, copy on write, and never download them: what the cache has of those wastes its disk. ${only}. If nobody does, take caching out of the pipeline`,
      command: 'glance-cache-manage list-cached --sort-column hits',
    }),
  ];
}

/** Where a setting says that a store is one of Ceph; undefined where none does. */
function rbdIn(settings: Settings): string | undefined {
  const backends = usableValue(settings, OPTIONS.enabledBackends);
  const from = (option: Option<unknown>): string => `${option.name}, ${describeOrigin(settings.origin(option))}`;
  if (backends !== undefined && backends.size > 0) {
    const names = [...backends].filter(([, type]) => type === 'rbd').map(([name]) => name);
    return names.length === 0 ? undefined : `${names.join(', ')} in ${from(OPTIONS.enabledBackends)}`;
  }
  if (usableValue(settings, OPTIONS.defaultStore) === 'rbd') return from(OPTIONS.defaultStore);
  const stores = usableValue(settings, OPTIONS.stores) ?? [];
  return stores.some((store) => store === 'rbd' || store.endsWith('.rbd.Store')) ? from(OPTIONS.stores) : undefined;
}
