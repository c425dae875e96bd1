import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AUTH_OPTIONS } from '../../../../../src/settings/options/keystone.ts';
import { SECRETS } from '../../../../../src/use-cases/check/node/secrets.ts';
import { told, useCheckHost } from '../../../../support/check-host.ts';

const host = useCheckHost();

/** Whatever is secret of a login is secret in a file, under each of its names. */
const SECRET_NAMES = AUTH_OPTIONS.flatMap(({ name, aliases = [], formerly = [], secret }) =>
  secret === true ? [name, ...aliases, ...formerly] : [],
);

describe('SECRETS', () => {
  test.each([
    ['a password', '[keystone_authtoken]\npassword = open sesame\n'],
    ['a URL with a password', 'connection = mysql+pymysql://glance:open@db/glance\n'],
    ['a URL of the message bus', 'transport_url=rabbit://openstack:open@rabbit:5672/\n'],
    ['a secret of clouds.yaml', 'clouds:\n  prod:\n    auth:\n      application_credential_secret: "open"\n'],
    ['a key of a store', 's3_store_secret_key = open\n'],
    ['a cloud in one line', 'clouds: {prod: {auth: {auth_url: "https://k", password: open}}}\n'],
  ])('finds a file that everybody can read with %s', async (_what, text) => {
    const path = host().write('/etc/glance/glance-api.conf', text, 0o644);
    const findings = await host().check(SECRETS);
    expect(told(findings)).toEqual(['error secrets-readable']);
    expect(findings[0]).toMatchObject({ command: `chmod o-rwx ${path}` });
    expect(JSON.stringify(findings)).not.toContain('sesame');
    chmodSync(path, 0o600);
    expect(await host().check(SECRETS)).toEqual([]);
  });

  test.each(SECRET_NAMES)('knows %s for a secret, in a configuration file and in clouds.yaml', async (name) => {
    host().write('/etc/glance/glance-cache.conf', `[cache_tools]\n${name} = open\n`, 0o644);
    host().write('/etc/glance/glance-api.conf.d/clouds.conf', `auth:\n  ${name}: open\n`, 0o644);
    expect(told(await host().check(SECRETS))).toEqual(['error secrets-readable', 'error secrets-readable']);
  });

  test.each([
    ['comments and placeholders', '#password = x\npassword = <ADMIN_PASSWORD>\npassword =\n'],
    [
      'a URL without a password',
      'connection = sqlite:////var/lib/glance/glance.db\nauth_url = http://keystone:5000/v3\n',
    ],
    ['other options', 'verify_glance_signatures = False\ntoken_cache_time = 300\n'],
  ])('finds nothing secret in %s', async (_what, text) => {
    host().write('/etc/glance/glance-api.conf.d/10.conf', text, 0o644);
    expect(await host().check(SECRETS)).toEqual([]);
  });

  test('minds no mode within a folder that others may not search', async () => {
    host().write('/etc/glance/glance-cache.conf', 'admin_password = open\n', 0o644);
    chmodSync(join(host().root, 'etc/glance'), 0o750);
    expect(await host().check(SECRETS)).toEqual([]);
  });

  test('looks at the files that were read, drop-ins and clouds.yaml', async () => {
    const secret = 'password: open\n';
    const files = [host().write('/srv/clouds.yaml', secret)];
    const configFiles = [host().write('/srv/mine.conf', secret), '/nowhere.conf'];
    host().write('/etc/glance/glance-cache.conf.d/a.conf', secret);
    const { cloud } = host().context();
    const findings = await host().check(SECRETS, { cloud: { ...cloud, files }, configFiles });
    expect(told(findings)).toEqual(['error secrets-readable', 'error secrets-readable', 'error secrets-readable']);
  });

  test('finds a group that has nothing to do with glance-api, and files that all may change', async () => {
    const own = process.getegid?.() ?? 0;
    host().run(812, ['/usr/bin/glance-api']);
    const path = host().write('/etc/glance/glance-api.conf', 'password = open\n', 0o640);
    // The group of root is nobody else's.
    expect(told(await host().check(SECRETS))).toEqual(own === 0 ? [] : ['note secrets-readable-by-group']);
    chmodSync(path, 0o602);
    expect(told(await host().check(SECRETS))).toEqual(['error config-writable']);
  });
});
