import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import { ConfigError } from '../../../src/errors/cache-error.ts';
import { scopeOf } from '../../../src/keystone/scope.ts';
import { adminOf } from '../../support/cloud/credentials.ts';
import { thrownBy } from '../../support/thrown.ts';

const scopeFor = (auth: Credentials['auth']) => scopeOf(adminOf({ keystoneUrl: 'http://k:5000' }, { auth }));

describe('scopeOf()', () => {
  test.each<[Credentials['auth'], unknown]>([
    [{}, undefined],
    [{ project_id: 'p1' }, { project: { id: 'p1' } }],
    [{ project_id: 'p1', project_name: 'p', project_domain_id: 'd1' }, { project: { id: 'p1' } }],
    [{ project_name: 'p', project_domain_id: 'd1' }, { project: { name: 'p', domain: { id: 'd1' } } }],
    [{ project_name: 'p', project_domain_name: 'D' }, { project: { name: 'p', domain: { name: 'D' } } }],
    [
      { project_name: 'p', project_domain_id: 'd1', project_domain_name: 'D' },
      { project: { name: 'p', domain: { id: 'd1' } } },
    ],
    [{ project_domain_name: 'D', user_domain_name: 'D' }, undefined],
    [{ domain_id: 'd1' }, { domain: { id: 'd1' } }],
    [{ domain_name: 'D' }, { domain: { name: 'D' } }],
    [{ domain_id: 'd1', domain_name: 'D' }, { domain: { id: 'd1' } }],
    [{ trust_id: 't1' }, { 'OS-TRUST:trust': { id: 't1' } }],
    [{ system_scope: 'all' }, { system: { all: true } }],
  ])('reads %j', (auth, scope) => {
    expect(scopeFor(auth)).toEqual(scope);
  });

  test.each<[Credentials['auth'], string]>([
    [{ project_id: 'p1', domain_id: 'd1' }, 'they ask for a project and a domain at once'],
    [{ project_name: 'p', trust_id: 't1' }, 'they ask for a project and a trust at once'],
    [{ trust_id: 't1', system_scope: 'all' }, 'they ask for a trust and the system at once'],
    [{ project_name: 'p' }, 'the project "p" is given by name, without a domain'],
    [{ system_scope: 'some' }, 'system_scope is "some"'],
  ])('refuses %j', (auth, state) => {
    const error = thrownBy(() => scopeFor(auth));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: `Cannot log in with the credentials from the environment: ${state}`,
    });
  });
});
