import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TLS } from '../../support/tls.ts';
import { freePorts } from './ports.ts';
import { type Service, startService, stopService, waitUntilAnswers } from './process.ts';
import { runOrThrow } from './run.ts';
import type { StackInfo } from './stack-info.ts';

/**
 * Apache with mod_auth_openidc before Keystone, as its manual has it:
 * https://docs.openstack.org/keystone/latest/admin/federation/configure_federation.html. It is a process of ours with
 * files of ours, and speaks TLS.
 */

/**
 * How a front lets somebody in at the path of federated logins. `tokens` asks the provider about each token, `browsers`
 * is for people only and refuses all others, `redirects` takes everybody for a person, `both` takes tokens and people,
 * `jwt` reads tokens itself, and `orphaned` is `tokens` before a Keystone that is not there.
 */
export type FrontKind = (typeof KINDS)[number];

/** What the fronts are for. */
export interface FrontSetup {
  /** Of the provider, which speaks TLS. */
  readonly issuer: string;
  readonly introspectionUrl: string;
  readonly jwksUrl: string;
  /** Whom the provider knows Apache as. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where nobody listens. */
  readonly deadPort: number;
}

/** URLs of Keystone through Apache, with the version: `https://127.0.0.1:PORT/v3`. */
export type FrontUrls = Readonly<Record<FrontKind, string>>;

const NAME = 'federation-apache';
const KINDS = ['tokens', 'both', 'browsers', 'redirects', 'jwt', 'orphaned'] as const;
const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'proxy', 'proxy_http', 'ssl', 'auth_openidc'];

/** Starts Apache as the service user, with a port for each kind of front. */
export async function startApache(stack: StackInfo, setup: FrontSetup): Promise<FrontUrls> {
  const folder = apacheFolder(stack);
  if (!existsSync(folder)) mkdirSync(folder);
  const ports = await freePorts(KINDS.length);
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('ca.pem', TLS.ca);
  write('server.pem', TLS.localhost.cert);
  write('server.key', TLS.localhost.key);
  const hosts = KINDS.map((kind, index) => virtualHost(kind, ports[index] ?? 0, { stack, setup }));
  write('apache.conf', [globalConf(folder), ...hosts].join('\n'));
  await runOrThrow(['/usr/bin/chown', '-R', `${stack.user.uid}:${stack.user.gid}`, folder], { env: {} });
  const urls = KINDS.map((kind, index) => [kind, `https://127.0.0.1:${ports[index] ?? 0}/v3`] as const);
  const apache: Service = startService(stack, {
    name: NAME,
    argv: ['/usr/sbin/apache2', '-d', folder, '-f', join(folder, 'apache.conf'), '-D', 'FOREGROUND'],
    log: join(folder, 'error.log'),
  });
  // Without TLS it says so, which is an answer.
  await waitUntilAnswers(apache, `http://127.0.0.1:${ports[0] ?? 0}/v3`);
  return Object.fromEntries(urls) as Record<FrontKind, string>;
}

/** Ends Apache and all its children. */
export async function stopApache(stack: StackInfo): Promise<void> {
  await stopService(stack, NAME);
}

function apacheFolder({ stateDir }: StackInfo): string {
  return join(stateDir, 'apache');
}

/** Headers of the prefix come from nobody else: what a client sends under such names is taken out. */
function globalConf(folder: string): string {
  return `
ServerName 127.0.0.1
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${join(folder, 'apache.pid')}
ErrorLog ${join(folder, 'error.log')}
LogLevel warn auth_openidc:info
ServerTokens Prod
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
StartServers 1
MinSpareThreads 1
SSLCertificateFile ${join(folder, 'server.pem')}
SSLCertificateKeyFile ${join(folder, 'server.key')}
SSLSessionCache none
OIDCCABundlePath ${join(folder, 'ca.pem')}
OIDCCryptoPassphrase loopback
OIDCClaimPrefix "OIDC-"
`;
}

function virtualHost(
  kind: FrontKind,
  port: number,
  { stack, setup }: { readonly stack: StackInfo; readonly setup: FrontSetup },
): string {
  const keystone = kind === 'orphaned' ? `http://127.0.0.1:${setup.deadPort}` : new URL(stack.keystoneUrl).origin;
  return `
Listen 127.0.0.1:${port}
<VirtualHost 127.0.0.1:${port}>
  SSLEngine on
  ProxyPreserveHost On
  ProxyPass /v3 ${keystone}/v3 retry=0 disablereuse=On
${authentication(kind, port, setup)}
  <LocationMatch "^/v3/OS-FEDERATION/identity_providers/[^/]+/protocols/[^/]+/auth$">
    AuthType ${AUTH_TYPES[kind]}
    Require valid-user
  </LocationMatch>
</VirtualHost>
`;
}

const AUTH_TYPES: Readonly<Record<FrontKind, string>> = {
  tokens: 'oauth20',
  both: 'auth-openidc',
  browsers: 'openid-connect',
  redirects: 'openid-connect',
  jwt: 'oauth20',
  orphaned: 'oauth20',
};

function authentication(kind: FrontKind, port: number, setup: FrontSetup): string {
  const { issuer, introspectionUrl, jwksUrl, clientId, clientSecret } = setup;
  const tokens = `
  OIDCOAuthClientID ${clientId}
  OIDCOAuthClientSecret "${clientSecret}"
  OIDCOAuthIntrospectionEndpoint ${introspectionUrl}
  # A client that logs in as itself has no sub.
  OIDCOAuthRemoteUserClaim client_id
`;
  const browsers = `
  OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
  OIDCClientID ${clientId}
  OIDCClientSecret "${clientSecret}"
  OIDCRedirectURI https://127.0.0.1:${port}/v3/auth/OS-FEDERATION/identity_providers/sso/protocols/openid/websso/redirect
`;
  switch (kind) {
    case 'tokens':
    case 'orphaned':
      return tokens;
    case 'browsers':
      return browsers;
    case 'redirects':
      return `${browsers}  OIDCUnAuthAction auth true\n`;
    case 'both':
      return `${tokens}${browsers}`;
    case 'jwt':
      return `  OIDCOAuthVerifyJwksUri ${jwksUrl}\n  OIDCOAuthRemoteUserClaim sub`;
  }
}
