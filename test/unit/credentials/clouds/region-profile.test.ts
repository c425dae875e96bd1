import { describe, expect, test } from 'vitest';
import { credentialsOf, refusal, resolved, write } from '../resolved.ts';
import { cloudsYaml, useProdCloud } from './prod-cloud.ts';

const { dir, given, prod, prodRefused } = useProdCloud();

describe('chooseRegion()', () => {
  const REGIONS =
    'clouds: {prod: {region_name: no, regions: [R1, {name: R2, values: {interface: admin, auth: {password: pass-2}}}], auth: {auth_url: "http://{region_name}", user_id: u, password: pass-1}}}';

  test.each<readonly [string, string, string | undefined, object]>([
    [
      'the first of a list',
      REGIONS,
      undefined,
      { endpoint: { region: 'R1' }, auth: { auth_url: 'http://R1', password: 'pass-1' } },
    ],
    [
      'the one asked for, with its values',
      REGIONS,
      'R2',
      {
        endpoint: { region: 'R2', interfaces: ['admin'] },
        auth: { auth_url: 'http://R2', user_id: 'u', password: 'pass-2' },
      },
    ],
    [
      'the first of several with commas',
      cloudsYaml('    region_name: R1,R2'),
      undefined,
      { endpoint: { region: 'R1' } },
    ],
    ['another of several with commas', cloudsYaml('    region_name: R1,R2'), 'R2', { endpoint: { region: 'R2' } }],
    ['the only one', cloudsYaml('    region_name: R1'), undefined, { endpoint: { region: 'R1' } }],
    ['any one, where none are known', cloudsYaml(), 'R9', { endpoint: { region: 'R9' } }],
    ['none, where none are known', cloudsYaml(), undefined, { endpoint: { region: undefined } }],
  ])('takes %s', async (_what, text, wanted, expected) => {
    write(dir(), 'clouds.yaml', text);
    const flags = wanted === undefined ? {} : { region_name: wanted };
    expect(await credentialsOf({ ...given(), flags })).toMatchObject(expected);
  });

  test.each([REGIONS, cloudsYaml('    region_name: R1,R2')])(
    'lists the regions when there is no such one',
    async (text) => {
      write(dir(), 'clouds.yaml', text);
      const error = await refusal({ ...given(), flags: { region_name: 'r2' } });
      expect(error).toMatchObject({
        code: 'CONFIG_CLOUDS',
        hint: expect.stringContaining(
          'It has "R1", "R2"; case counts, as in: <this command> --os-region-name R1',
        ) as string,
      });
      expect(error.message).toMatch(/: it has no region "r2"$/);
    },
  );

  test('refuses a region without a name', async () => {
    const error = await prodRefused(cloudsYaml('    regions: [{values: {}}]'));
    expect(error.message).toMatch(/: a region in it has no name$/);
  });
});

describe('readProfile()', () => {
  const PUBLIC =
    'public-clouds: {shop: {auth: {auth_url: "http://shop", user_id: no}, regions: [R1, R2], interface: admin}}';

  test.each(['profile', 'cloud'])('puts the profile that %s names below the cloud', async (key) => {
    write(dir(), 'home/.config/openstack/clouds-public.yaml', PUBLIC);
    const { auth, endpoint } = await prod(`clouds: {prod: {${key}: shop, auth: {user-id: u, password: p}}}`);
    expect(auth).toEqual({ auth_url: 'http://shop', user_id: 'u', password: 'p' });
    expect(endpoint).toMatchObject({ region: 'R1', interfaces: ['admin'] });
  });

  test.each(['ovh', 'https://shop.example.org'])('warns of the profile %s, and goes on without it', async (profile) => {
    write(dir(), 'clouds.yaml', cloudsYaml(`    profile: ${profile}`));
    const { credentials, warnings } = await resolved(given());
    expect(credentials.auth.auth_url).toBe('http://k');
    expect(warnings).toEqual([expect.stringMatching(`^The profile "${profile}" of cloud "prod" in .* not supported`)]);
  });

  test('says why the URL is missing when only a profile would have it', async () => {
    const error = await prodRefused('clouds: {prod: {profile: ovh, auth: {user_id: u, password: p}}}');
    expect(error.message).toMatch(/: there is no auth.auth_url$/);
    expect(error.hint).toMatch(/^The profile "ovh" /);
  });
});
