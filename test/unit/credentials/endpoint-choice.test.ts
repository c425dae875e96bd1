import { describe, expect, test } from 'vitest';
import { credentialsOf, refusal, USER_ENV } from './resolved.ts';

const PUBLIC = {
  serviceType: 'image',
  serviceName: undefined,
  interfaces: ['public'],
  region: undefined,
  override: undefined,
};

describe('chooseEndpoint()', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, object]>([
    ['nothing', {}, {}],
    ['a region', { OS_REGION_NAME: 'R1' }, { region: 'R1' }],
    ['a region of Glance alone', { OS_REGION_NAME: 'R1', OS_IMAGE_REGION_NAME: 'R2' }, { region: 'R2' }],
    ['an interface', { OS_INTERFACE: 'internal' }, { interfaces: ['internal'] }],
    ['an interface in the words of version 2', { OS_INTERFACE: 'publicURL' }, { interfaces: ['public'] }],
    [
      'an interface under both names',
      { OS_INTERFACE: 'public', OS_ENDPOINT_TYPE: 'adminURL' },
      { interfaces: ['admin'] },
    ],
    [
      'an interface of Glance alone',
      { OS_ENDPOINT_TYPE: 'admin', OS_IMAGE_INTERFACE: 'internal' },
      { interfaces: ['internal'] },
    ],
    ['several interfaces', { OS_INTERFACE: 'internal, public,internalURL' }, { interfaces: ['internal', 'public'] }],
    [
      'another service',
      { OS_IMAGE_SERVICE_TYPE: 'image2', OS_IMAGE_SERVICE_NAME: 'g' },
      { serviceType: 'image2', serviceName: 'g' },
    ],
    ['an override', { OS_IMAGE_ENDPOINT_OVERRIDE: ' http://g ' }, { override: 'http://g' }],
    ['an override of every service', { OS_ENDPOINT_OVERRIDE: 'http://g' }, {}],
  ])('chooses an endpoint when it is given %s', async (_what, env, expected) => {
    const { endpoint } = await credentialsOf({ env: { ...USER_ENV, ...env } });
    expect(endpoint).toEqual({ ...PUBLIC, ...expected });
  });

  test('refuses an interface that Keystone does not have', async () => {
    const error = await refusal({ env: { ...USER_ENV, OS_INTERFACE: 'public,privat' } });
    expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS' });
    expect(error.message).toBe('Cannot use OS_INTERFACE: "public,privat" is no interface of an endpoint');
  });
});

describe('parseTimeout()', () => {
  test.each([
    ['12.5', 12.5],
    ['0', undefined],
    ['inf', undefined],
    ['nan', undefined],
    ['', undefined],
  ])('reads %o', async (text, timeoutSec) => {
    expect((await credentialsOf({ env: { ...USER_ENV, OS_API_TIMEOUT: text } })).timeoutSec).toBe(timeoutSec);
  });

  test.each(['-1', '30s', 'soon'])('refuses %o', async (text) => {
    const error = await refusal({ env: { ...USER_ENV, OS_API_TIMEOUT: text } });
    expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', hint: expect.any(String) as unknown });
    expect(error.message).toContain(`OS_API_TIMEOUT: "${text}"`);
  });
});
