import { expect } from 'vitest';
import { parseConfFile } from '../../../src/settings/conf-file.ts';
import { KEYSTONE_OPTIONS } from '../../../src/settings/options/keystone.ts';
import { ALL_OPTIONS } from '../../../src/settings/options.ts';
import { resolveSettings, type Settings } from '../../../src/settings/resolve.ts';

/** keystoneauth's options may stand in our own section as well. */
const PLACES: ReadonlySet<string> = new Set([
  ...ALL_OPTIONS.map(({ group, name }) => `${group}.${name}`),
  ...KEYSTONE_OPTIONS.map(({ name }) => `cache_tools.${name}`),
]);

/**
 * The settings of a configuration that a document shows. Expects that it sets nothing that there is not, and nothing to
 * a value that cannot be used.
 */
export function shownSettings(document: string, text: string): Settings {
  const file = parseConfFile(document, Buffer.from(text));
  expect(file.assignments.length).toBeGreaterThan(0);
  expect(file.assignments.filter(({ section, key }) => !PLACES.has(`${section}.${key}`))).toEqual([]);
  const settings = resolveSettings({ files: [file], env: {}, flags: [] }, ALL_OPTIONS);
  expect(settings.effective().filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(settings.warnings).toEqual([]);
  return settings;
}
