import type { Option } from '../option.ts';
import { choice } from '../types/choice.ts';
import { dict } from '../types/dict.ts';
import { integer } from '../types/integer.ts';
import { nonEmpty, string } from '../types/string.ts';

/** The cache itself: where it is, how large it may grow, which driver keeps its index, and who else locks it. */
export const CACHE_OPTIONS = {
  imageCacheDir: {
    group: 'DEFAULT',
    name: 'image_cache_dir',
    // Glance takes an empty path for the current directory, and makes its folders there.
    type: nonEmpty(
      'the path of a directory',
      'Name the directory that glance-api uses, such as /var/lib/glance/image-cache',
    ),
    help: 'Directory of the image cache, the one glance-api uses.',
  },
  imageCacheDriver: {
    group: 'DEFAULT',
    name: 'image_cache_driver',
    type: choice(['sqlite', 'xattr', 'centralized_db'], { ignoreCase: true }),
    defaultText: 'sqlite',
    help: 'Where hits and times of the cached images are kept; it must be the driver that glance-api uses.',
  },
  imageCacheSqliteDb: {
    group: 'DEFAULT',
    name: 'image_cache_sqlite_db',
    type: nonEmpty('the name of a file'),
    defaultText: 'cache.db',
    help: 'Index of the sqlite driver, relative to the cache directory unless it is an absolute path.',
  },
  imageCacheMaxSize: {
    group: 'DEFAULT',
    name: 'image_cache_max_size',
    type: integer({ min: 0, unit: 'bytes' }),
    defaultText: '10737418240',
    help: 'Size in bytes down to which the pruner brings the cache; 0 removes every image.',
  },
  imageCacheStallTime: {
    group: 'DEFAULT',
    name: 'image_cache_stall_time',
    type: integer({ min: 0, unit: 'seconds' }),
    defaultText: '86400',
    help: 'Seconds without a write after which the cleaner takes an incomplete image for abandoned.',
  },
  workerSelfReferenceUrl: {
    group: 'DEFAULT',
    name: 'worker_self_reference_url',
    type: string,
    help: 'URL of this node; the centralized_db driver knows the node by it.',
  },
  metadataEncryptionKey: {
    group: 'DEFAULT',
    name: 'metadata_encryption_key',
    type: string,
    secret: true,
    help: 'Key with which Glance encrypts the locations of images in its database.',
  },
  enabledBackends: {
    group: 'DEFAULT',
    name: 'enabled_backends',
    type: dict,
    help: 'Stores of this Glance, as pairs of a store identifier and a driver.',
  },
  lockPath: {
    group: 'oslo_concurrency',
    name: 'lock_path',
    type: string,
    // Glance sets its cache directory as the default when it opens the cache, and by that overrides OSLO_LOCK_PATH:
    // https://github.com/openstack/glance/blob/master/glance/image_cache/drivers/sqlite.py
    defaultText: '$image_cache_dir',
    deprecatedNames: [{ group: 'DEFAULT' }],
    help: "Directory of Glance's lock files.",
  },
  databaseConnection: {
    group: 'database',
    name: 'connection',
    type: string,
    secret: true,
    deprecatedNames: [
      { group: 'DEFAULT', name: 'sql_connection' },
      { group: 'DATABASE', name: 'sql_connection' },
      { group: 'sql', name: 'connection' },
    ],
    help: "URL of Glance's own database, for the centralized_db driver.",
  },
  databaseConnectionParameters: {
    group: 'database',
    name: 'connection_parameters',
    type: string,
    // A password may be among them.
    secret: true,
    help: 'Parameters that are added to those of the URL of the database.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;
