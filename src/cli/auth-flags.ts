/**
 * Flags that say who logs in to Keystone, and how: one for each of keystoneauth's options, and some for the connection.
 * The stock tools have a few of them in `glance-cache-manage`, under spellings of their own, and none elsewhere.
 */
import { AUTH_TYPE_NAMES, typeNamed } from '../credentials/auth-types.ts';
import type { GivenOptions, GivenValue, OptionKey } from '../credentials/source.ts';
import { AUTH_OPTIONS } from '../settings/options/keystone.ts';
import { choice } from '../settings/types/choice.ts';
import { string, usually } from '../settings/types/string.ts';
import { type Flag, flagName, type SwitchFlag, type ValueFlag } from './flag.ts';
import type { ParsedArguments } from './parsed-arguments.ts';
import type { FlagGroup } from './program.ts';

/** The flags that were given, as the credentials are resolved from them. */
export interface GivenAuthFlags {
  readonly flags: GivenOptions;
  /** The value of `--os-cloud`. */
  readonly cloud: string | undefined;
}

/** One flag with the option it sets. */
interface AuthFlag {
  readonly key: OptionKey;
  readonly flag: Flag;
}

const CLOUD: ValueFlag<string> = {
  names: ['--os-cloud'],
  beyondStock: true,
  metavar: 'CLOUD',
  type: string,
  help: 'Cloud of clouds.yaml to use.',
};

/** The token of the login outlives the run. */
export const TOKEN_CACHE: SwitchFlag = {
  names: ['--os-token-cache'],
  beyondStock: true,
  help: 'Keep the token in ~/.cache until it expires, for the next runs.',
};

/** Others than those of the ways to log in. */
const CONNECTION: readonly AuthFlag[] = [
  value('region_name', 'Region whose Glance is asked.'),
  value('interface', 'Interface of Glance to use: public, internal or admin.', {
    hidden: ['--os-endpoint-type'],
    words: ['public', 'internal', 'admin'],
  }),
  {
    key: 'endpoint_override',
    flag: {
      names: ['--os-image-endpoint-override'],
      hidden: ['--os-endpoint-override'],
      beyondStock: true,
      metavar: 'URL',
      type: string,
      help: 'URL of Glance, whatever the catalog says.',
    },
  },
  value('cacert', 'Certificates of the authorities to trust, a file in PEM.'),
  value('cert', 'Certificate to identify with, a file in PEM.'),
  value('key', 'Key of that certificate, a file in PEM.'),
  {
    key: 'insecure',
    flag: { names: ['--insecure'], beyondStock: true, help: 'Accept any certificate of a server.' },
  },
];

/** The flags of a program that the stock tools give none. */
const OWN: readonly AuthFlag[] = [
  value('auth_type', 'Way to log in, such as password or v3applicationcredential.', {
    hidden: ['--os-auth-plugin'],
    // Without the aliases, and those of version 2.
    words: AUTH_TYPE_NAMES.filter((name) => typeNamed(name)?.name === name),
  }),
  ...AUTH_OPTIONS.map(({ name, aliases = [], hasUnderscores = false, help, words }) => {
    const irregular = hasUnderscores ? [`--os-${name}`] : [];
    return value(name, help, { hidden: [...irregular, ...aliases.map(spelling)], words });
  }),
  ...CONNECTION,
];

/** What else there is to a flag. */
interface Traits {
  readonly hidden?: readonly string[];
  /** What its value usually is. */
  readonly words?: readonly string[] | undefined;
}

function value(key: OptionKey, help: string, { hidden = [], words }: Traits = {}): AuthFlag {
  const type = words === undefined ? string : usually(words);
  return { key, flag: { names: [spelling(key)], hidden, beyondStock: true, metavar: metavarOf(key), type, help } };
}

/** The last word; it is for people, and shells complete a path where it is that of one. */
function metavarOf(key: OptionKey): string {
  if (key === 'idp_otp_key') return 'FIELD';
  return key.endsWith('endpoint') ? 'URL' : (key.split('_').at(-1) ?? key).toUpperCase();
}

function spelling(key: string): string {
  return `--os-${key.replaceAll('_', '-')}`;
}

/** How the stock `glance-cache-manage` has a flag: the spelling of its help, those it hides, and what it says. */
type StockSpelling = readonly [shown: string, hidden: readonly string[], help: string];

const STOCK: ReadonlyMap<OptionKey, StockSpelling> = new Map<OptionKey, StockSpelling>([
  ['token', ['--os-auth-token', ['-A', '--os_auth_token', '--auth_token'], 'Token to use instead of logging in.']],
  ['username', ['--os-username', ['-I', '--os_username'], 'User to log in as.']],
  ['password', ['--os-password', ['-K', '--os_password'], 'Password of that user.']],
  ['region_name', ['--os-region-name', ['-R', '--os_region_name'], 'Region whose endpoint to use.']],
  ['project_id', ['--os-project-id', ['--os_project_id', '--os_tenant_id'], 'Project to log in to, by ID.']],
  [
    'project_name',
    ['--os-project-name', ['-T', '--os_project_name', '--os_tenant_name'], 'Project to log in to, by name.'],
  ],
  ['user_domain_id', ['--os-user-domain-id', [], 'Domain of the user.']],
  ['project_domain_id', ['--os-project-domain-id', [], 'Domain of the project.']],
  ['domain_id', ['--os-domain-id', [], 'Domain of user and project.']],
  ['auth_url', ['--os-auth-url', ['-N', '--os_auth_url'], 'URL of Keystone.']],
]);

function stockFlag(key: OptionKey, [shown, spellings, help]: StockSpelling): AuthFlag {
  const own = OWN.find((candidate) => candidate.key === key)?.flag;
  const others = [...(own?.names ?? []), ...(own?.hidden ?? [])].filter((name) => name !== shown);
  const metavar = shown.slice('--'.length).toUpperCase().replaceAll('-', '_');
  return { key, flag: { names: [shown], hidden: [...spellings, ...others], metavar, type: string, help } };
}

const STOCK_FLAGS: readonly AuthFlag[] = [
  {
    key: 'insecure',
    flag: { names: ['-k', '--insecure'], help: 'Do not verify the TLS certificate of that glance-api.' },
  },
  ...Array.from(STOCK, ([key, stock]) => stockFlag(key, stock)),
  {
    key: 'auth_strategy',
    flag: {
      names: ['-S', '--os_auth_strategy'],
      metavar: 'STRATEGY',
      type: choice(['keystone', 'noauth'], { ignoreCase: true }),
      help: 'How to log in: keystone or noauth.',
    },
  },
];

/** What most logins take. */
const USUAL: readonly OptionKey[] = [
  'auth_type',
  'auth_url',
  'username',
  'password',
  'user_domain_name',
  'project_name',
  'project_domain_name',
  'application_credential_id',
  'application_credential_secret',
  'token',
  'region_name',
  'interface',
  'cacert',
];

const OF_PROVIDER: ReadonlySet<OptionKey> = new Set(
  AUTH_OPTIONS.flatMap(({ name, isOfProvider }) => (isOfProvider === true ? [name] : [])),
);

/** The usual ones first. */
function forKeystone(flags: readonly AuthFlag[]): readonly Flag[] {
  const usual = USUAL.flatMap((key) => flags.filter((flag) => flag.key === key));
  const others = flags.filter(({ key }) => !USUAL.includes(key) && !OF_PROVIDER.has(key));
  return [...usual, ...others].map(({ flag }) => flag);
}

/** The flags for a program of which the stock one has none. */
export const AUTH_FLAGS: FlagGroup = {
  heading: 'Authentication options:',
  flags: [CLOUD, ...forKeystone(OWN), TOKEN_CACHE],
  options: [],
};

/** The flags for `glance-cache-manage`: those of the stock one in its spellings, and the others. */
export const MANAGE_AUTH_FLAGS: FlagGroup = {
  heading: AUTH_FLAGS.heading,
  flags: [
    ...STOCK_FLAGS.map(({ flag }) => flag),
    CLOUD,
    ...forKeystone(OWN.filter(({ key }) => !STOCK_FLAGS.some((stock) => stock.key === key))),
    TOKEN_CACHE,
  ],
  options: [],
};

/** The flags for logins through an identity provider, for every program that logs in. */
export const PROVIDER_FLAGS: FlagGroup = {
  heading: 'Identity provider options:',
  flags: OWN.filter(({ key }) => OF_PROVIDER.has(key)).map(({ flag }) => flag),
  options: [],
};

/**
 * What the flags of a program say; it has those of {@link AUTH_FLAGS} or {@link MANAGE_AUTH_FLAGS},
 * and {@link PROVIDER_FLAGS}.
 */
export function authFlagsGiven(args: ParsedArguments): GivenAuthFlags {
  const flags = new Map<OptionKey, GivenValue>();
  for (const { key, flag } of [...OWN, ...STOCK_FLAGS]) {
    const text = textOf(args, flag);
    if (text !== undefined) flags.set(key, { text, origin: flagName(flag) });
  }
  return { flags, cloud: textOf(args, CLOUD) };
}

/** An empty value is what a script gives for a variable that is not set. */
function textOf(args: ParsedArguments, flag: Flag): string | undefined {
  if (!args.has(flag)) return undefined;
  const text = 'type' in flag ? String(args.value(flag)) : 'true';
  return text.trim() === '' ? undefined : text;
}
