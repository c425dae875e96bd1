/**
 * From the settings of one cloud to a source of credentials.
 */
import { AUTH_OPTIONS } from '../../settings/options/keystone.ts';
import { quoteValue } from '../../settings/quote-value.ts';
import { ONLY_IN_AUTH, openstackKeys, presentKey, readOpenstackKeys } from '../openstack-keys.ts';
import type { YamlMap, YamlValue } from '../read-yaml.ts';
import { type CredentialSource, type GivenValue, givenValue, type OptionKey } from '../source.ts';
import { isList } from './choose-region.ts';
import { type CloudTitle, cloudError } from './cloud-error.ts';
import { FormatFault, formatText } from './format-text.ts';
import { isMap } from './merge.ts';

const AUTH_NAMES: ReadonlySet<OptionKey> = new Set(AUTH_OPTIONS.map(({ name }) => name));
const SECRET_NAMES: ReadonlySet<string> = new Set(
  AUTH_OPTIONS.flatMap(({ name, aliases = [], secret }) => (secret === true ? [name, ...aliases] : [])),
);

/** What a cloud says, once profile and region are in it. */
export function cloudSource(
  cloud: CloudTitle,
  config: YamlMap,
): Pick<CredentialSource, 'name' | 'given' | 'spell' | 'notes'> {
  const auth = authOf(cloud, config);
  return {
    name: cloud.title,
    given: readOpenstackKeys((key, option) => lookUp({ cloud, config, auth }, key, option)),
    spell: (option) => (AUTH_NAMES.has(option) ? `auth.${presentKey(option)}` : presentKey(option)),
    notes: unknownKeys(auth).map(
      // openstacksdk would fail over it.
      (key) => `auth.${quoteValue(key)} of ${cloud.title} is ignored: no way to log in that this version knows has it`,
    ),
  };
}

interface Parts {
  readonly cloud: CloudTitle;
  readonly config: YamlMap;
  readonly auth: YamlMap;
}

function authOf(cloud: CloudTitle, config: YamlMap): YamlMap {
  const auth = config.get('auth') ?? null;
  if (isMap(auth)) return auth;
  if (auth === null) return new Map();
  throw cloudError(cloud, { problem: 'its "auth" is not a mapping', hint: 'Indent the options of "auth" below it' });
}

/** An option of the login may stand beside `auth` too. */
function lookUp({ cloud, config, auth }: Parts, key: string, option: OptionKey): GivenValue | undefined {
  const isLogin = AUTH_NAMES.has(option);
  const inside = isLogin ? textOf(cloud, `auth.${key}`, auth.get(key)) : undefined;
  const text = inside ?? (ONLY_IN_AUTH.has(key) ? undefined : textOf(cloud, key, config.get(key)));
  const origin = `${inside === undefined ? key : `auth.${key}`} of ${cloud.title}`;
  const place = { file: cloud.file, line: undefined };
  // Passwords and the like may have braces in them, and are left alone.
  if (text === undefined || (isLogin && option !== 'auth_url')) return givenValue(text, origin, place);
  try {
    return givenValue(
      formatText(text, (name) => referenced(config, name)),
      origin,
      place,
    );
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    throw cloudError(cloud, {
      problem: `its ${key} ${error.message}`,
      hint: 'Write {{ and }} for braces; {region_name} and the like stand for other settings of the cloud',
    });
  }
}

/** A URL with a password in it would end up in messages. */
function referenced(config: YamlMap, name: string): string | undefined {
  const value = SECRET_NAMES.has(name) ? undefined : config.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** A list stands for its items with commas between them, as in `interface`. */
function textOf(cloud: CloudTitle, key: string, value: YamlValue | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  if (isList(value)) {
    const texts = value.filter((item) => typeof item === 'string');
    if (texts.length === value.length) return texts.join(',');
  }
  throw cloudError(cloud, { problem: `its ${key} is not a text`, hint: `Write one value behind "${key}:"` });
}

function unknownKeys(auth: YamlMap): readonly string[] {
  const known = new Set<string>();
  for (const [option, keys] of openstackKeys()) if (AUTH_NAMES.has(option)) for (const key of keys) known.add(key);
  return [...auth.keys()].filter((key) => !known.has(key));
}
