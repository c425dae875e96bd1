// --os-token-cache where things are not as they should be, and as root: whatever it is, the run goes on.
import { chmodSync, existsSync, lstatSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathsBelow } from '../support/directory-state.ts';
import {
  CACHE,
  CLOUD,
  FETCH,
  FOLDER,
  fileOf,
  filesIn,
  LOOK,
  lookSilently,
  ONE,
  tokenIn,
} from '../support/kept-tokens.ts';
import { FETCHED, type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';
import { AS_ROOT, type RunOptions, success, UNPRIVILEGED } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';

const prefetch = usePrefetch();
const dir = useTempDir();

describe('a login that cannot be kept', () => {
  test('with a token is told at debug level, and nothing is written', async () => {
    const it = await prefetch(CLOUD);
    it.env = {
      OS_AUTH_TYPE: 'v3token',
      OS_AUTH_URL: it.cloud.keystoneUrl,
      OS_TOKEN: it.cloud.issueToken('glance'),
      OS_PROJECT_ID: 'project-service',
    };
    await lookSilently(it);
    expect((await it.run([...LOOK, '--debug'])).stderr).toContain(
      'The token cache is not used with auth_type v3token: ',
    );
    expect(pathsBelow(it.cache.home)).toEqual([]);
  });

  /** What may be wrong, and what the warning says; the folder of the test is `~`. */
  const TROUBLES: Readonly<Record<string, readonly [(it: PrefetchFixture, file: string) => RunOptions, RegExp]>> = {
    'a file that is a link': [
      ({ cache }, file) => {
        symlinkSync(join(cache.base, 'target'), file);
        return {};
      },
      /^"~\/home\/\.cache\/.{95}" is a symbolic link; remove it: rm ~\/home\/\.cache\/\S+$/,
    ],
    'a file that others may read': [
      (_it, file) => {
        writeFileSync(file, '', { mode: 0o644 });
        return {};
      },
      /^"~\/home\/\.cache\/.{95}" is open to others; remove it: rm ~\/home\/\.cache\/\S+$/,
    ],
    'a folder that others may write to': [
      ({ cache }) => {
        chmodSync(join(cache.home, FOLDER), 0o777);
        return {};
      },
      /^others may change what is in "~\/home\/\.cache\/glance-cache-tools\/tokens"; see who: namei -l ~\/home\/\.cache\/\S+$/,
    ],
    'no home': [
      () => ({ env: { HOME: '' } }),
      /^neither XDG_CACHE_HOME nor HOME names a folder; name one of your own: export XDG_CACHE_HOME=\/root\/\.cache$/,
    ],
    'a home that is not there': [
      ({ cache }) => ({ home: join(cache.base, 'missing') }),
      /^"~\/missing\/\.cache" cannot be made: .* \(ENOENT\); look at it: namei -l ~\/missing\/\.cache$/,
    ],
  };

  for (const [what, [plant, warning]] of Object.entries(TROUBLES)) {
    test(`because of ${what} is warned about, and the run goes on`, async () => {
      const it = await prefetch(CLOUD);
      await lookSilently(it);
      const file = fileOf(it);
      // Nobody has kept anything yet.
      for (const path of filesIn(it.cache.home)) unlinkSync(path);
      const options = plant(it, file);
      const { code, stdout, stderr } = await it.run(FETCH, options);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      const [, said = ''] = /^\S+ \S+ \d+ WARNING \S+ \[-\] The token cache is not used: (.*)\n$/.exec(stderr) ?? [];
      expect(said.replaceAll(it.cache.base, '~')).toMatch(warning);
      expect(it.stateOf(ONE)).toEqual(FETCHED);
      expect(existsSync(join(it.cache.base, 'target'))).toBe(false);
      expect(it.logins).toBe(2);
    });
  }

  test.skipIf(!AS_ROOT)('in a home of another user is warned about, and root writes nothing there', async () => {
    const it = await prefetch(CLOUD);
    it.cache.handTo(UNPRIVILEGED);
    const { code, stderr } = await it.run(FETCH);
    expect(code).toBe(0);
    expect(stderr).toContain('The token cache is not used: others may change what is in ');
    expect(pathsBelow(it.cache.home)).toEqual([]);
  });

  test('is warned about by queue-image and check as well', async () => {
    const it = await prefetch(CLOUD);
    const options = { home: join(it.cache.base, 'missing') };
    const queued = await it.manage(['-f', 'queue-image', CACHE, 'debian'], options);
    expect(queued.code).toBe(0);
    expect(queued.stderr).toMatch(/^\S+ \S+ \d+ WARNING \S+ \[-\] The token cache is not used: .*\n$/);
    const fetched = await it.manage(['-f', 'queue-image', CACHE, '--now', 'debian'], options);
    expect(fetched.stderr.match(/The token cache is not used/g)).toHaveLength(1);
    const checked = await it.manage(['check', CACHE, '--format', 'json'], options);
    expect(checked.stdout).toContain('The token cache is not used');
  });
});

describe.skipIf(!AS_ROOT)('root on a cache of another user (only root can become somebody else)', () => {
  test("keeps the token in a file of root's own, for the next runs", async () => {
    const it = await prefetch(CLOUD);
    it.cache.handTo(UNPRIVILEGED);
    const options = { home: dir() };
    await lookSilently(it, options);
    it.cloud.revokeTokens();
    await lookSilently(it, options);
    expect(await it.run(FETCH, options)).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.logins).toBe(2);
    const [file = ''] = filesIn(dir());
    const { uid, gid, mode } = lstatSync(file);
    expect([uid, gid, mode & 0o7777]).toEqual([0, 0, 0o600]);
    expect(tokenIn(file)).toBeDefined();
  });

  test('and that user each have their own', async () => {
    const it = await prefetch(CLOUD);
    await lookSilently(it, { home: dir() });
    it.cache.handTo(UNPRIVILEGED);
    await lookSilently(it, { as: UNPRIVILEGED });
    expect(lstatSync(fileOf(it)).uid).toBe(UNPRIVILEGED.uid);
    expect(it.logins).toBe(2);
    await lookSilently(it, { as: UNPRIVILEGED });
    await lookSilently(it, { home: dir() });
    expect(it.logins).toBe(2);
  });
});
