import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type OpenIdProvider, startProvider } from '../../support/openid/provider.js';
import { TLS } from '../../support/tls.ts';
import { type FrontUrls, startApache, stopApache } from './federation-apache.ts';
import { federate, IDENTITY_PROVIDER, PROTOCOL } from './federation-identity.ts';
import { giveToGlance } from './made-cache.ts';
import { freePort } from './ports.ts';
import type { Stack } from './use-stack.ts';

/** A provider that Keystone trusts, and Apache between them, for one test file. */
export interface FederationInfo {
  readonly provider: OpenIdProvider;
  /** Keystone, through Apache. */
  readonly fronts: FrontUrls;
  /** The authority of provider and Apache, in a file that everybody can read. */
  readonly cacert: string;
  /** Options of keystoneauth that name provider and protocol. */
  readonly path: { readonly identity_provider: string; readonly protocol: string };
  /** Where nobody listens. */
  readonly deadPort: number;
}

/** Of the provider; who is not named in the mapping is unknown to Keystone. */
export const FEDERATED = {
  /** Logs in as itself. */
  job: { client_id: 'glance-cache', client_secret: 'cache secret' },
  /** The same; the mapping does not know it. */
  unknownJob: { client_id: 'intruder', client_secret: 'intruder secret' },
  /** Users log in through it. */
  cli: { client_id: 'openstack-cli', client_secret: 'cli secret' },
  /** The same without a secret. */
  publicCli: { client_id: 'public-cli' },
  admin: { username: 'alice', password: 'wonderland' },
  adminWithPasscode: { username: 'bob', password: 'builder', passcode: '246810' },
  guest: { username: 'carol', password: 'singer' },
  unknown: { username: 'mallory', password: 'intruder' },
} as const;

const FRONT = { client_id: 'keystone', client_secret: 'keystone secret' };
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Sets the federation up before the tests of a file and takes it down after them. To be called at its top. */
export function useFederation(stack: Stack): () => FederationInfo {
  const down: (() => Promise<void>)[] = [];
  let info: FederationInfo | undefined;

  beforeAll(async () => {
    const provider = await startProvider({
      tls: TLS.localhost,
      clients: [
        { ...FEDERATED.job, grant_types: ['client_credentials'] },
        { ...FEDERATED.unknownJob, grant_types: ['client_credentials'] },
        { ...FEDERATED.cli, grant_types: ['password', DEVICE_CODE] },
        { ...FEDERATED.publicCli, token_endpoint_auth_method: 'none', grant_types: ['password', DEVICE_CODE] },
        { ...FRONT, grant_types: [] },
      ],
      users: Object.fromEntries(
        [FEDERATED.admin, FEDERATED.adminWithPasscode, FEDERATED.guest, FEDERATED.unknown].map(
          ({ username, ...user }) => [username, user],
        ),
      ),
    });
    down.unshift(async () => provider.close());
    const { issuer, introspectionUrl } = provider;
    down.unshift(
      await federate(stack, {
        issuer,
        admins: [FEDERATED.admin.username, FEDERATED.adminWithPasscode.username],
        guests: [FEDERATED.guest.username],
        clients: [FEDERATED.job.client_id],
      }),
    );
    const deadPort = await freePort();
    down.unshift(async () => stopApache(stack));
    const fronts = await startApache(stack, {
      issuer,
      introspectionUrl,
      jwksUrl: `${issuer}/jwks`,
      clientId: FRONT.client_id,
      clientSecret: FRONT.client_secret,
      deadPort,
    });
    const folder = mkdtempSync(join(stack.stateDir, 'federation-'));
    giveToGlance(folder, 0o755);
    const cacert = join(folder, 'ca.pem');
    writeFileSync(cacert, TLS.ca);
    info = {
      provider,
      fronts,
      cacert,
      path: { identity_provider: IDENTITY_PROVIDER, protocol: PROTOCOL },
      deadPort,
    };
  });

  afterAll(async () => {
    for (const end of down) await end();
  });

  return () => {
    if (info === undefined) throw new Error('Cannot use the federation before the hook that sets it up');
    return info;
  };
}
