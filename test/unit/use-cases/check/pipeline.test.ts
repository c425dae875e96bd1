import { describe, expect, test } from 'vitest';
import { findPipelineFaults } from '../../../../src/use-cases/check/files/pipeline.ts';
import { findUnseenGlanceApi } from '../../../../src/use-cases/check/files/unseen-glance-api.ts';
import { CACHING_FLAVORS, PASTE_FILES, WALLABY, XENA } from '../../../support/paste-files.ts';
import { inShort, useNode } from './node-files.ts';

const node = useNode();

const flavor = (name: string): string => `[DEFAULT]\n[paste_deploy]\nflavor = ${name}\n`;

const CACHE_FILTER = '[filter:c]\npaste.filter_factory = glance.api.middleware.cache:CacheFilter.factory\n';
const OTHERS =
  '[filter:x]\npaste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory\n[app:end]\npaste.app_factory = a:b\n';

describe.each(Object.entries(PASTE_FILES))('findPipelineFaults() with the paste file of %s', (_, paste) => {
  test.each(CACHING_FLAVORS)('says nothing of flavor %s', (name) => {
    expect(findPipelineFaults(node.read({ api: flavor(name), paste }))).toEqual([]);
  });

  test('proposes the flavor with a cache that is like the one in use', () => {
    expect(inShort(findPipelineFaults(node.read({ api: flavor('keystone'), paste })))).toEqual([
      ['cache-not-in-pipeline', 'error', 'flavor = keystone+caching'],
    ]);
    const without = node.read({ api: '[DEFAULT]\n', paste });
    expect(inShort(findPipelineFaults(without))).toEqual([
      ['cache-not-in-pipeline', 'error', '[paste_deploy] flavor = caching'],
    ]);
  });

  test('knows what is meant by the flavor of some manuals', () => {
    const findings = findPipelineFaults(node.read({ api: flavor('keystone+cachemanage'), paste }));
    expect(inShort(findings)).toEqual([['flavor-unknown', 'error', 'flavor = keystone+cachemanagement']]);
    expect(findings[0]?.change?.line).toBe(3);
  });
});

describe('findPipelineFaults()', () => {
  test('proposes the nearest flavor for one that is misspelt, and never one without authentication', () => {
    expect(inShort(findPipelineFaults(node.read({ api: flavor('keystone+cacheing') })))).toEqual([
      ['flavor-unknown', 'error', 'flavor = keystone+caching'],
    ]);
    expect(inShort(findPipelineFaults(node.read({ api: flavor('ldap+caching') })))).toEqual([
      ['flavor-unknown', 'error', undefined],
    ]);
  });

  test('proposes another pipeline when no flavor has a cache', () => {
    const paste = `[pipeline:glance-api-mine]\npipeline = x end\n${CACHE_FILTER}${OTHERS}`;
    const findings = findPipelineFaults(node.read({ api: flavor('mine'), paste }));
    expect(inShort(findings)).toEqual([['cache-not-in-pipeline', 'error', 'pipeline = x c end']]);
    expect(findings[0]?.change).toMatchObject({ file: node.path('glance-api-paste.ini'), line: 2 });
  });

  test('proposes nothing when the file has no cache filter at all', () => {
    const paste = `[pipeline:glance-api]\npipeline = x end\n${OTHERS}`;
    expect(inShort(findPipelineFaults(node.read({ api: '[DEFAULT]\n', paste })))).toEqual([
      ['cache-not-in-pipeline', 'error', undefined],
    ]);
  });

  test('tells when only the management of a cache is in the pipeline', () => {
    const paste = WALLABY.replace('authtoken context cache cachemanage', 'authtoken context cachemanage');
    const [finding] = findPipelineFaults(node.read({ api: flavor('keystone+cachemanagement'), paste }));
    expect(finding?.message).toMatch(/has no cache filter, only cache management$/);
  });

  test('tells when the cache stands before the context', () => {
    const paste = `[pipeline:glance-api]\npipeline = c x end\n${CACHE_FILTER}${OTHERS}`;
    expect(inShort(findPipelineFaults(node.read({ api: '[DEFAULT]\n', paste })))).toEqual([
      ['cache-before-context', 'error', 'pipeline = x c end'],
    ]);
  });

  test('does not claim to know what is described elsewhere', () => {
    const paste = `[pipeline:glance-api]\npipeline = egg:mine#cache x end\n${OTHERS}`;
    expect(inShort(findPipelineFaults(node.read({ api: '[DEFAULT]\n', paste })))).toEqual([
      ['cache-not-seen-in-pipeline', 'warning', undefined],
    ]);
  });

  test('tells of lines that Python refuses, of pipelines that lead nowhere, and of a relative path', () => {
    const relative = '[paste_deploy]\nflavor = keystone\nconfig_file = glance-api-paste.ini\n';
    const paste = '[pipeline:glance-api-keystone]\npipeline = nowhere end\nnonsense\n';
    expect(inShort(findPipelineFaults(node.read({ api: relative, paste })))).toEqual([
      ['paste-file-broken', 'error', undefined],
      ['paste-file-relative', 'warning', `config_file = ${node.path('glance-api-paste.ini')}`],
      ['pipeline-broken', 'error', undefined],
    ]);
  });

  test('tells of a paste file that is missing, and is not sure when nobody has named it', () => {
    const named = '[paste_deploy]\nconfig_file = /nonexistent/paste.ini\n';
    expect(inShort(findPipelineFaults(node.read({ api: named })))).toEqual([
      ['paste-file-missing', 'error', undefined],
    ]);
    const relative = '[paste_deploy]\nconfig_file = nonexistent-paste.ini\n';
    expect(inShort(findPipelineFaults(node.read({ api: relative })))).toEqual([
      ['paste-file-missing', 'warning', undefined],
    ]);
  });

  test('tells of a paste file that cannot be read', () => {
    const folder = `[paste_deploy]\nconfig_file = ${node.path('.')}\n`;
    expect(inShort(findPipelineFaults(node.read({ api: folder })))).toEqual([
      ['paste-file-not-read', 'warning', undefined],
    ]);
  });

  test('says nothing when no file of glance-api is known, which is a note of its own', () => {
    const configuration = node.read({ cache: '[DEFAULT]\n', paste: XENA });
    expect(findPipelineFaults(configuration)).toEqual([]);
    expect(inShort(findUnseenGlanceApi(configuration))).toEqual([['glance-api-not-seen', 'note', undefined]]);
    expect(findUnseenGlanceApi(node.read({ api: '[DEFAULT]\n' }))).toEqual([]);
  });
});
