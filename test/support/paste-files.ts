/**
 * Paste files as the releases of Glance have had them, cut down to what decides whether it caches. Facts, from
 * https://github.com/openstack/glance/commits/master/etc/glance-api-paste.ini
 */

const CACHE = 'glance.api.middleware.cache:CacheFilter';
const CACHE_MANAGE = 'glance.api.middleware.cache_manage:CacheManageFilter';

/** The filters from Folsom on. */
const FILTERS = `
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory

[filter:cache]
paste.filter_factory = ${CACHE}.factory

[filter:cachemanage]
paste.filter_factory = ${CACHE_MANAGE}.factory

[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory

[filter:unauthenticated-context]
paste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory

[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
delay_auth_decision = true
`;

const APPS = `
[app:apiversions]
paste.app_factory = glance.api.versions:create_resource

[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
`;

/** The flavors, each with its filters. */
const FLAVORS: readonly (readonly [flavor: string, filters: string])[] = [
  ['', 'versionnegotiation unauthenticated-context'],
  ['caching', 'versionnegotiation unauthenticated-context cache'],
  ['cachemanagement', 'versionnegotiation unauthenticated-context cache cachemanage'],
  ['keystone', 'versionnegotiation authtoken context'],
  ['keystone+caching', 'versionnegotiation authtoken context cache'],
  ['keystone+cachemanagement', 'versionnegotiation authtoken context cache cachemanage'],
];

const nameOf = (flavor: string): string => (flavor === '' ? 'glance-api' : `glance-api-${flavor}`);

function pipelines(): string {
  return FLAVORS.map(([flavor, filters]) => `[pipeline:${nameOf(flavor)}]\npipeline = ${filters} rootapp\n`).join('\n');
}

/** Essex: every filter by one factory, and its class beside it. */
export const ESSEX = `${pipelines()}
[app:rootapp]
paste.app_factory = glance.common.wsgi:app_factory
glance.app_factory = glance.api.v1.router:API

[filter:versionnegotiation]
paste.filter_factory = glance.common.wsgi:filter_factory
glance.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter

[filter:cache]
paste.filter_factory = glance.common.wsgi:filter_factory
glance.filter_factory = ${CACHE}

[filter:cachemanage]
paste.filter_factory = glance.common.wsgi:filter_factory
glance.filter_factory = ${CACHE_MANAGE}

[filter:context]
paste.filter_factory = glance.common.wsgi:filter_factory
glance.filter_factory = glance.common.context:ContextMiddleware

[filter:unauthenticated-context]
paste.filter_factory = glance.common.wsgi:filter_factory
glance.filter_factory = glance.common.context:UnauthenticatedContextMiddleware

[filter:authtoken]
paste.filter_factory = keystone.middleware.auth_token:filter_factory
`;

/** Folsom: an application for each version, behind Paste's own map of paths. */
export const FOLSOM = `${pipelines()}
[composite:rootapp]
use = egg:Paste#urlmap
/: apiversions
/v2: apiv2app
${APPS}${FILTERS}`;

/** Grizzly to Wallaby: the map is Glance's. */
export const WALLABY = FOLSOM.replace(
  'use = egg:Paste#urlmap',
  'paste.composite_factory = glance.api:root_app_factory',
);

/** From Xena on: the flavors are maps, and their pipelines stand in one section. */
export const XENA = `${FLAVORS.map(
  ([flavor]) => `[composite:${nameOf(flavor)}]
paste.composite_factory = glance.api:root_app_factory
/: api
/healthcheck: healthcheck
`,
).join('\n')}
[composite:api]
paste.composite_factory = glance.api:pipeline_factory
${FLAVORS.map(([flavor, filters]) => `${flavor === '' ? 'default' : flavor} = ${filters} rootapp`).join('\n')}

[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/: apiversions
/v2: apiv2app

[app:healthcheck]
paste.app_factory = oslo_middleware:Healthcheck.app_factory
${APPS}${FILTERS}`;

/** All of them, by release. */
export const PASTE_FILES: Readonly<Record<string, string>> = { ESSEX, FOLSOM, WALLABY, XENA };

/** Those of the flavors that cache. */
export const CACHING_FLAVORS: readonly string[] = FLAVORS.map(([flavor]) => flavor).filter((flavor) =>
  flavor.includes('cach'),
);

/** Those that do not. */
export const PLAIN_FLAVORS: readonly string[] = ['', 'keystone'];
