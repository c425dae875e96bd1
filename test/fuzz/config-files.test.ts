// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references as oslo.config writes them
// Configuration files come from editors, templates and backups. Whatever is in one: a program runs, or it ends with 3 and
// says where to look; it neither hangs nor prints what a terminal obeys.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CacheFixture, idOf, useCache } from '../support/cache-fixture.ts';
import { callInProcess } from '../support/call-in-process.ts';
import { bitFlips, cutOff, type Damage, damaged, pieceSomewhere } from '../support/damage.ts';
import { expectHarmless } from '../support/harmless.ts';
import { ESCAPES, HOSTILE_NAMES } from '../support/hostile-text.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';

const cache = useCache();

/** Commands that only look; what they read of the configuration differs. */
const CALLS = [
  ['manage', ['config']],
  ['manage', ['config', '--format', 'json']],
  ['manage', ['list-cached']],
  ['manage', ['list-queued', '--debug']],
  ['manage', ['list-invalid', '-v']],
  ['pruner', ['--dry-run', '--format', 'json']],
  ['cleaner', ['--dry-run', '-v']],
  ['prefetcher', ['--dry-run']],
  ['prefetcher', ['--dry-run', '--format', 'json']],
] as const;

/** What an error of configuration must name: the file, and the line where there is one. */
const PLACE = /glance-cache\.conf:[1-9]\d*|conf\.d\/|image_cache_dir is not set|credentials|Keystone|Glance/;

/** Expects that a call with these files runs, or says where to look. */
async function expectClear(
  it: CacheFixture,
  call: (typeof CALLS)[number],
  more: readonly string[] = [],
): Promise<void> {
  const [program, args] = call;
  // Relative paths lead into the fixture.
  const options = { home: it.home, cwd: it.base };
  const run = await callInProcess(program, ['--config-file', it.conf, ...more, ...args], options);
  expectHarmless(run, args, [0, 3, 4, 8]);
  if (run.code === 3) expect(run.stderr).toMatch(PLACE);
}

/** A configuration as it is in use, with a bit of everything. */
function realConf(it: CacheFixture): string {
  return `# Comment
[DEFAULT]
image_cache_dir = ${it.root}
image_cache_max_size = 10737418240
image_cache_stall_time = 86400
image_cache_driver = sqlite
image_cache_sqlite_db = cache.db
filesystem_store_datadir = ${it.base}/store
debug = false
log_date_format = %Y-%m-%d
transport_url = rabbit://user:pa$$word@host:5672/
default_log_levels = a=INFO,b=WARN,
    c=DEBUG

[glance_store]
stores = file,http
filesystem_store_datadirs = ${it.base}/a:100
filesystem_store_datadirs = ${it.base}/b

[cache_tools]
min_free = 10%
low_watermark = 80%
max_age = 30d
jobs: 4

[keystone_authtoken]
auth_url = http://127.0.0.1:1/v3
username = glance
password = s3cr$$et
project_name = service
user_domain_name = Default
`;
}

const PIECES = [
  '\0',
  '\r',
  '\r\n',
  '\n',
  '\ufeff',
  '\u2028',
  '\u0085',
  '[',
  ']\n',
  '[]\n',
  '[[x]]\n',
  `[${'s'.repeat(1000)}]\n`,
  '[__proto__]\nimage_cache_dir = /x\n',
  '\n__proto__ = 1\nconstructor = 2\ntoString = 3\n',
  '$',
  '$$',
  '\\$',
  '$a$b',
  '${image_cache_dir}',
  '${',
  '$image_cache_dir'.repeat(50),
  '\nimage_cache_dir = $image_cache_dir\n',
  '\nimage_cache_dir = $max_age\nmax_age = $image_cache_dir\n',
  '\n[cache_tools]\nmax_age = $cache_tools.max_age\n',
  '\nimage_cache_dir = \0\n',
  `\nimage_cache_dir = ${'x/'.repeat(3000)}\n`,
  '\nimage_cache_sqlite_db = a\0b\n',
  '\nimage_cache_sqlite_db =\n',
  '\nimage_cache_sqlite_db = ..\n',
  `\nimage_cache_max_size = ${'9'.repeat(400)}\n`,
  '\nimage_cache_max_size = -1\n',
  '\nimage_cache_max_size = 1e400\n',
  '\nimage_cache_stall_time = nan\n',
  '\nimage_cache_stall_time = ٣\n',
  '\nimage_cache_max_size = \u0663\n',
  '\ndebug = maybe\n',
  '\nuse_json = true\n',
  '\nlog_date_format = %n%t\x1b[31m%%%Q\n',
  `\nlog_date_format = ${'%c'.repeat(500)}\n`,
  '\nfilesystem_store_datadirs = \0:\x1b\n',
  '\n[oslo_concurrency]\nlock_path = \0\n',
  '\n[keystone_authtoken]\nauth_url = javascript:alert(1)\n',
  '\n[keystone_authtoken]\nauth_url = http://\x1b]8;;x\x07/\n',
  '\n[keystone_authtoken]\ncafile = \0\n',
  '\n[keystone_authtoken]\nauth_type = constructor\n',
  'x'.repeat(100_000),
  ' '.repeat(10_000),
  ...ESCAPES,
];

const damage = fc.oneof(
  pieceSomewhere(fc.constantFrom(...PIECES), 40),
  pieceSomewhere(fc.uint8Array({ maxLength: 20 }), 5),
  bitFlips,
  cutOff,
  fc.constantFrom<Damage>(
    (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
    (bytes) => Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from(bytes.toString('utf8'), 'utf16le')]),
    (bytes) => Buffer.concat([Buffer.from('efbbbf', 'hex'), bytes]),
    (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\r')),
    (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\r\n')),
    (bytes) => Buffer.from(bytes.toString('utf8').replaceAll('\n', '\n ')),
  ),
);

test(
  'every program runs or says where to look whatever happens to a configuration file',
  async () => {
    const it = cache();
    it.addImage(idOf('1'));
    it.addMarker(idOf('2'));
    const round = fc.asyncProperty(
      fc.array(damage, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...CALLS),
      async (damages, call) => {
        writeFileSync(it.conf, damaged(realConf(it), damages));
        await expectClear(it, call);
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(100, 12_000) });
  },
  patienceMs(60_000),
);

test(
  'every program runs or says where to look whatever lines a configuration file has',
  async () => {
    const it = cache();
    const names = [...realConf(it).matchAll(/^\w+(?= *[=:])/gm)]
      .map(([name]) => name)
      .filter((name) => !name.startsWith('log_'));
    const value = fc.oneof(
      fc.constantFrom(...PIECES, ...HOSTILE_NAMES).map((text) => text.replaceAll('\n', ' ')),
      fc.constantFrom(
        '',
        it.root,
        '0',
        '-0',
        '1',
        'true',
        'null',
        '1e9',
        '0x10',
        '1_000',
        ' 5 ',
        '"5"',
        "'",
        '%',
        '10%',
        '1.5GiB',
        '∞',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(...names).map((name) => `$${name}$${name}`),
    );
    const line = fc.oneof(
      fc.tuple(fc.constantFrom(...names), fc.constantFrom('=', ':', ' = ', '  '), value).map((parts) => parts.join('')),
      fc.constantFrom('[DEFAULT]', '[cache_tools]', '[glance_store]', '[keystone_authtoken]', '[oslo_concurrency]'),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    const round = fc.asyncProperty(
      fc.array(line, { maxLength: 20 }),
      fc.constantFrom(...CALLS),
      async (lines, call) => {
        writeFileSync(it.conf, ['[DEFAULT]', `image_cache_dir = ${it.root}`, ...lines].join('\n'));
        await expectClear(it, call);
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(100, 12_000) });
  },
  patienceMs(60_000),
);

test('every program reads a chain of references as long as the table of options, and tells of a circle', async () => {
  const it = cache();
  const chain = ['username', 'password', 'project_name', 'user_domain_name', 'project_domain_name', 'user_domain_id'];
  for (const end of ['x'.repeat(100), '$keystone_authtoken.username']) {
    const lines = chain.map((name, at) => {
      const next = chain[at + 1];
      return `${name} = ${next === undefined ? end : `$keystone_authtoken.${next}`.repeat(20)}`;
    });
    it.configure('[keystone_authtoken]', 'auth_url = http://127.0.0.1:1', ...lines);
    it.addMarker(idOf('3'));
    for (const call of CALLS) await expectClear(it, call);
  }
});

test('every program reads a folder of configuration with odd names, or says which it cannot read', async () => {
  const it = cache();
  const folder = join(it.base, 'conf.d');
  for (const name of HOSTILE_NAMES) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    writeFileSync(join(folder, `${name.slice(0, 40)}.conf`), '[DEFAULT]\nimage_cache_max_size = many\n');
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('ff9b2e636f6e66', 'hex')]), '[DEFAULT]\n');
    for (const call of CALLS.slice(0, 6)) await expectClear(it, call, ['--config-dir', folder]);
  }
  expect(readFileSync(it.conf, 'utf8')).toContain(it.root);
});
