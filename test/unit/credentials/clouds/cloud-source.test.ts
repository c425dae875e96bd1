import { describe, expect, test } from 'vitest';
import { tlsFile } from '../../../support/tls.ts';
import { resolved, write } from '../resolved.ts';
import { cloudsYaml, useProdCloud } from './prod-cloud.ts';

const { dir, given, prod, prodRefused } = useProdCloud();

describe('cloudSource()', () => {
  test('reads numbers, dates and words as they are written', async () => {
    const { auth } = await prod(
      'clouds: {prod: {auth: {auth_url: "http://k", user_id: 0123, password: 1_000, project_id: 1e5}}}',
    );
    expect(auth).toEqual({ auth_url: 'http://k', user_id: '0123', password: '1_000', project_id: '1e5' });
  });

  test.each<readonly [string, string, Readonly<Record<string, string>>]>([
    ['dashes', '{auth: {auth-url: u, user-id: i, password: p, tenant-id: t}}', { user_id: 'i', project_id: 't' }],
    ['options beside auth', '{auth: {auth_url: u}, user_id: i, password: p, token: t}', { token: 't' }],
    ['options in both places', '{auth: {auth_url: u, user_id: in, password: p}, user_id: out}', { user_id: 'in' }],
    [
      'tenants and projects',
      '{auth: {auth_url: u, user_id: i, password: p, tenant_id: no, project_id: yes}}',
      { project_id: 'yes' },
    ],
    [
      'one domain for both',
      '{auth: {auth_url: u, username: n, password: p, project_name: q, domain_name: d}}',
      { user_domain_name: 'd', project_domain_name: 'd' },
    ],
    [
      'one domain beside auth',
      '{domain_id: d, auth: {auth_url: u, username: n, password: p, project_name: q, user_domain_name: own}}',
      { user_domain_name: 'own', project_domain_id: 'd' },
    ],
    ['a domain without a project', '{auth: {auth_url: u, user_id: i, password: p, domain_id: d}}', { domain_id: 'd' }],
    ['empty values', '{auth: {auth_url: u, user_id: i, password: p, token: , project_id: ""}}', { user_id: 'i' }],
  ])('reads %s', async (_what, cloud, expected) => {
    expect((await prod(`clouds: {prod: ${cloud}}`)).auth).toMatchObject({ auth_url: 'u', ...expected });
  });

  test.each([
    ['v3token', '{auth_type: v3token, auth: {auth_url: u, token: t}}', 'v3token'],
    ['its former name', '{auth_plugin: v3token, auth: {auth_url: u, token: t}}', 'v3token'],
    ['"None"', '{auth_type: None, auth: {endpoint: e}}', 'none'],
    [
      'token_endpoint',
      '{auth_type: token_endpoint, auth: {endpoint: e, token: t, project_name: stray}}',
      'admin_token',
    ],
    ['none, with a stray project', '{auth_type: none, auth: {endpoint: e, project_name: stray}}', 'none'],
  ])('reads the auth_type %s', async (_what, cloud, authType) => {
    expect((await prod(`clouds: {prod: ${cloud}}`)).authType).toBe(authType);
  });

  test('reads what concerns the connection', async () => {
    const credentials = await prod(
      cloudsYaml(
        '    interface: [internal, public]',
        '    region_name: R1',
        '    image_region_name: R2',
        '    image_endpoint_override: http://g/%(project_id)s',
        '    api_timeout: 30',
        `    cacert: ${tlsFile('ca.pem')}`,
        `    cert: ${tlsFile('client.pem')}`,
        `    key: ${tlsFile('client.key')}`,
      ),
    );
    expect(credentials.endpoint).toMatchObject({
      interfaces: ['internal', 'public'],
      region: 'R2',
      override: 'http://g/%(project_id)s',
    });
    expect(credentials.timeoutSec).toBe(30);
    const { ca, cert, key, insecure } = credentials.tls;
    expect([ca, cert, key].map((pem) => pem?.slice(0, 10))).toEqual(Array(3).fill('-----BEGIN'));
    expect(insecure).toBe(false);
  });

  test.each(['verify: false', 'verify: "false"', 'verify: no', 'insecure: true', 'insecure: yes'])(
    'verifies nothing when there is %s',
    async (line) => {
      expect((await prod(cloudsYaml(`    ${line}`))).tls.insecure).toBe(true);
    },
  );

  test('ignores what no way to log in has, and notes it', async () => {
    write(
      dir(),
      'clouds.yaml',
      'clouds: {prod: {auth: {auth_url: u, user_id: i, password: p, pasword: s3cret, region_name: R}}}',
    );
    const { notes, credentials } = await resolved(given());
    expect(credentials.endpoint.region).toBe(undefined);
    for (const key of ['pasword', 'region_name']) {
      expect(notes.filter((note) => note.startsWith(`auth."${key}" of cloud "prod" in `)).length).toBe(1);
    }
    expect(notes.join()).not.toContain('s3cret');
  });

  test('fills references in, in the URL and beside auth, and leaves passwords alone', async () => {
    const { auth, endpoint } = await prod(
      'clouds: {prod: {region_name: R1, base: ex.org, auth: {auth_url: "https://{region_name}.{base}/v3", user_id: "{u}", password: "{p"}, image_endpoint_override: "http://{{x}}.{base}"}}',
    );
    expect(auth).toEqual({ auth_url: 'https://R1.ex.org/v3', user_id: '{u}', password: '{p' });
    expect(endpoint.override).toBe('http://{x}.ex.org');
  });

  test.each([
    ['a key that is not there', 'http://{nothing}'],
    ['the password', 'http://u:{password}@k'],
    ['more than a key', 'http://{auth.user_id}'],
    ['nothing', 'http://{}'],
    ['an open brace', 'http://{s3cret'],
  ])('refuses a reference to %s', async (_what, url) => {
    const error = await prodRefused(`clouds: {prod: {password: s3cret, auth: {auth_url: "${url}", user_id: u}}}`);
    expect(error.code).toBe('CONFIG_CLOUDS');
    expect(error.message).toMatch(/: its auth_url (?:refers in braces|has a brace)/);
    expect(error.message).not.toContain('s3cret');
  });
});
