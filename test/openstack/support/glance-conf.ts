import { join } from 'node:path';
import { type ConfSections, confText } from './conf-text.ts';
import type { Account, GlanceNode, StackFolders } from './stack-info.ts';

/** How a glance-api differs from the usual one. */
export interface GlanceOptions {
  /** `image_cache_driver`; sqlite unless given. */
  readonly driver?: string;
  /** `image_cache_max_size` in bytes; 10 GiB, Glance's default, unless given. */
  readonly cacheMaxSize?: number;
  /** `image_cache_stall_time` in seconds; a day, Glance's default, unless given. */
  readonly stallTime?: number;
  /** Whether `lock_path` is set; it is unless told otherwise. Without it the locks lie in the cache directory. */
  readonly lockPath?: boolean;
  /** Processes that answer; 2 unless given. */
  readonly workers?: number;
  /** Text at the end of glance-api.conf, sections and all. */
  readonly extraConf?: string;
  /** Text at the end of glance-cache.conf, sections and all. */
  readonly extraCacheConf?: string;
}

/** What Glance has to know of Keystone. */
export interface GlanceIdentity {
  readonly keystoneUrl: string;
  readonly region: string;
  readonly service: Account;
}

const TEN_GIB = 10_737_418_240;
const DAY_SEC = 86_400;

/** The text of a node's glance-api.conf. */
export function apiConfText(
  folders: StackFolders,
  node: GlanceNode,
  { identity, options }: { readonly identity: GlanceIdentity; readonly options: GlanceOptions },
): string {
  const { DEFAULT, ...shared } = sharedSections(folders, node, options);
  const sections = {
    DEFAULT: {
      bind_host: '127.0.0.1',
      bind_port: node.port,
      public_endpoint: node.url,
      worker_self_reference_url: node.url,
      workers: options.workers ?? 2,
      log_file: node.apiLog,
      node_staging_uri: `file://${join(node.dir, 'staging')}`,
      ...DEFAULT,
    },
    ...shared,
    keystone_authtoken: {
      www_authenticate_uri: identity.keystoneUrl,
      auth_url: identity.keystoneUrl,
      auth_type: 'password',
      username: identity.service.name,
      password: identity.service.password,
      project_name: identity.service.project,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
      region_name: identity.region,
    },
    paste_deploy: {
      flavor: 'keystone+cachemanagement',
      config_file: '/usr/share/glance-common/glance-api-paste.ini',
    },
    oslo_messaging_notifications: { driver: 'noop' },
  };
  return confText(sections, options.extraConf);
}

/** The text of a node's glance-cache.conf: what the programs that manage the cache read. */
export function cacheConfText(folders: StackFolders, node: GlanceNode, options: GlanceOptions): string {
  const { DEFAULT, ...shared } = sharedSections(folders, node, options);
  return confText({ DEFAULT: { log_file: node.cacheLog, ...DEFAULT }, ...shared }, options.extraCacheConf);
}

function sharedSections(folders: StackFolders, node: GlanceNode, options: GlanceOptions) {
  return {
    DEFAULT: {
      image_cache_driver: options.driver ?? 'sqlite',
      image_cache_dir: node.cacheDir,
      image_cache_max_size: options.cacheMaxSize ?? TEN_GIB,
      image_cache_stall_time: options.stallTime ?? DAY_SEC,
      image_cache_sqlite_db: 'cache.db',
    },
    database: { connection: `sqlite:///${folders.glanceDatabase}` },
    glance_store: { stores: 'file,http', default_store: 'file', filesystem_store_datadir: folders.storeDir },
    oslo_concurrency: { lock_path: node.lockDir ?? undefined },
  } satisfies ConfSections;
}
