import { describe, expect, test } from 'vitest';
import { AUTH_OPTIONS, keystoneOptions } from '../../../src/settings/options/keystone.ts';
import { ALL_OPTIONS } from '../../../src/settings/options.ts';
import { settingsOf } from './settings-of.ts';

const SECRETS = ['password', 'token', 'application_credential_secret'] as const;
const FORMER = { password: 'admin_password', token: 'admin_token', application_credential_secret: undefined } as const;

describe('keystoneOptions()', () => {
  test('has every option of a login in the group of the table', () => {
    const names = ALL_OPTIONS.filter(({ group }) => group === 'keystone_authtoken').map(({ name }) => name);
    for (const { name } of AUTH_OPTIONS) expect(names).toContain(name);
    expect(names).toEqual(expect.arrayContaining(['auth_type', 'auth_section', 'cafile', 'region_name', 'interface']));
  });

  test('reads the same options of any group', () => {
    const conf =
      '[elsewhere]\nauth_plugin = V3\nusername = u\ninsecure = yes\nvalid_interfaces = internal, public\ntimeout = 1.5\n';
    const settings = settingsOf({ files: [conf], env: { OS_ELSEWHERE__REGION_NAME: 'R' } });
    const options = keystoneOptions('elsewhere');
    expect(settings.get(options.authType)).toBe('V3');
    expect(settings.get(options.auth.username)).toBe('u');
    expect(settings.get(options.insecure)).toBe(true);
    expect(settings.get(options.validInterfaces)).toEqual(['internal', 'public']);
    expect(settings.get(options.timeout)).toBe(1.5);
    expect(settings.get(options.regionName)).toBe('R');
    expect(settings.get(options.serviceType)).toBe('image');
    expect(settings.get(keystoneOptions('keystone_authtoken').auth.username)).toBe(undefined);
  });

  test.each(SECRETS.flatMap((name) => [[name, name] as const, [name, FORMER[name] ?? name] as const]))(
    'has %s masked when it is set as %s',
    (name, spelled) => {
      const settings = settingsOf({ files: [`[keystone_authtoken]\n${spelled} = s3cret-1\n`] });
      const shown = settings.effective().find((row) => row.group === 'keystone_authtoken' && row.name === name);
      expect(shown).toMatchObject({ value: '***', origin: { kind: 'file', line: 2 } });
      expect(settings.secrets).toEqual(['s3cret-1']);
      expect(JSON.stringify(settings.effective())).not.toContain('s3cret-1');
    },
  );

  test('has a secret masked where another option refers to it', () => {
    const conf = '[keystone_authtoken]\npassword = s3cret-1\nauth_url = http://u:$password@k\n';
    const settings = settingsOf({ files: [conf] });
    expect(JSON.stringify(settings.effective())).not.toContain('s3cret-1');
  });
});
