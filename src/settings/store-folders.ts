import { OPTIONS } from './options.ts';
import type { Settings } from './resolve.ts';

/** A directory of a file store, as `filesystem_store_datadirs` has it: `PATH[:PRIORITY]`. */
interface Folder {
  readonly path: string;
  readonly priority: number;
}

/** Where a store's section says nothing this one does, from glance_store 5.0 on; before, nobody has it. */
const BACKEND_DEFAULTS = 'backend_defaults';

/**
 * The directories in which this Glance keeps images as files: of its one store, or of every store of type `file` in
 * `enabled_backends`. Within a store those of higher priority come first
 * (https://docs.openstack.org/glance/latest/configuration/configuring.html).
 *
 * @throws ConfigError CONFIG_VALUE
 */
export function storeFolders(settings: Settings): readonly string[] {
  const backends = settings.get(OPTIONS.enabledBackends);
  // To Glance an empty list is none.
  if (backends === undefined || backends.size === 0) return foldersOf(settings, OPTIONS.filesystemStoreDatadir.group);
  const groups = Array.from(backends)
    .filter(([, driver]) => driver === 'file' || driver === 'filesystem')
    .map(([group]) => group);
  return [...new Set(groups.flatMap((group) => foldersOf(settings, group, BACKEND_DEFAULTS)))];
}

function foldersOf(settings: Settings, group: string, fallback = group): readonly string[] {
  const several = [group, fallback]
    .map((section) => settings.getAll({ ...OPTIONS.filesystemStoreDatadirs, group: section }).map(parseFolder))
    .find((folders) => folders.length > 0);
  const paths =
    several === undefined
      ? [settings.get({ ...OPTIONS.filesystemStoreDatadir, group: isSet(settings, group) ? group : fallback })]
      : several.toSorted((a, b) => b.priority - a.priority).map(({ path }) => path);
  return paths.filter((path) => path !== '');
}

function isSet(settings: Settings, group: string): boolean {
  return settings.origin({ ...OPTIONS.filesystemStoreDatadir, group }).kind !== 'default';
}

/** A path may have colons in it; the priority is what follows the last one, and may be missing. */
function parseFolder(text: string): Folder {
  const match = /^(.*):\s*([+-]?\d+)?\s*$/s.exec(text);
  return { path: (match?.[1] ?? text).trim(), priority: Number(match?.[2] ?? 0) };
}
