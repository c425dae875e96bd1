import { describe, expect, test } from 'vitest';
import { CacheStateError, ConfigError } from '../../../../src/errors/cache-error.ts';
import { findDisagreements } from '../../../../src/use-cases/check/files/agreement.ts';
import { findCacheDirFaults } from '../../../../src/use-cases/check/files/cache-dir.ts';
import { findDriverFaults } from '../../../../src/use-cases/check/files/driver.ts';
import { findLimitFaults } from '../../../../src/use-cases/check/files/limits.ts';
import { findRbdStore } from '../../../../src/use-cases/check/files/rbd-store.ts';
import { findSharedDatabaseFaults } from '../../../../src/use-cases/check/files/shared-database.ts';
import { inShort, useNode } from './node-files.ts';

const node = useNode();

const conf = (...lines: readonly string[]): string => ['[DEFAULT]', ...lines, ''].join('\n');

describe('findDisagreements()', () => {
  test.each([
    ['image_cache_dir = /a', 'image_cache_dir = /b', 'cache-dir-differs', 'error'],
    ['image_cache_driver = xattr', 'image_cache_driver = sqlite', 'driver-differs', 'error'],
    ['image_cache_sqlite_db = a.db', 'image_cache_sqlite_db = b.db', 'sqlite-db-differs', 'error'],
    ['lock_path = /a', 'lock_path = /b', 'lock-path-differs', 'warning'],
    ['image_cache_max_size = 1', 'image_cache_max_size = 2', 'max-size-differs', 'warning'],
    ['image_cache_stall_time = 1', 'image_cache_stall_time = 2', 'stall-time-differs', 'warning'],
  ])('wants of us what glance-api has when that has %s and we %s', (theirs, ours, check, severity) => {
    const findings = findDisagreements(node.read({ api: conf(theirs), cache: conf(ours) }));
    expect(inShort(findings)).toEqual([[check, severity, theirs]]);
    expect(findings[0]?.change).toMatchObject({ file: node.path('glance-cache.conf'), line: 2 });
    expect(findDisagreements(node.read({ api: conf(theirs), cache: conf(theirs) }))).toEqual([]);
  });

  test.each([
    ['image_cache_dir = /a', 'image_cache_dir = /a/'],
    ['image_cache_dir = /a', 'image_cache_dir = /a # here'],
    // In capitals Glance finds no driver: that has a finding of its own.
    ['image_cache_driver = XATTR', 'image_cache_driver = xattr'],
    ['image_cache_driver = XATTR', 'image_cache_driver = sqlite'],
    ['', 'image_cache_driver = xattr'],
    ['image_cache_dir =', 'image_cache_dir = /a'],
    ['worker_self_reference_url = http://a', 'worker_self_reference_url = http://b'],
    ['sql_connection = mysql://a', 'sql_connection = mysql://b'],
  ])('says nothing when glance-api has %j and we %j', (theirs, ours) => {
    expect(findDisagreements(node.read({ api: conf(theirs), cache: conf(ours) }))).toEqual([]);
  });

  test('looks at the rows of the node when they lie in a database, and shows no secret', () => {
    const files = (url: string, password: string): string =>
      `${conf('image_cache_driver = centralized_db', `worker_self_reference_url = ${url}`)}[database]\nconnection = mysql+pymysql://glance:${password}@db/glance\n`;
    const findings = findDisagreements(
      node.read({ api: files('http://a:1', 'S3cretA'), cache: files('http://a:2', 'S3cretB') }),
    );
    expect(inShort(findings)).toEqual([
      ['worker-url-differs', 'error', 'worker_self_reference_url = http://a:1'],
      ['database-differs', 'error', `connection = (as in ${node.path('glance-api.conf')}:5)`],
    ]);
    expect(JSON.stringify(findings)).not.toMatch(/S3cret/);
    expect(findings[1]?.command).toBe(`sudoedit ${node.path('glance-cache.conf')}`);
  });

  test('proposes for glance-api what has been chosen here, when nobody has chosen anything for it', () => {
    const findings = findDisagreements(node.read({ api: conf(), cache: conf('image_cache_max_size = 5') }));
    expect(inShort(findings)).toEqual([['max-size-differs', 'note', '[DEFAULT] image_cache_max_size = 5']]);
    expect(findings[0]?.change?.file).toBe(node.path('glance-api.conf'));
  });

  test('has no line to change when a variable has the other value', () => {
    const env = { OS_DEFAULT__IMAGE_CACHE_DIR: '/env' };
    const [finding] = findDisagreements(node.read({ api: conf('image_cache_dir = /a'), env }));
    expect(finding).toMatchObject({ check: 'cache-dir-differs', change: undefined, command: undefined });
  });

  test('tells of a file store that only glance-api knows', () => {
    const store = (folder: string): string => `[glance_store]\nfilesystem_store_datadir = ${folder}\n`;
    expect(inShort(findDisagreements(node.read({ api: store('/a'), cache: store('/b') })))).toEqual([
      ['file-store-differs', 'warning', 'filesystem_store_datadir = /a'],
    ]);
    const backends = `${conf('enabled_backends = a:file,b:rbd')}[a]\nfilesystem_store_datadir = /a\n`;
    expect(inShort(findDisagreements(node.read({ api: backends, cache: store('/b') })))).toEqual([]);
    const other = `${conf('enabled_backends = z:file')}[z]\nfilesystem_store_datadir = /z\n`;
    expect(inShort(findDisagreements(node.read({ api: backends, cache: other })))).toEqual([
      ['file-store-differs', 'warning', undefined],
    ]);
  });

  test('says nothing when no file of glance-api is known', () => {
    expect(findDisagreements(node.read({ cache: conf('image_cache_dir = /a') }))).toEqual([]);
  });
});

describe('findCacheDirFaults()', () => {
  const missing = new ConfigError('CONFIG_MISSING', 'not set', { hint: 'Name it' });

  test('proposes the usual directory, or that of glance-api, when nobody has named one here', () => {
    expect(inShort(findCacheDirFaults(node.read({ cache: conf() }), missing))).toEqual([
      ['cache-dir-unset', 'error', '[DEFAULT] image_cache_dir = /var/lib/glance/image-cache'],
    ]);
  });

  test('tells when only glance-api does not know where the cache is', () => {
    const configuration = node.read({ api: conf(), cache: conf('image_cache_dir = /a') });
    expect(inShort(findCacheDirFaults(configuration, undefined))).toEqual([
      ['cache-dir-unset-for-glance-api', 'error', '[DEFAULT] image_cache_dir = /a'],
    ]);
  });

  test('tells why the directory cannot be used, and leaves a bad value to whoever looks at values', () => {
    const configuration = node.read({ api: conf('image_cache_dir = /a') });
    const denied = new CacheStateError('CACHE_PERMISSION', 'denied', { hint: 'Be somebody else' });
    expect(findCacheDirFaults(configuration, denied)).toMatchObject([
      { check: 'cache-dir-unusable', message: 'denied', change: undefined },
    ]);
    expect(findCacheDirFaults(configuration, new ConfigError('CONFIG_VALUE', 'bad'))).toEqual([]);
    expect(findCacheDirFaults(configuration, undefined)).toEqual([]);
  });
});

describe('findDriverFaults()', () => {
  test('warns of a driver that glance-api chooses by its release', () => {
    expect(inShort(findDriverFaults(node.read({ api: conf() })))).toEqual([
      ['driver-unset', 'warning', '[DEFAULT] image_cache_driver = sqlite'],
    ]);
    expect(inShort(findDriverFaults(node.read({ api: conf(), cache: conf('image_cache_driver = xattr') })))).toEqual([
      ['driver-unset', 'warning', '[DEFAULT] image_cache_driver = xattr'],
    ]);
  });

  test.each([
    ['Xattr', 'error', 'xattr'],
    ['CENTRALIZED_DB', 'error', 'centralized_db'],
    ['SQLite', 'warning', 'sqlite'],
  ])('tells once that Glance silently takes sqlite for %s', (written, severity, meant) => {
    expect(inShort(findDriverFaults(node.read({ api: conf(`image_cache_driver = ${written}`) })))).toEqual([
      ['driver-capitals', severity, `image_cache_driver = ${meant}`],
    ]);
  });

  test('knows that both use sqlite when the capitals are in the way of another driver', () => {
    const files = { api: conf('image_cache_driver = Xattr'), cache: conf('image_cache_driver = sqlite') };
    expect(inShort(findDriverFaults(node.read(files)))).toEqual([
      ['driver-capitals', 'warning', 'image_cache_driver = xattr'],
    ]);
  });

  test('says nothing of a driver that is named, or that no glance-api is known for', () => {
    expect(findDriverFaults(node.read({ api: conf('image_cache_driver = centralized_db') }))).toEqual([]);
  });
});

describe('findSharedDatabaseFaults()', () => {
  const shared = (...lines: readonly string[]): string =>
    `${conf('image_cache_driver = centralized_db', ...lines)}[database]\nconnection = mysql+pymysql://u:p@h/d\n`;

  test('tells that glance-api needs a URL of its own, and a database', () => {
    const findings = findSharedDatabaseFaults(node.read({ api: conf('image_cache_driver = centralized_db') }));
    expect(inShort(findings)).toEqual([
      ['worker-url-missing', 'error', '[DEFAULT] worker_self_reference_url = http://NAME-OF-THIS-NODE:9292'],
      ['database-unset', 'error', '[database] connection = mysql+pymysql://USER:PASSWORD@HOST/glance'],
    ]);
  });

  test('says that glance-api does not start when its flavor speaks of a cache', () => {
    const withFlavor = (flavor: string): string | undefined =>
      findSharedDatabaseFaults(node.read({ api: `${shared()}[paste_deploy]\nflavor = ${flavor}\n` }))[0]?.reason;
    expect(withFlavor('keystone+cachemanagement')).toBe('glance-api does not start so');
    expect(withFlavor('keystone+caching')).toMatch(/^glance-api cannot tell its rows/);
  });

  test.each([
    'http://glance.example.org:9292',
    'https://vip.example.org',
    'http://region1-lb2:9292',
    'http://haproxy:9292',
    'http://localhost:9292',
    'http://127.0.0.1:9292',
    'http://[::1]:9292',
    'http://0.0.0.0:9292',
    'node1:9292',
  ])('doubts that %s is one node', (url) => {
    const findings = findSharedDatabaseFaults(node.read({ api: shared(`worker_self_reference_url = ${url}`) }));
    expect(findings.map(({ check, severity }) => [check, severity])).toEqual([['worker-url-shared', 'warning']]);
  });

  test.each([
    'http://controller1:9292',
    'http://glance1.example.org:9292',
    'http://10.0.0.5:9292',
    'https://[fd00::5]',
  ])('takes %s for a node', (url) => {
    expect(findSharedDatabaseFaults(node.read({ api: shared(`worker_self_reference_url = ${url}`) }))).toEqual([]);
  });

  test('knows the public endpoint', () => {
    const lines = ['worker_self_reference_url = http://controller1:9292', 'public_endpoint = http://controller1:9292/'];
    expect(findSharedDatabaseFaults(node.read({ api: shared(...lines) }))[0]?.message).toMatch(
      /is the public_endpoint/,
    );
  });

  test('says nothing with another driver', () => {
    expect(findSharedDatabaseFaults(node.read({ api: conf('image_cache_driver = sqlite') }))).toEqual([]);
  });
});

describe('findLimitFaults()', () => {
  test.each([
    [[], 'max-size-default', 'note', '[DEFAULT] image_cache_max_size = 10737418240'],
    [['image_cache_max_size = 0'], 'max-size-zero', 'warning', 'image_cache_max_size = 10737418240'],
    [
      ['image_cache_max_size = 5', 'image_cache_stall_time = 1800'],
      'stall-time-short',
      'warning',
      'image_cache_stall_time = 86400',
    ],
    [
      ['image_cache_max_size = 5', 'image_cache_stall_time = 0'],
      'stall-time-short',
      'error',
      'image_cache_stall_time = 86400',
    ],
    [
      ['image_cache_max_size = 5', '[cache_tools]', 'low_watermark = 0%'],
      'low-watermark-zero',
      'warning',
      'low_watermark = 80%',
    ],
    [['image_cache_max_size = 5', '[cache_tools]', 'max_age = 5m'], 'max-age-short', 'warning', 'max_age = 30d'],
  ])('of %j is %s', (lines, check, severity, text) => {
    expect(inShort(findLimitFaults(node.read({ cache: conf(...lines) })))).toEqual([[check, severity, text]]);
  });

  test('tells of a watermark that has nothing to be a share of', () => {
    const files = { cache: conf('image_cache_max_size = 0', '[cache_tools]', 'low_watermark = 80%') };
    expect(findLimitFaults(node.read(files))[0]?.message).toMatch(/low_watermark .* has nothing to be a share of$/);
  });

  test('says nothing of sensible limits', () => {
    const lines = ['image_cache_max_size = 5', '[cache_tools]', 'low_watermark = 80%', 'max_age = 30d'];
    expect(findLimitFaults(node.read({ cache: conf(...lines) }))).toEqual([]);
  });
});

describe('findRbdStore()', () => {
  test.each([
    [['enabled_backends = ceph:rbd,local:file'], 'note'],
    [['enabled_backends = ceph:rbd', 'show_image_direct_url = true'], 'warning'],
    [['enabled_backends = ceph:rbd', 'show_multiple_locations = yes'], 'warning'],
    [['[glance_store]', 'default_store = rbd', 'stores = file,rbd'], 'note'],
    [
      ['show_image_direct_url = 1', '[glance_store]', 'stores = glance.store.rbd.Store,glance.store.http.Store'],
      'warning',
    ],
  ])('of %j is a %s', (lines, severity) => {
    const findings = findRbdStore(node.read({ api: conf(...lines) }));
    expect(findings.map((finding) => [finding.check, finding.severity])).toEqual([['rbd-store', severity]]);
  });

  test.each([[['enabled_backends = a:file', 'show_image_direct_url = true']], [['[glance_store]', 'stores = swift']]])(
    'is silent with %j',
    (lines) => {
      expect(findRbdStore(node.read({ api: conf(...lines) }))).toEqual([]);
    },
  );
});
