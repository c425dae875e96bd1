import { describe, expect, test } from 'vitest';
import { credentialsOf, type Given, refusal, resolved, USER_AUTH, USER_ENV } from './resolved.ts';

const URL = { OS_AUTH_URL: 'http://k' };
const WITHOUT_PROJECT = {
  OS_AUTH_URL: 'http://k',
  OS_USERNAME: 'u',
  OS_PASSWORD: 'secret-1',
  OS_USER_DOMAIN_ID: 'd',
};
const BARE = { auth_url: 'http://k', username: 'u', password: 'secret-1', user_domain_id: 'd' };

describe('completeAuth()', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['names with domains by name', USER_ENV, USER_AUTH],
    ['no project', WITHOUT_PROJECT, BARE],
    [
      'the former names of the project',
      { ...WITHOUT_PROJECT, OS_TENANT_NAME: 'p', OS_PROJECT_DOMAIN_ID: 'd' },
      { ...BARE, project_name: 'p', project_domain_id: 'd' },
    ],
    [
      'both names of the project',
      { ...WITHOUT_PROJECT, OS_TENANT_ID: 'old', OS_PROJECT_ID: 'p' },
      { ...BARE, project_id: 'p' },
    ],
    [
      'a project by ID, which needs no domain',
      { ...WITHOUT_PROJECT, OS_PROJECT_ID: 'p', OS_PROJECT_NAME: 'n', OS_PROJECT_DOMAIN_NAME: 'd' },
      { ...BARE, project_id: 'p' },
    ],
    [
      'a user by ID, which needs no domain',
      { ...WITHOUT_PROJECT, OS_USER_ID: 'i' },
      { auth_url: 'http://k', user_id: 'i', password: 'secret-1' },
    ],
    [
      'domains by ID and by name',
      {
        ...WITHOUT_PROJECT,
        OS_USER_DOMAIN_NAME: 'n',
        OS_PROJECT_NAME: 'p',
        OS_PROJECT_DOMAIN_ID: 'i',
        OS_PROJECT_DOMAIN_NAME: 'n',
      },
      { ...BARE, project_name: 'p', project_domain_id: 'i' },
    ],
    [
      'a default domain',
      { ...URL, OS_USERNAME: 'u', OS_PASSWORD: 'x', OS_PROJECT_NAME: 'p', OS_DEFAULT_DOMAIN_NAME: 'd' },
      {
        auth_url: 'http://k',
        username: 'u',
        password: 'x',
        user_domain_name: 'd',
        project_name: 'p',
        project_domain_name: 'd',
      },
    ],
    [
      'a default domain beside another',
      { ...WITHOUT_PROJECT, OS_PROJECT_NAME: 'p', OS_DEFAULT_DOMAIN_ID: 'x' },
      { ...BARE, project_name: 'p', project_domain_id: 'x' },
    ],
    [
      'a domain and a project, as openstacksdk reads them',
      { ...URL, OS_USERNAME: 'u', OS_PASSWORD: 'x', OS_PROJECT_NAME: 'p', OS_DOMAIN_ID: 'd' },
      {
        auth_url: 'http://k',
        username: 'u',
        password: 'x',
        user_domain_id: 'd',
        project_name: 'p',
        project_domain_id: 'd',
      },
    ],
    [
      'a domain and a project with a domain of its own',
      { ...WITHOUT_PROJECT, OS_PROJECT_NAME: 'p', OS_PROJECT_DOMAIN_NAME: 'own', OS_DOMAIN_NAME: 'x' },
      { ...BARE, project_name: 'p', project_domain_name: 'own' },
    ],
    ['a domain alone', { ...WITHOUT_PROJECT, OS_DOMAIN_ID: 'i', OS_DOMAIN_NAME: 'n' }, { ...BARE, domain_id: 'i' }],
    ['the system', { ...WITHOUT_PROJECT, OS_SYSTEM_SCOPE: 'all' }, { ...BARE, system_scope: 'all' }],
    ['a trust', { ...WITHOUT_PROJECT, OS_TRUST_ID: 't' }, { ...BARE, trust_id: 't' }],
    ['blank variables', { ...WITHOUT_PROJECT, OS_USER_ID: '', OS_TOKEN: ' ', OS_PROJECT_ID: '' }, BARE],
    [
      'a URL of version 2, which knew no domains',
      { OS_AUTH_URL: 'http://k:5000/v2.0/', OS_USERNAME: 'u', OS_PASSWORD: 'x', OS_TENANT_NAME: 'p' },
      {
        auth_url: 'http://k:5000/v3',
        username: 'u',
        password: 'x',
        user_domain_id: 'default',
        project_name: 'p',
        project_domain_id: 'default',
      },
    ],
    [
      'a type of version 2',
      { ...URL, OS_AUTH_TYPE: 'v2password', OS_USERNAME: 'u', OS_PASSWORD: 'x', OS_TENANT_NAME: 'p' },
      {
        auth_url: 'http://k',
        username: 'u',
        password: 'x',
        user_domain_id: 'default',
        project_name: 'p',
        project_domain_id: 'default',
      },
    ],
    [
      'a token, where the user does not matter',
      { ...USER_ENV, OS_TOKEN: 't' },
      {
        auth_url: USER_AUTH.auth_url,
        token: 't',
        project_name: 'env-project',
        project_domain_name: 'env-project-domain',
      },
    ],
    [
      'an application credential by ID, which knows its user and its project',
      { ...USER_ENV, OS_APPLICATION_CREDENTIAL_ID: 'i', OS_APPLICATION_CREDENTIAL_SECRET: 's' },
      { auth_url: USER_AUTH.auth_url, application_credential_id: 'i', application_credential_secret: 's' },
    ],
    [
      'an application credential by name',
      { ...USER_ENV, OS_APPLICATION_CREDENTIAL_NAME: 'n', OS_APPLICATION_CREDENTIAL_SECRET: 's' },
      {
        auth_url: USER_AUTH.auth_url,
        application_credential_name: 'n',
        application_credential_secret: 's',
        username: 'env-user',
        user_domain_name: 'env-domain',
      },
    ],
    [
      'an application credential by name and user ID',
      { ...URL, OS_APPLICATION_CREDENTIAL_NAME: 'n', OS_APPLICATION_CREDENTIAL_SECRET: 's', OS_USER_ID: 'u' },
      { auth_url: 'http://k', application_credential_name: 'n', application_credential_secret: 's', user_id: 'u' },
    ],
    ['an endpoint beside a user', { ...WITHOUT_PROJECT, OS_ENDPOINT: 'http://g' }, BARE],
    [
      'an admin token',
      { OS_TOKEN: 't', OS_ENDPOINT: 'http://g', OS_AUTH_TYPE: 'admin_token', OS_USERNAME: 'u' },
      { token: 't', endpoint: 'http://g' },
    ],
    [
      'noauth',
      { OS_AUTH_TYPE: 'noauth', OS_ENDPOINT: 'http://g', OS_USER_ID: 'u', OS_PROJECT_ID: 'p' },
      { endpoint: 'http://g', user_id: 'u', project_id: 'p' },
    ],
  ])('completes the options of the login when it is given %s', async (_what, env, auth) => {
    expect((await credentialsOf({ env })).auth).toEqual(auth);
  });

  test.each<readonly [string, Given['env'], readonly string[]]>([
    ['a user without anything', { OS_USERNAME: 'u' }, ['OS_AUTH_URL', 'OS_PASSWORD', 'OS_USER_DOMAIN_NAME']],
    ['a user without a domain', { ...URL, OS_USERNAME: 'u', OS_PASSWORD: 'x' }, ['OS_USER_DOMAIN_NAME']],
    ['a project without a domain', { ...WITHOUT_PROJECT, OS_PROJECT_NAME: 'p' }, ['OS_PROJECT_DOMAIN_NAME']],
    ['a type without a user', { ...URL, OS_AUTH_TYPE: 'v3password', OS_PASSWORD: 'x' }, ['OS_USERNAME']],
    ['a type without a token', { ...URL, OS_AUTH_TYPE: 'token' }, ['OS_TOKEN']],
    ['a token without a URL', { OS_TOKEN: 't' }, ['OS_AUTH_URL']],
    [
      'an application credential without its secret',
      { ...URL, OS_APPLICATION_CREDENTIAL_ID: 'i' },
      ['OS_APPLICATION_CREDENTIAL_SECRET'],
    ],
    [
      'the secret of an application credential alone',
      { ...URL, OS_APPLICATION_CREDENTIAL_SECRET: 's' },
      ['OS_APPLICATION_CREDENTIAL_ID'],
    ],
    [
      'an application credential by name without a user',
      { ...URL, OS_APPLICATION_CREDENTIAL_NAME: 'n', OS_APPLICATION_CREDENTIAL_SECRET: 's' },
      ['OS_USERNAME'],
    ],
    [
      'an application credential by name and a user without a domain',
      { ...URL, OS_USERNAME: 'u', OS_APPLICATION_CREDENTIAL_NAME: 'n', OS_APPLICATION_CREDENTIAL_SECRET: 's' },
      ['OS_USER_DOMAIN_NAME'],
    ],
    ['none without an endpoint', { OS_AUTH_TYPE: 'none' }, ['OS_ENDPOINT']],
    ['noauth without an endpoint', { OS_AUTH_STRATEGY: 'noauth' }, ['OS_ENDPOINT']],
    ['an admin token without an endpoint', { OS_AUTH_TYPE: 'admin_token', OS_TOKEN: 't' }, ['OS_ENDPOINT']],
  ])('names what is missing when it is given %s', async (_what, env = {}, missing) => {
    const error = await refusal({ env });
    expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', details: { source: 'the environment', missing } });
    for (const variable of missing) expect(error.message).toContain(`no ${variable}`);
  });

  test.each<readonly [string, Given['env'], readonly string[]]>([
    [
      'a project and a trust',
      { ...WITHOUT_PROJECT, OS_PROJECT_ID: 'p', OS_TRUST_ID: 't' },
      ['OS_PROJECT_ID', 'OS_TRUST_ID'],
    ],
    [
      'a domain and the system',
      { ...WITHOUT_PROJECT, OS_DOMAIN_NAME: 'd', OS_SYSTEM_SCOPE: 'all' },
      ['OS_DOMAIN_NAME', 'OS_SYSTEM_SCOPE'],
    ],
    [
      'a token for a project and the system',
      { ...URL, OS_TOKEN: 't', OS_PROJECT_ID: 'p', OS_SYSTEM_SCOPE: 'all' },
      ['OS_PROJECT_ID', 'OS_SYSTEM_SCOPE'],
    ],
  ])('refuses to log in to two things when it is given %s', async (_what, env = {}, targets) => {
    const error = await refusal({ env });
    expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', details: { targets } });
    expect(error.message).toMatch(/cannot be scoped to multiple targets/);
  });

  test('refuses a domain beside a project in a configuration file, as keystoneauth does', async () => {
    const conf = '[cache_tools]\nauth_url = http://k\nuser_id = u\npassword = x\nproject_id = p\ndomain_id = d\n';
    expect((await refusal({ conf })).details).toMatchObject({
      targets: ['project_id in [cache_tools]', 'domain_id in [cache_tools]'],
    });
  });

  test('notes what the way to log in does not use', async () => {
    const { notes } = await resolved({ env: { ...USER_ENV, OS_TOKEN: 'token-1', OS_ENDPOINT: 'http://g' } });
    expect(notes).toContain(
      'Not used with auth_type token: OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME, OS_ENDPOINT',
    );
  });
});
