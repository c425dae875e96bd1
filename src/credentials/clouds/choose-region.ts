/**
 * The regions of a cloud, each with settings of its own.
 */
import { shellWord, THIS_COMMAND } from '../../errors/next-step.ts';
import { quoteValue } from '../../settings/quote-value.ts';
import type { YamlMap, YamlValue } from '../read-yaml.ts';
import { type CloudTitle, cloudError } from './cloud-error.ts';
import { isMap } from './merge.ts';

/** One region. */
export interface Region {
  readonly name: string;
  /** What goes over the settings of the cloud. */
  readonly values: YamlMap;
}

/**
 * The region that is wanted, else the first one.
 *
 * @param layers the cloud, and below it its profile: the first of them that tells of regions counts
 * @param wanted compared letter by letter
 * @returns undefined where the cloud tells of no regions and none is wanted
 * @throws ConfigError CONFIG_CLOUDS for a region that the cloud does not have
 */
export function chooseRegion(
  layers: readonly YamlMap[],
  wanted: string | undefined,
  cloud: CloudTitle,
): Region | undefined {
  const regions = layers.map((layer) => regionsOf(layer, cloud)).find((known) => known.length > 0) ?? [];
  if (regions.length === 0) return wanted === undefined ? undefined : { name: wanted, values: new Map() };
  if (wanted === undefined) return regions[0];
  const region = regions.find(({ name }) => name === wanted);
  if (region !== undefined) return region;
  throw cloudError(cloud, {
    problem: `it has no region ${quoteValue(wanted)}`,
    hint: `It has ${regions.map(({ name }) => quoteValue(name)).join(', ')}; case counts, as in: ${THIS_COMMAND} --os-region-name ${shellWord(regions[0]?.name ?? '')}`,
  });
}

/** A list in `regions`, or in `region_name` one region or, as it was once written, several with commas. */
function regionsOf(layer: YamlMap, cloud: CloudTitle): readonly Region[] {
  const listed = layer.get('regions');
  if (isList(listed)) return listed.map((region) => parseRegion(region, cloud));
  const names = layer.get('region_name');
  const texts = isList(names) ? names : typeof names === 'string' ? names.split(',') : [];
  return texts.flatMap((text) => (typeof text === 'string' && text !== '' ? [{ name: text, values: new Map() }] : []));
}

function parseRegion(region: YamlValue, cloud: CloudTitle): Region {
  if (typeof region === 'string') return { name: region, values: new Map() };
  const name = isMap(region) ? region.get('name') : undefined;
  const values = isMap(region) ? region.get('values') : undefined;
  if (typeof name === 'string') return { name, values: isMap(values) ? values : new Map() };
  throw cloudError(cloud, {
    problem: 'a region in it has no name',
    hint: 'Write each region as its name, or as a mapping with "name" and "values"',
  });
}

/** Whether a value is a list. */
export function isList(value: YamlValue | undefined): value is readonly YamlValue[] {
  return Array.isArray(value);
}
