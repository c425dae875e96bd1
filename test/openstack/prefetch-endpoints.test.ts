import { beforeAll, describe, expect, test } from 'vitest';
import { IdentityAdmin } from './support/identity.ts';
import { authFlags, LoginTrial, type Place } from './support/login-trial.ts';
import { openrc } from './support/openrc.ts';
import { freePort } from './support/ports.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// Which Glance is asked: the one of the catalog in the region and with the interface that were asked for, or the one that
// is named, with a token or without.

const stack = useStack();
let trial: LoginTrial;

beforeAll(async () => {
  trial = await LoginTrial.start(stack);
});

describe('without Keystone', () => {
  let open: GlanceNode;

  beforeAll(async () => {
    // Its pipeline takes everybody for an admin.
    open = await stack.startGlanceNode({ workers: 1, extraConf: '[paste_deploy]\nflavor = cachemanagement' });
  });

  test.each<readonly [string, () => Place]>([
    ['none', () => ({ env: { OS_AUTH_TYPE: 'none', OS_ENDPOINT: open.url } })],
    ['noauth', () => ({ env: { OS_AUTH_STRATEGY: 'noauth', OS_IMAGE_ENDPOINT_OVERRIDE: `${open.url}/` } })],
    ['noauth', () => ({ args: authFlags({ auth_type: 'noauth', image_endpoint_override: `${open.url}/v2` }) })],
    ['none', () => ({ conf: { cache_tools: { auth_type: 'none', endpoint: open.url } } })],
  ])('an image is fetched with %s', async (_type, place) => {
    await trial.expectFetched(place());
  });

  test('a glance-api that wants a token refuses somebody who has none', async () => {
    const refused = await trial.run({ env: { OS_AUTH_TYPE: 'none', OS_ENDPOINT: stack.node.url } });
    expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
  });
});

describe('endpoints', () => {
  const { OS_REGION_NAME: _region, ...login } = openrc(stack);

  test('the endpoint is of the interface and the region that were asked for', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const endpoints = { public: dead, internal: `${stack.node.url}/v2/`, admin: `${stack.node.url}/` };
    const identity = await IdentityAdmin.connect(stack);
    await identity.withRegion('RegionTwo', endpoints, async () => {
      await trial.expectFetched({ env: { ...login, OS_REGION_NAME: stack.region } });
      const inTwo = { ...login, OS_REGION_NAME: 'RegionTwo' };
      await trial.expectFetched({ env: { ...inTwo, OS_INTERFACE: 'internal' } });
      await trial.expectFetched({ env: inTwo, args: ['--os-interface', 'admin'] });
      await trial.expectFetched({ env: { ...inTwo, OS_ENDPOINT_TYPE: 'internalURL' } });
      await trial.expectFetched({
        conf: {
          keystone_authtoken: {
            username: login['OS_USERNAME'],
            password: login['OS_PASSWORD'],
            project_name: login['OS_PROJECT_NAME'],
            user_domain_name: 'Default',
            project_domain_name: 'Default',
            auth_url: stack.keystoneUrl,
            region_name: 'RegionTwo',
            valid_interfaces: 'internal,public',
          },
        },
      });
      const down = await trial.run({ env: inTwo, args: ['--retries', '0'] });
      expect(down).toMatchObject({ exitCode: 8, stdout: '' });
      expect(down.stderr).toContain(new URL(dead).host);
      // An override asks no catalog.
      await trial.expectFetched({ env: { ...inTwo, OS_IMAGE_ENDPOINT_OVERRIDE: stack.node.url } });
      await trial.expectFetched({ env: inTwo, args: ['--os-image-endpoint-override', `${stack.node.url}/v2`] });
    });
  });

  test.each([
    ['region', { OS_REGION_NAME: 'RegionNine' }],
    ['region', { OS_REGION_NAME: stack.region.toUpperCase() }],
    ['service', { OS_IMAGE_SERVICE_TYPE: 'picture' }],
  ])('a %s that the catalog does not have is an error of the configuration', async (_what, env) => {
    const refused = await trial.run({ env: { ...login, ...env } });
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toMatch(
      /^ERROR: Cannot find Glance: the catalog of Keystone has no public endpoint [^\n]*\nhint: /,
    );
    expect(refused.stderr).toContain(Object.values(env)[0]);
  });
});
