import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useCache } from '../support/cache-fixture.ts';
import { runProgram, success } from '../support/run-program.ts';

const cache = useCache();

const SECRETS = [
  'DbPassw0rd',
  'Adm1n#Passw0rd;x',
  'sixteen-byte-key',
  'UrlPassw0rd',
  'S3rvicePassw0rd',
  'S3rviceT0ken',
  'S3rviceS3cret',
];

function configureSecrets(): void {
  cache().configure(
    'admin_user = glance',
    'admin_password = Adm1n#Passw0rd;x',
    'admin_tenant_name = service',
    'metadata_encryption_key = sixteen-byte-key',
    // No secrets by themselves, but they hold one.
    'auth_url = http://someone:UrlPassw0rd@keystone/v3',
    'workers = http://someone:UrlPassw0rd@keystone/v3',
    '[database]',
    'connection = mysql+pymysql://glance:DbPassw0rd@db/glance',
    '[keystone_authtoken]',
    'auth_url = http://someone:UrlPassw0rd@keystone/v3',
    'password = S3rvicePassw0rd',
    'admin_token = S3rviceT0ken',
    'application_credential_secret = S3rviceS3cret',
  );
}

interface ShownOption {
  readonly group: string;
  readonly name: string;
  readonly value: string | null;
  readonly origin: string;
  readonly problem: string | null;
}

async function options(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, ShownOption>> {
  const run = await cache().run('manage', ['config', '--format', 'json', ...args], { env });
  expect(run.code).toBe(0);
  const shown = JSON.parse(run.stdout) as readonly ShownOption[];
  return new Map(shown.map((option) => [option.name, option]));
}

test('config tells where each value comes from when there are files, environment and flags', async () => {
  cache().configure('image_cache_max_size = 1000', 'debug = true', '[cache_tools]', 'lock_timeout = 3');
  const shown = await options(['--lock-timeout', '7', '--log-dir', '/var/log'], {
    OS_DEFAULT__IMAGE_CACHE_STALL_TIME: '60',
    OS_DEFAULT__IMAGE_CACHE_MAX_SIZE: '2000',
  });
  const told = (name: string) => {
    const { value, origin } = shown.get(name) ?? { value: 'missing', origin: 'missing' };
    return `${value} from ${origin}`;
  };
  expect(told('image_cache_dir')).toBe(`${cache().root} from ${cache().conf}:2`);
  expect(told('debug')).toBe(`true from ${cache().conf}:4`);
  expect(told('image_cache_max_size')).toBe('2000 from environment OS_DEFAULT__IMAGE_CACHE_MAX_SIZE');
  expect(told('image_cache_stall_time')).toBe('60 from environment OS_DEFAULT__IMAGE_CACHE_STALL_TIME');
  expect(told('lock_timeout')).toBe('7 from flag --lock-timeout');
  expect(told('log_dir')).toBe('/var/log from flag --log-dir');
  expect(told('image_cache_sqlite_db')).toBe('cache.db from default');
  expect(told('lock_path')).toBe(`${cache().root} from default`);
  expect(shown.get('image_cache_dir')).toEqual({
    group: 'DEFAULT',
    name: 'image_cache_dir',
    value: cache().root,
    origin: `${cache().conf}:2`,
    origin_kind: 'file',
    origin_file: cache().conf,
    origin_line: 2,
    problem: null,
  });
});

test('config prints a table without lines for people', async () => {
  const { code, stdout, stderr } = await cache().manage('config');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^Group {15}Name {28}Value +Origin$/);
  expect(lines[1]).toMatch(new RegExp(`^DEFAULT {13}image_cache_dir {17}${cache().root} +${cache().conf}:2$`));
  expect(lines.every((line) => line === line.trimEnd())).toBe(true);
});

test('config takes the columns and the order named when they are given', async () => {
  const run = await cache().manage(
    'config',
    '--format',
    'csv',
    '-c',
    'name',
    '-c',
    'Origin',
    '--sort-column',
    'name:desc',
  );
  const [head, first] = run.stdout.split('\n');
  expect([head, first]).toEqual(['name,origin', 'workers,default']);
});

test('config masks every secret, in every format and with --debug', async () => {
  configureSecrets();
  for (const format of ['table', 'json', 'yaml', 'csv', 'value']) {
    const { code, stdout, stderr } = await cache().manage('config', '--debug', '--format', format);
    expect(code).toBe(0);
    for (const secret of SECRETS) expect(stdout + stderr, format).not.toContain(secret);
  }
  const shown = await options();
  for (const name of ['admin_password', 'metadata_encryption_key', 'connection']) {
    expect(shown.get(name)?.value, name).toBe('***');
  }
  const fromEnvironment = await options([], { OS_DATABASE__CONNECTION: 'mysql://u:DbPassw0rd@db/glance' });
  expect(fromEnvironment.get('connection')).toMatchObject({
    value: '***',
    origin: 'environment OS_DATABASE__CONNECTION',
  });
});

test('no program tells a secret when it logs everything', async () => {
  configureSecrets();
  const log = join(cache().base, 'all.log');
  for (const program of ['manage', 'pruner', 'cleaner'] as const) {
    const command = program === 'manage' ? ['list-cached', '--os-password', 'Fl4gPassw0rd'] : [];
    const plain = await cache().run(program, [...command, '--debug']);
    const json = await cache().run(program, [...command, '--debug', '--use-json', '--log-file', log]);
    expect([plain.code, json.code]).toEqual([0, 0]);
    for (const secret of [...SECRETS, 'Fl4gPassw0rd']) {
      expect(plain.stdout + plain.stderr + json.stdout + json.stderr).not.toContain(secret);
    }
  }
});

test('an error tells no secret when the value of a secret is what is wrong', async () => {
  cache().configure('admin_password = s3cret$word', 'image_cache_max_size = $admin_password');
  const run = await cache().run('pruner', ['--debug', '--format', 'json']);
  expect(run.code).toBe(3);
  expect(run.stdout + run.stderr).not.toContain('s3cret');
  const config = await cache().manage('config', '--debug');
  expect(config.code).toBe(0);
  expect(config.stdout + config.stderr).not.toContain('s3cret');
});

test('config shows a bad value and says what is wrong with it, and succeeds, when nobody uses it', async () => {
  cache().configure('image_cache_max_size = 10737418240  # 10 GB');
  const { code, stdout, stderr } = await cache().manage('config');
  expect(code).toBe(0);
  expect(stdout).toContain('10737418240  # 10 GB');
  expect(stderr).toBe(
    'WARNING: image_cache_max_size: "10737418240  # 10 GB" is not a whole number; expected a whole number of bytes, 0 or more\n',
  );
});

test('config needs neither a cache directory nor an existing one', async () => {
  cache().configureExactly('[DEFAULT]');
  expect((await cache().manage('config')).code).toBe(0);
  cache().configureExactly('[DEFAULT]', 'image_cache_dir = /nonexistent/cache');
  expect((await cache().manage('config')).code).toBe(0);
});

test('glance-cache-manage finds the default files in the home when none is named', async () => {
  const folder = join(cache().home, '.glance');
  mkdirSync(folder);
  // All three, so that none of the machine's own is read.
  writeFileSync(join(folder, 'glance.conf'), '[DEFAULT]\nimage_cache_dir = /nonexistent/first\n');
  writeFileSync(join(folder, 'glance-api.conf'), '[DEFAULT]\nimage_cache_dir = /nonexistent/second\n');
  writeFileSync(join(folder, 'glance-cache.conf'), `[DEFAULT]\nimage_cache_dir = ${cache().root}\n`);
  cache().addMarker('11111111-1111-4111-8111-111111111111');
  const run = await runProgram('manage', ['list-queued', '--format', 'value', '-c', 'id'], { home: cache().home });
  expect(run).toEqual(success('11111111-1111-4111-8111-111111111111\n'));
});

test('the last of several files and folders wins when more than one sets an option', async () => {
  const folder = join(cache().base, 'conf.d');
  mkdirSync(folder);
  writeFileSync(join(folder, '20.conf'), '[DEFAULT]\nimage_cache_stall_time = 20\n');
  writeFileSync(join(folder, '10.conf'), '[DEFAULT]\nimage_cache_stall_time = 10\nimage_cache_max_size = 5\n');
  writeFileSync(join(folder, '.hidden.conf'), 'garbage');
  writeFileSync(join(folder, '30.txt'), 'garbage');
  const shown = await options(['--config-dir', folder]);
  expect(shown.get('image_cache_stall_time')).toMatchObject({ value: '20', origin: `${folder}/20.conf:2` });
  expect(shown.get('image_cache_max_size')).toMatchObject({ value: '5', origin: `${folder}/10.conf:3` });
});
