import { describe, expect, test } from 'vitest';
import { parsePasteFile } from '../../../../src/plan/check/paste-file.ts';
import {
  type FilterKind,
  filterNamed,
  flavorsIn,
  lookAtPipeline,
  type PipelineLook,
} from '../../../../src/plan/check/paste-pipeline.ts';
import { CACHING_FLAVORS, PASTE_FILES, PLAIN_FLAVORS, WALLABY, XENA } from '../../../support/paste-files.ts';

function look(text: string, flavor = ''): PipelineLook {
  return lookAtPipeline(parsePasteFile(text), flavor);
}

/** The kinds of the filters that count. */
function kinds(text: string, flavor = ''): readonly FilterKind[] | PipelineLook {
  const found = look(text, flavor);
  return found.kind === 'pipeline' ? found.filters.map(({ kind }) => kind).filter((kind) => kind !== 'other') : found;
}

const CACHE = '[filter:c]\npaste.filter_factory = glance.api.middleware.cache:CacheFilter.factory\n';
const APP = '[app:end]\npaste.app_factory = glance.api.v2.router:API.factory\n';

describe.each(Object.entries(PASTE_FILES))('lookAtPipeline() on the file of %s', (_, text) => {
  test.each(CACHING_FLAVORS)('finds the cache with flavor %j', (flavor) => {
    const managed = flavor.includes('manage') ? ['cachemanage'] : [];
    expect(kinds(text, flavor)).toEqual(['context', 'cache', ...managed]);
  });

  test.each(PLAIN_FLAVORS)('finds none with flavor %j', (flavor) => {
    expect(kinds(text, flavor)).toEqual(['context']);
  });

  test('finds no application for the flavor of some manuals', () => {
    expect(look(text, 'keystone+cachemanage')).toEqual({ kind: 'absent' });
  });

  test('knows the flavors and the name of the filter', () => {
    const file = parsePasteFile(text);
    expect(new Set(flavorsIn(file))).toEqual(new Set([...CACHING_FLAVORS, ...PLAIN_FLAVORS]));
    expect(filterNamed(file, 'cache')).toBe('cache');
    expect(filterNamed(file, 'unknown')).toBeUndefined();
  });
});

describe('lookAtPipeline()', () => {
  test('tells where the list stands that a filter can be added to', () => {
    const found = look(XENA, 'keystone');
    if (found.kind !== 'pipeline') throw new Error('no pipeline');
    expect(XENA.split('\n')[(found.list?.line ?? 0) - 1]).toMatch(/^keystone = /);
    expect(found.list?.names.at(-1)).toBe('rootapp');
  });

  test('goes by what a filter loads, and not by its name', () => {
    const cache = CACHE.replace(':c]', ':fast lane]').replace('fast lane', 'lane');
    expect(kinds(`[pipeline:glance-api]\npipeline = lane end\n${cache}${APP}`)).toEqual(['cache']);
    const fake = '[filter:cache]\npaste.filter_factory = somebody.else:Filter.factory\n';
    expect(kinds(`[pipeline:glance-api]\npipeline = cache end\n${fake}${APP}`)).toEqual([]);
  });

  test('follows filters that use others, that go with an application, or that stand before one', () => {
    const used = `[filter:b]\nuse = c\n${CACHE}${APP}`;
    expect(kinds(`[pipeline:glance-api]\npipeline = b end\n${used}`)).toEqual(['cache']);
    expect(kinds(`[app:glance-api]\nuse = end\nfilter-with = b\n${used}`)).toEqual(['cache']);
    const filterApp = '[filter-app:glance-api]\nnext = end\npaste.filter_factory = ';
    expect(kinds(`${filterApp}glance.api.middleware.cache:CacheFilter.factory\n${APP}`)).toEqual(['cache']);
  });

  test('follows the way of a download through a map of paths', () => {
    const map = '[composite:glance-api]\nuse = egg:Paste#urlmap\n';
    const ways = `[pipeline:with]\npipeline = c end\n${CACHE}${APP}`;
    expect(kinds(`${map}/: end\n/v2: with\n${ways}`)).toEqual(['cache']);
    expect(kinds(`${map}/: with\n/v2: end\n${ways}`)).toEqual([]);
    expect(kinds(`${map}/: with\n/v1: end\n${ways}`)).toEqual(['cache']);
    // Below another path the whole of Glance may lie.
    expect(kinds(`${map}/image = with\n${ways}`)).toEqual(['cache']);
  });

  test('takes a map that uses another one for the same map with more in it', () => {
    const text = `[composite:glance-api]\nuse = base\n/v2 = with\n[composite:base]\nuse = egg:Paste#urlmap\n/ = end\n`;
    expect(kinds(`${text}[pipeline:with]\npipeline = c end\n${CACHE}${APP}`)).toEqual(['cache']);
  });

  test('says that it cannot know what is described elsewhere', () => {
    expect(look('[app:glance-api]\nuse = config:/etc/other.ini#main\n')).toMatchObject({
      filters: [],
      opaque: ['config:/etc/other.ini#main'],
    });
    expect(kinds(`[pipeline:glance-api]\npipeline = egg:mine#filter end\n${APP}`)).toEqual(['unknown']);
    const strange = '[composite:glance-api]\npaste.composite_factory = mine:factory\n/ = end\n';
    expect(look(`${strange}${APP}`)).toMatchObject({ opaque: ['composite:glance-api'] });
  });

  test.each([
    ['[pipeline:glance-api]\npipeline = a end\n', 2, 'there is no section [filter:a]'],
    ['[pipeline:glance-api]\npipeline = nowhere\n', 2, 'there is no section [app:nowhere]'],
    ['[pipeline:glance-api]\n', 1, '[pipeline:glance-api] has no line "pipeline"'],
    ['[pipeline:glance-api]\npipeline =\n', 2, '"pipeline" lists nothing'],
    ['[app:glance-api]\nuse = glance-api\n', 1, '[app:glance-api] leads to itself'],
    ['[app:glance-api]\n[pipeline:glance-api]\n', 1, 'there are several sections for "glance-api"'],
    ['[composite:glance-api]\n', 1, '[composite:glance-api] has no line "use"'],
  ])('tells why glance-api does not start with %j', (text, line, reason) => {
    expect(look(text)).toEqual({ kind: 'broken', line, reason });
  });

  test('tells that a pipeline is missing when Xena has no line for the flavor', () => {
    const text = XENA.replace(/^keystone\+caching = .*$/m, '');
    expect(look(text, 'keystone+caching')).toMatchObject({
      kind: 'broken',
      reason: '[composite:api] has no pipeline called "keystone+caching"',
    });
  });

  test('is done in no time when maps lead to maps in circles', () => {
    const circles = Array.from(
      { length: 20 },
      (_, at) => `[composite:m${at}]\nuse = egg:Paste#urlmap\nx = m${at + 1}\ny = m${(at * 7) % 20}\n`,
    );
    expect(look(`[composite:glance-api]\nuse = egg:Paste#urlmap\nz = m0\n${circles.join('')}`).kind).toBe('broken');
  });

  test('knows a hand-written pipeline among those of the release', () => {
    const text = `${WALLABY}\n[pipeline:glance-api-mine]\npipeline =\n  versionnegotiation\n  authtoken context\n  cache\n  rootapp\n`;
    expect(kinds(text, 'mine')).toEqual(['context', 'cache']);
  });
});
