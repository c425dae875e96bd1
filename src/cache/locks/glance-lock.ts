/** The locks that Glance 2.18's HTTP calls and its stock prefetcher hold while they change a cache. */
export type GlanceLock = 'glance-cache-prune' | 'glance-cache-clean' | 'glance-cache' | 'sqlite_centralized_migrate';
