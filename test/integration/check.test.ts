import { chmodSync, chownSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { callInProcess } from '../support/call-in-process.ts';
import { type Entry, entriesOf } from '../support/directory-state.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { XENA } from '../support/paste-files.ts';
import { AS_ROOT, type RunResult, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();

/** What the node itself is like depends on where the tests run: only what files say is expected here. */
interface Found {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
  readonly reason: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly text: string | null;
  readonly command: string | null;
}

interface Report {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly strict: boolean;
  readonly files: readonly string[];
  readonly cache_dir: string | null;
  readonly items: readonly Found[];
}

/** Writes the files of glance-api beside that of the cache. */
function glanceApi(flavor: string, ...lines: readonly string[]): void {
  const text = ['[DEFAULT]', `image_cache_dir = ${cache().root}`, ...lines, '[paste_deploy]', `flavor = ${flavor}`, ''];
  writeFileSync(join(cache().base, 'glance-api.conf'), text.join('\n'));
  writeFileSync(join(cache().base, 'glance-api-paste.ini'), XENA);
}

/** Most calls are made within this process: a program of its own for each would take too long. */
function call(...args: readonly string[]): Promise<RunResult> {
  const all = ['--config-file', cache().conf, 'check', '--offline', ...args];
  return callInProcess('manage', all, { home: cache().home });
}

async function check(...args: readonly string[]): Promise<{ readonly run: RunResult; readonly report: Report }> {
  const run = await call('--format', 'json', ...args);
  expectHarmless(run, args, [0, 3]);
  const report = jsonOf(run) as Report;
  expect(run.code).toBe(report.errors > 0 || (report.strict && report.warnings > 0) ? 3 : 0);
  return { run, report };
}

/** The names of what was found, with a severity each. */
async function names(...args: readonly string[]): Promise<readonly string[]> {
  const { report } = await check(...args);
  return report.items.map(({ check: name, severity }) => `${severity} ${name}`);
}

/** All there is below the folder of the test. */
function everything(): readonly Entry[] {
  return entriesOf(cache().base);
}

describe('check', () => {
  test('finds nothing wrong with files that are right', async () => {
    cache().configure('image_cache_max_size = 1000000', 'image_cache_driver = sqlite');
    glanceApi('keystone+caching', 'image_cache_max_size = 1000000', 'image_cache_driver = sqlite');
    cache().addImage(idOf('1'));
    const { report } = await check();
    const ours = [cache().conf, ...['glance-api.conf', 'glance-api-paste.ini'].map((name) => join(cache().base, name))];
    expect(report.files).toEqual(ours);
    expect(report.cache_dir).toBe(cache().root);
    expect(report.items.filter(({ file }) => file !== null && ours.includes(file))).toEqual([]);
  });

  test('tells each fault with the line to change, in every format', async () => {
    cache().configure('image_cache_max_size = 10G');
    glanceApi('keystone', 'image_cache_driver = Xattr');
    const { run, report } = await check();
    const api = join(cache().base, 'glance-api.conf');
    expect(report.items.find((item) => item.check === 'cache-not-in-pipeline')).toMatchObject({
      severity: 'error',
      file: api,
      line: 5,
      text: 'flavor = keystone+caching',
      command: `sed -i '5c flavor = keystone+caching' ${api}`,
    });
    expect(report.items.find((item) => item.check === 'bad-value')).toMatchObject({ file: cache().conf, line: 3 });
    expect(JSON.parse(run.stderr)).toMatchObject({
      error: { code: 'CHECK_FOUND', exit_code: 3, details: { errors: report.errors, warnings: report.warnings } },
    });
    const only = ['-c', 'severity', '-c', 'check', '-c', 'line', '--sort-column', 'check'];
    const lineOf = async (format: string): Promise<string | undefined> => {
      const { stdout } = await call('--format', format, ...only);
      return stdout.split('\n').find((line) => line.includes('cache-not-in-pipeline'));
    };
    expect(await lineOf('csv')).toBe('error,cache-not-in-pipeline,5');
    expect(await lineOf('value')).toBe('error cache-not-in-pipeline 5');
    expect(await lineOf('table')).toMatch(/^error +cache-not-in-pipeline +5$/);
    expect(await lineOf('yaml')).toMatch(/check: cache-not-in-pipeline/);
    const text = await cache().manage('check', '--offline');
    expect(text.code).toBe(3);
    expect(text.stdout).toContain(`  line  ${api}:5\n        flavor = keystone+caching\n`);
    expect(text.stdout).toMatch(/\n\d+ errors?.* in \d+ checks of /);
    expect(text.stderr).toMatch(/^ERROR: Cannot call this node sound: \d+ errors?.*\nhint: .*\n$/);
  });

  test('fails with warnings when it is to be strict', async () => {
    glanceApi(
      'keystone+caching',
      'show_image_direct_url = true',
      'enabled_backends = a:rbd',
      'image_cache_driver = sqlite',
    );
    expect(await names('--strict')).toContain('warning rbd-store');
    expect((await check('--strict')).run.code).toBe(3);
  });

  test.each([
    ['no image_cache_dir', ['[DEFAULT]'], 'error cache-dir-unset'],
    ['an empty image_cache_dir', ['[DEFAULT]', 'image_cache_dir ='], 'error bad-value'],
    ['a file for an image_cache_dir', ['[DEFAULT]', 'image_cache_dir = /etc/hostname'], 'error cache-dir-unusable'],
    ['the root of the file system', ['[DEFAULT]', 'image_cache_dir = /'], 'error cache-dir-unusable'],
    ['an unknown driver', ['[DEFAULT]', 'image_cache_driver = mysql'], 'error bad-value'],
    ['a bad name of the index', ['[DEFAULT]', 'image_cache_sqlite_db ='], 'error bad-value'],
    ['no section', ['image_cache_dir = /x'], 'error line-not-understood'],
    ['half a section', ['[DEFAULT', 'image_cache_dir = /x'], 'error line-not-understood'],
    ['nothing at all', [], 'error cache-dir-unset'],
    ['a bad lock timeout', ['[cache_tools]', 'lock_timeout = x', 'retries = y'], 'error bad-value'],
  ])('goes on with %s', async (_, lines, expected) => {
    cache().configureExactly(...lines);
    glanceApi('keystone');
    const found = await names();
    expect(found).toContain(expected);
    expect(found).toContain('error cache-not-in-pipeline');
  });

  test('goes on when a file is missing, or is a folder', async () => {
    rmSync(cache().conf);
    glanceApi('keystone+caching');
    expect(await names()).toContain('error file-not-read');
    mkdirSync(cache().conf);
    expect(await names()).toContain('error file-not-read');
  });

  test('changes nothing on disk, whatever is missing', async () => {
    cache().configure('log_file = /var/log/x.log', `log_dir = ${cache().base}/log`);
    glanceApi('keystone+caching');
    cache().addImage(idOf('1'));
    for (const folder of ['incomplete', 'invalid', 'queue'] as const)
      rmSync(cache().layout.areas[folder], { recursive: true });
    const before = everything();
    await check();
    await check('--debug', '--log-file', join(cache().base, 'own.log'));
    expect(everything()).toEqual(before);
    rmSync(cache().layout.index);
    const without = everything();
    await check();
    expect(everything()).toEqual(without);
    rmSync(cache().root, { recursive: true });
    const gone = everything();
    await check();
    expect(everything()).toEqual(gone);
  });

  test('leaves the journal of a killed writer to others', async () => {
    glanceApi('keystone+caching');
    cache().addImage(idOf('1'));
    // The header of a journal that is to be rolled back: magic, no pages, a sector of 512 bytes.
    const header = Buffer.alloc(512);
    Buffer.from('d9d505f920a163d7', 'hex').copy(header);
    header.writeUInt32BE(3, 16);
    header.writeUInt32BE(512, 20);
    header.writeUInt32BE(4096, 24);
    writeFileSync(`${cache().layout.index}-journal`, header);
    const before = everything();
    expect(await names()).toContain('note index-journal');
    expect(everything()).toEqual(before);
  });

  test('shows no secret, whoever has it', async () => {
    cache().configure(
      'admin_password = Adm1nS3cret',
      'auth_url = http://u:UrlS3cret@h/v3 # Keystone',
      '[database]',
      'connection = mysql+pymysql://u:DbS3cretA@h/d',
    );
    glanceApi(
      'keystone',
      'image_cache_driver = centralized_db',
      'metadata_encryption_key = K3yS3cret # key',
      '[database]',
      'connection = mysql+pymysql://u:DbS3cretB@h/d',
      '[keystone_authtoken]',
      'password = T0kenS3cret',
    );
    const { run } = await check('--debug');
    const text = await call('--debug');
    expect(run.stdout + run.stderr + text.stdout + text.stderr).not.toMatch(/S3cret/);
  });

  test('refuses a column that is none before anything is looked at', async () => {
    expect(await call('-c', 'nothing')).toMatchObject({ code: 2, stdout: '' });
    expect(await call('--sort-column', 'nothing:asc')).toMatchObject({ code: 2, stdout: '' });
  });

  test('works on this node alone', async () => {
    expect((await call('--host', 'node2')).code).toBe(2);
  });
});

describe.skipIf(!AS_ROOT)('check as root (only root can read what nobody may)', () => {
  test("reads files with root's rights, and looks into the cache with those of its owner", async () => {
    cache().configure('image_cache_driver = sqlite');
    glanceApi('keystone', 'image_cache_driver = sqlite');
    cache().addImage(idOf('1'));
    cache().handTo(UNPRIVILEGED);
    for (const name of ['glance-cache.conf', 'glance-api.conf', 'glance-api-paste.ini']) {
      const path = join(cache().base, name);
      chmodSync(path, 0o600);
      chownSync(path, 0, 0);
    }
    utimesSync(cache().conf, 0, 0);
    const before = everything();
    const own = await cache().manage('check', '--offline', '--format', 'json');
    expect((jsonOf(own) as Report).items.map((item) => item.check)).toContain('cache-not-in-pipeline');
    expect(everything()).toEqual(before);
    const other = await cache().run('manage', ['check', '--offline', '--format', 'json'], { as: UNPRIVILEGED });
    expect((jsonOf(other) as Report).items.map((item) => item.check)).toContain('file-not-read');
  });
});
