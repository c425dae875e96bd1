/**
 * A cloud by its name, out of clouds.yaml: with the secrets of secure.yaml over it, a profile of clouds-public.yaml below
 * it, and the settings of one region. The rules are those of openstacksdk.
 */

import { ConfigError } from '../../errors/cache-error.ts';
import { shellWord, THIS_COMMAND } from '../../errors/next-step.ts';
import { quoteValue } from '../../settings/quote-value.ts';
import { printable } from '../../text/printable.ts';
import type { YamlMap, YamlValue } from '../read-yaml.ts';
import type { CredentialSource } from '../source.ts';
import { chooseRegion } from './choose-region.ts';
import { type CloudTitle, cloudError } from './cloud-error.ts';
import { cloudSource } from './cloud-source.ts';
import { type CloudsFileKind, type CloudsRequest, type FoundFile, findFile } from './find-files.ts';
import { isMap, mergeCloud, mergeDeep, withUnderscores } from './merge.ts';

/** Which cloud, and where it is looked for. */
export interface CloudRequest extends CloudsRequest {
  readonly cloud: string;
  /** The region wanted, where one is. */
  readonly regionName: string | undefined;
}

/**
 * The cloud as a source of credentials.
 *
 * @throws ConfigError CONFIG_CLOUDS for a cloud or region that there is not, and for a file that cannot be understood
 */
export async function readCloud(request: CloudRequest): Promise<CredentialSource> {
  const { parseYaml } = await import('../read-yaml.ts');
  const read = (kind: CloudsFileKind, section: string): CloudsFile =>
    openFile(findFile(kind, request), section, parseYaml);
  const files = [read('clouds', 'clouds'), read('secure', 'clouds')] as const;
  const holders = files.filter(({ entries }) => entries.has(request.cloud));
  const path = holders[0]?.found.path;
  if (path === undefined) throw unknownCloud(request.cloud, files);
  const cloud = { title: `cloud ${quoteValue(request.cloud)} in ${printable(path)}`, file: path };
  const own = holders.map(({ entries }) => settingsIn(cloud, entries.get(request.cloud))).reduce(mergeDeep);
  const profile = readProfile(cloud, own, () => read('clouds-public', 'public-clouds'));
  const region = chooseRegion([own, profile.settings], request.regionName, cloud);
  const merged = mergeCloud(mergeCloud(profile.settings, own), region?.values ?? new Map());
  const source = cloudSource(cloud, region === undefined ? merged : new Map([...merged, ['region_name', region.name]]));
  const passedOver = files.flatMap(({ found }) => found.unreadable.map((file) => `Cannot read ${file}`));
  const remarks = [...profile.warnings, ...passedOver];
  return {
    ...source,
    isNamed: true,
    ...(remarks[0] === undefined ? {} : { remark: remarks[0] }),
    warnings: [...profile.warnings, ...files.flatMap(absence)],
    notes: [...source.notes, ...passedOver],
  };
}

/** A file that was read. */
interface CloudsFile {
  readonly found: FoundFile;
  /** What its one section has. */
  readonly entries: YamlMap;
}

function openFile(found: FoundFile, section: string, parse: (path: string, text: string) => YamlValue): CloudsFile {
  const { path, text } = found;
  const root = path === undefined ? null : parse(path, text);
  const entries = isMap(root) ? (root.get(section) ?? null) : root;
  if (isMap(entries)) return { found, entries };
  if (entries === null) return { found, entries: new Map() };
  throw new ConfigError('CONFIG_CLOUDS', `Cannot use ${printable(path ?? '')}: it is not a mapping of clouds`, {
    hint: `Begin it with "${section}:", and indent the names of the clouds below`,
    details: { file: path },
  });
}

function settingsIn(cloud: CloudTitle, value: YamlValue | undefined): YamlMap {
  if (isMap(value)) return withUnderscores(value);
  if (value === null || value === undefined) return new Map();
  throw cloudError(cloud, { problem: 'it is not a mapping', hint: 'Indent the settings of the cloud below its name' });
}

interface Profile {
  readonly settings: YamlMap;
  readonly warnings: readonly string[];
}

/** `cloud` is what `profile` was called once. Where it is not known, the rest of the cloud may do. */
function readProfile(cloud: CloudTitle, own: YamlMap, readPublic: () => CloudsFile): Profile {
  const name = own.get('profile') ?? own.get('cloud');
  if (typeof name !== 'string' || name === '') return { settings: new Map(), warnings: [] };
  const { entries } = readPublic();
  if (entries.has(name)) return { settings: settingsIn(cloud, entries.get(name)), warnings: [] };
  const warning = `The profile ${quoteValue(name)} of ${cloud.title} is in no clouds-public.yaml; those that come with openstacksdk, and those at a URL, are not supported: write their auth_url into the cloud`;
  return { settings: new Map(), warnings: [warning] };
}

function absence({ found }: CloudsFile): readonly string[] {
  const { absent, path } = found;
  if (absent === undefined) return [];
  return [
    `There is no file ${absent}; ${path === undefined ? 'there is no other' : `${printable(path)} is read instead`}`,
  ];
}

function useCloud(cloud: string): string {
  return `to use it: ${THIS_COMMAND} --os-cloud ${shellWord(cloud)}`;
}

function unknownCloud(name: string, files: readonly CloudsFile[]): ConfigError {
  const paths = files.flatMap(({ found }) => found.path ?? []);
  const clouds = [...new Set(files.flatMap(({ entries }) => [...entries.keys()]))];
  const problems = files.flatMap(({ found }) => [
    ...(found.absent === undefined ? [] : [`there is no file ${found.absent}`]),
    ...found.unreadable.map((file) => `cannot read ${file}`),
  ]);
  const details = { cloud: name, files: paths, clouds };
  const what = `Cannot find cloud ${quoteValue(name)}`;
  if (paths.length > 0) {
    const others = clouds.length === 0 ? 'no clouds' : clouds.map((cloud) => quoteValue(cloud)).join(', ');
    return new ConfigError('CONFIG_CLOUDS', `${what}: it is not in ${paths.map(printable).join(' or ')}`, {
      hint: [`There is ${others}`, ...problems, ...clouds.slice(0, 1).map(useCloud)].join('; '),
      details,
    });
  }
  const state = problems.length === 0 ? 'there is no clouds.yaml' : problems.join(', ');
  return new ConfigError('CONFIG_CLOUDS', `${what}: ${state}`, {
    hint: 'Put clouds.yaml into /etc/openstack, readable by the user who runs the program, or name it: export OS_CLIENT_CONFIG_FILE=~/clouds.yaml',
    details,
  });
}
