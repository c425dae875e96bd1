import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EndpointChoice } from '../../../src/credentials/credentials.ts';
import { ConfigError } from '../../../src/errors/cache-error.ts';
import { findEndpoint, overriddenEndpoint } from '../../../src/keystone/catalog.ts';
import { thrownBy } from '../../support/thrown.ts';

const ANY: EndpointChoice = {
  serviceType: 'image',
  serviceName: undefined,
  interfaces: ['public'],
  region: undefined,
  override: undefined,
};

const endpoint = (face: string, region: string, url = `http://${face}.${region}`) => ({
  interface: face,
  region,
  region_id: region,
  url,
});

const CATALOG = [
  { type: 'identity', name: 'keystone', endpoints: [endpoint('public', 'one', 'http://keystone')] },
  { type: 'image', name: 'glance', endpoints: [endpoint('internal', 'one'), endpoint('public', 'one')] },
  { type: 'image', name: 'other', endpoints: [endpoint('public', 'two'), endpoint('admin', 'one')] },
];

describe('findEndpoint()', () => {
  test.each<[Partial<EndpointChoice>, string]>([
    [{}, 'http://public.one/v2'],
    [{ interfaces: ['internal'] }, 'http://internal.one/v2'],
    [{ interfaces: ['admin', 'internal', 'public'] }, 'http://admin.one/v2'],
    [{ interfaces: ['nowhere', 'internal'] }, 'http://internal.one/v2'],
    [{ interfaces: ['internalURL'] }, 'http://internal.one/v2'],
    [{ region: 'two' }, 'http://public.two/v2'],
    [{ serviceName: 'other' }, 'http://public.two/v2'],
    [{ serviceType: 'identity' }, 'http://keystone/v2'],
  ])('finds for %j %s', (choice, url) => {
    expect(findEndpoint(CATALOG, { ...ANY, ...choice })).toBe(url);
  });

  test.each([
    ['B/image', 'B/image/v2'],
    ['B/image/', 'B/image/v2'],
    ['B/image//', 'B/image/v2'],
    ['B/image/v2', 'B/image/v2'],
    ['B/image/v2/', 'B/image/v2'],
    ['B/image/v2.5', 'B/image/v2'],
    ['B/image/v1', 'B/image/v2'],
    ['B/v2', 'B/v2'],
    ['B', 'B/v2'],
    ['B/', 'B/v2'],
    ['B/v2/image', 'B/v2/image/v2'],
    ['B/v2/v2', 'B/v2/v2'],
    ['B/imagev2', 'B/imagev2/v2'],
    ['http://v2', 'http://v2/v2'],
  ])('makes of the URL %s the base %s', (given, base) => {
    const [url, expected] = [given, base].map((text) => text.replace(/^B/, 'http://h:9292'));
    const catalog = [{ type: 'image', endpoints: [endpoint('public', 'one', url)] }];
    expect(findEndpoint(catalog, ANY)).toBe(expected);
  });

  test('compares the service name only where the catalog has names', () => {
    const unnamed = CATALOG.map(({ type, endpoints }) => ({ type, endpoints }));
    expect(findEndpoint(unnamed, { ...ANY, serviceName: 'absent' })).toBe('http://public.one/v2');
    expect(thrownBy(() => findEndpoint(CATALOG, { ...ANY, serviceName: 'absent' }))).toBeInstanceOf(ConfigError);
  });

  test('takes the region where there is no region_id', () => {
    const former = { interface: 'public', region: 'old', url: 'http://g' };
    const renamed = { ...former, region_id: 'new', url: 'http://h' };
    const catalog = [{ type: 'image', endpoints: [renamed, former] }];
    expect(findEndpoint(catalog, { ...ANY, region: 'old' })).toBe('http://g/v2');
    expect(findEndpoint(catalog, { ...ANY, region: 'new' })).toBe('http://h/v2');
  });

  test('passes over what is malformed', () => {
    const broken = [null, 1, 'image', {}, { type: 'image' }, { type: 'image', endpoints: 'none' }];
    const endpoints = [null, {}, { interface: 'public' }, ...['', 'no url', 'ftp://g', 'http://u:p@g'].map(urlOf)];
    const catalog = [...broken, { type: 'image', endpoints: [...endpoints, urlOf('http://g')] }];
    expect(findEndpoint(catalog, ANY)).toBe('http://g/v2');
  });

  test('lists what there is when nothing is what was asked for', () => {
    const error = thrownBy(() => findEndpoint(CATALOG, { ...ANY, interfaces: ['public', 'internal'], region: 'One' }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      code: 'CONFIG_ENDPOINT',
      message:
        'Cannot find Glance: the catalog of Keystone has no public or internal endpoint of service "image" in region "One"',
      hint: 'It has internal in one, public in one, public in two, admin in one: check the interface and the region, which are compared letter by letter: openstack catalog show image',
    });
  });

  test('does not list a hundred regions', () => {
    const endpoints = Array.from({ length: 100 }, (_, index) => endpoint('internal', `r${index}`));
    const error = thrownBy(() => findEndpoint([{ type: 'image', endpoints }], ANY));
    expect(error).toMatchObject({ hint: expect.stringMatching(/internal in r11, and more: check/) as string });
    expect(error).toMatchObject({ hint: expect.not.stringContaining('r12') as string });
  });

  test('says so when there is no such service at all', () => {
    expect(thrownBy(() => findEndpoint([], { ...ANY, serviceType: 'images' }))).toMatchObject({
      message: 'Cannot find Glance: the catalog of Keystone has no public endpoint of service "images"',
      hint: expect.stringMatching(
        /^It has no service of type "images" with an endpoint: check the project, /,
      ) as string,
    });
  });

  test('finds a URL of version 2, or raises CONFIG_ENDPOINT, whatever the catalog holds', () => {
    const url = fc.oneof(fc.webUrl(), fc.string(), fc.constant('http://g/v2/'));
    const maybeEndpoint = fc.oneof(fc.jsonValue(), fc.record({ interface: fc.constantFrom('public', 'x'), url }));
    const service = fc.record({ type: fc.constantFrom('image', 'x'), endpoints: fc.array(maybeEndpoint) });
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), service)), (catalog) => {
        try {
          expect(findEndpoint(catalog, ANY)).toMatch(/^https?:\/\/[^?#]+\/v2$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONFIG_ENDPOINT' });
        }
      }),
    );
  });
});

describe('overriddenEndpoint()', () => {
  test.each([
    ['http://g:9292', 'http://g:9292/v2'],
    ['http://g:9292/v2/', 'http://g:9292/v2'],
    ['https://h/image/%(project_id)s', 'https://h/image/p1/v2'],
    ['https://h/%(tenant_id)s/%(project_id)s/v2', 'https://h/p1/p1/v2'],
  ])('makes of %s %s', (override, url) => {
    expect(overriddenEndpoint(override, 'p1')).toBe(url);
  });

  test.each([
    ['http://g/%(project_id)s', 'Cannot find Glance: its URL wants a project, and the login is for none'],
    ['glance:9292', 'Cannot find Glance: the URL that the configuration gives is none of http'],
    ['http://u:hunter2@g', 'Cannot find Glance: the URL that the configuration gives is none of http'],
  ])('refuses %s without a project', (override, message) => {
    expect(thrownBy(() => overriddenEndpoint(override, undefined))).toMatchObject({ code: 'CONFIG_ENDPOINT', message });
  });
});

function urlOf(url: string): unknown {
  return { interface: 'public', url };
}
