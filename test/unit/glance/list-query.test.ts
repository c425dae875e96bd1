import { describe, expect, test } from 'vitest';
import type { ImageQuery } from '../../../src/glance/glance.ts';
import { listQuery, matchesQuery } from '../../../src/glance/list-query.ts';

const sent = (query: ImageQuery) => [...listQuery(query, { isHidden: false, marker: undefined })].slice(1);

describe('listQuery()', () => {
  test.each<[ImageQuery, readonly (readonly [string, string])[]]>([
    [{}, []],
    [{ name: 'debian 13' }, [['name', 'debian 13']]],
    [{ name: 'a,b "c"' }, [['name', 'a,b "c"']]],
    [{ name: 'ubuntu:22.04' }, [['name', 'eq:ubuntu:22.04']]],
    [{ name: 'in:a,b' }, [['name', 'eq:in:a,b']]],
    [
      { tags: ['x', 'y'] },
      [
        ['tag', 'x'],
        ['tag', 'y'],
      ],
    ],
    [{ properties: { os_distro: 'debian' } }, [['os_distro', 'debian']]],
    [{ properties: { visibility: 'community' } }, [['visibility', 'community']]],
    [{ properties: { status: 'in:a,b' } }, []],
    [{ properties: { limit: '1', marker: 'm', sort_key: 'k', tag: 't', name: 'n' } }, []],
    [{ properties: { hw_cpu_max: '4', ram_min: 'x', size_min: '1' } }, []],
    [{ properties: { min_ram: '512', metadata: 'x', keys: 'x', stores: 'a', properties: 'x' } }, []],
  ])('asks Glance for %j with %j', (query, params) => {
    expect(sent(query)).toEqual(params);
  });

  test('asks for hidden images and for the place after one', () => {
    const params = listQuery({}, { isHidden: true, marker: 'm1' });
    expect(Object.fromEntries(params)).toEqual({ limit: '200', os_hidden: 'true', marker: 'm1' });
  });
});

describe('matchesQuery()', () => {
  const image = { name: 'n', tags: ['a', 'b'], os_distro: 'debian', min_ram: 512, os_hidden: true, limit: '1' };

  test.each<[ImageQuery, boolean]>([
    [{}, true],
    [{ name: 'n' }, true],
    [{ name: 'N' }, false],
    [{ tags: ['b', 'a'] }, true],
    [{ tags: ['a', 'c'] }, false],
    [{ properties: { os_distro: 'debian', min_ram: '512', os_hidden: 'true', limit: '1' } }, true],
    [{ properties: { os_distro: 'Debian' } }, false],
    [{ properties: { absent: '' } }, false],
    [{ properties: { constructor: '' } }, false],
    [{ name: 'n', tags: ['a'], properties: { min_ram: '1' } }, false],
  ])('compares letter by letter with %j: %s', (query, matches) => {
    expect(matchesQuery(image, query)).toBe(matches);
  });

  test('does not mind what is malformed', () => {
    expect(matchesQuery({ name: null, tags: 'a' }, { tags: ['a'] })).toBe(false);
  });
});
