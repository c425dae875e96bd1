// What of the bundle and of Node a run loads: whoever needs little starts fast.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { useClouds } from '../support/cloud/use-clouds.ts';
import { federatedOf } from '../support/openid/environment.ts';
import type { OpenIdProvider } from '../support/openid/provider.js';
import { trusting, useProviders } from '../support/openid/use-providers.ts';
import { loginOf } from '../support/prefetch-fixture.ts';
import type { ProgramName } from '../support/run-program.ts';

const cache = useCache();
const startCloud = useClouds();
const startProvider = useProviders();

const TELL = `
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  writeFileSync(process.env.LOADED_FILE, JSON.stringify([...Object.keys(require.cache), ...process.moduleLoadList]));
});
`;

/** Runs a program, and tells which parts of the bundle and which modules of Node it has loaded. */
async function loadedBy(program: ProgramName, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [preload, list] = [join(cache().base, 'tell.cjs'), join(cache().base, 'loaded.json')];
  writeFileSync(preload, TELL);
  const run = await cache().start(program, args, {
    env: { ...env, NODE_OPTIONS: `--require=${preload}`, LOADED_FILE: list },
  }).ended;
  expect(run).toMatchObject({ code: 0 });
  const loaded = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
  return {
    parts: loaded.filter((path) => path.includes('/dist/')).map((path) => basename(path, '.cjs')),
    builtins: loaded.flatMap((name) => /^NativeModule ([\w/]+)$/.exec(name)?.[1] ?? []),
  };
}

/** Parts that only a login has use for, and the library of providers, which few logins have. */
const LOGIN_PARTS = ['resolve-credentials', 'open-cloud', 'open-session', 'undici-transport', 'undici-parts'];
const PROVIDER_PART = 'openid-client-provider';

/** Those of Node's own modules that take longer to load than a short run takes to work. */
const SLOW_BUILTINS = ['net', 'stream', 'fs/promises', 'readline', 'v8', 'child_process', 'http', 'tls', 'crypto'];

test.each([
  ['manage', ['list-cached']],
  ['pruner', []],
  ['cleaner', []],
  ['prefetcher', []],
] as const)('%s that has nothing to do loads nothing of a login', async (program, args) => {
  const { parts, builtins } = await loadedBy(program, args, { OS_AUTH_TYPE: 'v3oidcclientcredentials' });
  expect(parts).toContain('core');
  for (const part of [...LOGIN_PARTS, PROVIDER_PART]) expect(parts).not.toContain(part);
  expect(SLOW_BUILTINS.filter((name) => builtins.includes(name))).toEqual([]);
});

test('a login loads the library of providers only where it asks one', async () => {
  const provider = await startProvider();
  const cloud = await startCloud({ federation: trusting(provider), images: [{ id: idOf('1'), sizeBytes: 10 }] });
  cache().addMarker(idOf('1'), 10);
  const accessToken = await tokenOf(provider);
  const logins = {
    password: loginOf(cloud),
    v3oidcaccesstoken: federatedOf(cloud, provider, { OS_ACCESS_TOKEN: accessToken }),
    v3oidcclientcredentials: federatedOf(cloud, provider),
  };
  for (const [type, env] of Object.entries(logins)) {
    const { parts } = await loadedBy('prefetcher', ['--dry-run'], { ...env, OS_AUTH_TYPE: type });
    for (const part of LOGIN_PARTS) expect(parts, type).toContain(part);
    expect(parts.includes(PROVIDER_PART), type).toBe(type === 'v3oidcclientcredentials');
  }
});

/** A token of the provider for the client. */
async function tokenOf(provider: OpenIdProvider): Promise<string> {
  const response = await fetch(provider.tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('glance-cache:cache secret').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await response.json()) as { readonly access_token: string };
  return token;
}
