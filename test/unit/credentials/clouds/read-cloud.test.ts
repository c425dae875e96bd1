import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { credentialsOf, refusal, resolved, USER_ENV, write } from '../resolved.ts';
import { cloudsYaml, useProdCloud } from './prod-cloud.ts';

const { dir, given, prodRefused } = useProdCloud();

/** The name of the file as the password of its cloud. */
function marked(mark: string): string {
  return `clouds: {prod: {auth: {auth_url: "http://k", user_id: u, password: "${mark}"}}}`;
}
describe('readCloud()', () => {
  const PLACES = [
    'named.yaml',
    'clouds.yaml',
    'clouds.yml',
    'clouds.json',
    'xdg-home/openstack/clouds.yaml',
    'home/.config/openstack/clouds.yaml',
    'home/.config/openstack/clouds.yml',
    'site-1/openstack/clouds.json',
    'site-2/openstack/clouds.yaml',
  ];

  test.each(PLACES.map((place, i) => [place, PLACES.slice(i)] as const))(
    'reads %s before all that come after it',
    async (place, places) => {
      for (const path of places) write(dir(), path, marked(path));
      const env = {
        OS_CLIENT_CONFIG_FILE: join(dir(), 'named.yaml'),
        XDG_CONFIG_HOME: join(dir(), 'xdg-home'),
        XDG_CONFIG_DIRS: `${join(dir(), 'site-1')}:relative:${join(dir(), 'site-2')}`,
      };
      const { credentials, warnings } = await resolved(given(env));
      expect(credentials.auth.password).toBe(place);
      expect(credentials.source).toBe(`cloud "prod" in ${join(dir(), place)}`);
      const isNamed = place === 'named.yaml';
      expect(warnings).toEqual(
        isNamed
          ? []
          : [
              `There is no file ${join(dir(), 'named.yaml')} (OS_CLIENT_CONFIG_FILE); ${join(dir(), place)} is read instead`,
            ],
      );
    },
  );

  test('uses one file only, even if the cloud is in another', async () => {
    write(dir(), 'clouds.yaml', 'clouds: {b: {}, a: {}}');
    write(dir(), 'home/.config/openstack/clouds.yaml', marked('x'));
    const error = await refusal(given());
    expect(error).toMatchObject({
      code: 'CONFIG_CLOUDS',
      exitCode: 3,
      hint: 'There is "b", "a"; to use it: <this command> --os-cloud b',
      details: { cloud: 'prod', clouds: ['b', 'a'], files: [join(dir(), 'clouds.yaml')] },
    });
    expect(error.message).toBe(`Cannot find cloud "prod": it is not in ${join(dir(), 'clouds.yaml')}`);
  });

  test('lays secure.yaml over it, wherever that is found', async () => {
    write(dir(), 'clouds.yaml', cloudsYaml('    region_name: R', '    interface: internal'));
    write(
      dir(),
      'home/.config/openstack/secure.yml',
      'clouds: {prod: {auth: {password: pass-2, project-id: p}, region_name: S}}',
    );
    const { auth, endpoint } = await credentialsOf(given());
    expect(auth).toEqual({ auth_url: 'http://k', user_id: 'u', password: 'pass-2', project_id: 'p' });
    expect(endpoint).toMatchObject({ region: 'S', interfaces: ['internal'] });
    const named = write(dir(), 'elsewhere', 'clouds: {prod: {auth: {password: pass-3}}}');
    expect((await credentialsOf(given({ OS_CLIENT_SECURE_FILE: named }))).auth.password).toBe('pass-3');
  });

  test('finds a cloud that is in secure.yaml alone', async () => {
    write(dir(), 'secure.yaml', marked('x'));
    expect((await credentialsOf(given())).source).toBe(`cloud "prod" in ${join(dir(), 'secure.yaml')}`);
  });

  test('passes over a file that cannot be read when there is another', async () => {
    mkdirSync(join(dir(), 'clouds.yaml'));
    write(dir(), 'clouds.yml', marked('x'));
    const { credentials, notes } = await resolved(given());
    expect(credentials.auth.password).toBe('x');
    expect(notes).toContain(`Cannot read ${join(dir(), 'clouds.yaml')}: it is a directory`);
  });

  test('names the file that cannot be read when there is no other', async () => {
    mkdirSync(join(dir(), 'clouds.yaml'));
    const error = await refusal(given());
    expect(error.code).toBe('CONFIG_CLOUDS');
    expect(error.message).toBe(
      `Cannot find cloud "prod": cannot read ${join(dir(), 'clouds.yaml')}: it is a directory`,
    );
  });

  test('names the file that the environment names and that is not there, when there is no other', async () => {
    const error = await refusal(given({ OS_CLIENT_CONFIG_FILE: join(dir(), 'none.yaml') }));
    expect(error.message).toBe(
      `Cannot find cloud "prod": there is no file ${join(dir(), 'none.yaml')} (OS_CLIENT_CONFIG_FILE)`,
    );
  });

  test('tells of a secure.yaml that cannot be read when a password is missing', async () => {
    mkdirSync(join(dir(), 'secure.yaml'));
    const error = await prodRefused('clouds: {prod: {auth: {auth_url: "http://k", user_id: u}}}');
    expect(error).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      hint: `Cannot read ${join(dir(), 'secure.yaml')}: it is a directory`,
    });
    expect(error.message).toMatch(/: there is no auth.password$/);
  });

  test('names file and line when it is no YAML', async () => {
    const error = await prodRefused('clouds:\n  prod:\n    auth:\n\tpassword: s3cret\n');
    expect(error).toMatchObject({ code: 'CONFIG_CLOUDS', details: { file: join(dir(), 'clouds.yaml'), line: 4 } });
    expect(error.message).toMatch(/clouds\.yaml:4: /);
    expect(error.message + error.hint).not.toContain('s3cret');
  });

  test.each([
    ['a list', '- prod', /it is not a mapping of clouds$/],
    ['a list of clouds', 'clouds: [prod]', /it is not a mapping of clouds$/],
    ['a cloud that is a text', 'clouds: {prod: x}', /it is not a mapping$/],
    ['an auth that is a text', 'clouds: {prod: {auth: x}}', /its "auth" is not a mapping$/],
    ['a name that is a mapping', 'clouds: {prod: {auth: {username: {a: b}}}}', /its auth.username is not a text$/],
    ['an empty file', '', /it is not in /],
    ['an empty list of clouds', 'clouds:', /it is not in /],
  ])('refuses %s', async (_what, text, message) => {
    const error = await prodRefused(text);
    expect(error).toMatchObject({ code: 'CONFIG_CLOUDS', hint: expect.any(String) as unknown });
    expect(error.message).toMatch(message);
  });

  test('does not merge the environment in', async () => {
    write(dir(), 'clouds.yaml', cloudsYaml());
    const { credentials, notes } = await resolved(given({ ...USER_ENV, OS_REGION_NAME: 'R', OS_INSECURE: 'true' }));
    expect(credentials.auth).toEqual({ auth_url: 'http://k', user_id: 'u', password: 'pass-1' });
    expect(credentials).toMatchObject({ endpoint: { region: undefined }, tls: { insecure: false } });
    expect(notes.find((note) => note.includes('OS_PASSWORD'))).toMatch(/^Not used beside cloud "prod" in /);
  });

  test('lets flags replace its values', async () => {
    write(dir(), 'clouds.yaml', cloudsYaml('    interface: internal'));
    const { auth } = await credentialsOf({ ...given(), flags: { project_id: 'p', password: 'mine' } });
    expect(auth).toEqual({ auth_url: 'http://k', user_id: 'u', password: 'mine', project_id: 'p' });
  });
});
