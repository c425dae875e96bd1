import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confText } from './conf-text.ts';
import { giveToGlance } from './made-cache.ts';
import type { GlanceNode } from './stack-info.ts';
import type { Stack } from './use-stack.ts';

/** Debian's pipeline for no Keystone, behind the filter of oslo.middleware. */
const PASTE = `
[pipeline:glance-api-basic]
pipeline = healthcheck http_proxy_to_wsgi versionnegotiation basic unauthenticated-context cache cachemanage rootapp

[filter:basic]
paste.filter_factory = oslo_middleware.basic_auth:BasicAuthMiddleware.factory

[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/: apiversions
/v2: apiv2app

[app:apiversions]
paste.app_factory = glance.api.versions:create_resource

[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory

[filter:healthcheck]
paste.filter_factory = oslo_middleware:Healthcheck.factory

[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory

[filter:cache]
paste.filter_factory = glance.api.middleware.cache:CacheFilter.factory

[filter:cachemanage]
paste.filter_factory = glance.api.middleware.cache_manage:CacheManageFilter.factory

[filter:unauthenticated-context]
paste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory

[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware:HTTPProxyToWSGI.factory
`;

/** Nobody has a role there, and whoever is let in may do all. */
const POLICY = ['cache_list', 'cache_image', 'cache_delete', 'manage_image_cache']
  .map((rule) => `${rule}: "@"\n`)
  .join('');

/** Starts a glance-api that no Keystone stands before, and that takes one user by HTTP's own authentication. */
export async function startBasicAuthNode(
  stack: Stack,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<GlanceNode> {
  const folder = mkdtempSync(join(stack.stateDir, 'basic-'));
  giveToGlance(folder, 0o755);
  const paste = join(folder, 'paste.ini');
  const users = join(folder, 'htpasswd');
  writeFileSync(paste, PASTE);
  // The least rounds that bcrypt takes: each request is checked.
  const script = 'import bcrypt, sys; print(bcrypt.hashpw(sys.stdin.buffer.read(), bcrypt.gensalt(4)).decode())';
  writeFileSync(
    users,
    `${user}:${execFileSync('/usr/bin/python3', ['-c', script], { input: password, encoding: 'utf8' })}`,
  );
  const policy = join(folder, 'policy.yaml');
  writeFileSync(policy, POLICY);
  const extraConf = confText({
    oslo_policy: { policy_file: policy },
    paste_deploy: { flavor: 'basic', config_file: paste },
    oslo_middleware: { http_basic_auth_user_file: users },
  });
  return stack.startGlanceNode({ workers: 1, extraConf });
}
