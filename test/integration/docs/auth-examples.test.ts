// Whoever copies an example of glance-cache-auth(7) is logged in by it: each fetches an image.
import { describe, expect, test } from 'vitest';
import { callOn } from '../../support/call-in-process.ts';
import { visit } from '../../support/openid/browser.ts';
import { FETCHED } from '../../support/prefetch-fixture.ts';
import { success } from '../../support/run-program.ts';
import { authSections } from '../../unit/docs/auth-examples.ts';
import { imageAt, PASSCODE, useExampleCloud } from './example-cloud.ts';

/** Every example by the first name in its title; those of clouds.yaml by all of them. */
const EXAMPLES = authSections().flatMap(({ names: [first = '', ...others], examples }) => {
  const all = Array.from(examples, ([place, text]) => ({ title: first, place, text }));
  const inClouds = all.filter(({ place }) => place === 'clouds.yaml');
  const byName = (name: string, text: string): string => text.replace(`auth_type: ${first}\n`, `auth_type: ${name}\n`);
  return [
    ...all,
    ...others.flatMap((name) => inClouds.map(({ place, text }) => ({ title: name, place, text: byName(name, text) }))),
  ];
});

/** Each has an image of its own. */
const CASES = EXAMPLES.map((example, index) => ({ ...example, image: imageAt(index) }));

/** A login that takes a browser. */
const WITH_BROWSER = 'v3oidcdeviceauthz';

const cloud = useExampleCloud(CASES.map(({ image }) => image));

/** The passcode that people would be asked for. */
function passcodeFor({ title, text }: { readonly title: string; readonly text: string }): readonly string[] {
  return /totp|multifactor/.test(title) && !/passcode/i.test(text) ? ['--os-passcode', PASSCODE] : [];
}

describe('glance-cache-auth(7)', () => {
  const withoutBrowser = CASES.filter(({ title }) => title !== WITH_BROWSER);

  test.each(withoutBrowser.map((example) => [example.title, example.place, example] as const))(
    'shows how %s fetches an image by what is in %s',
    async (_title, _place, example) => {
      const { it, use } = cloud();
      const { args, env, cwd } = await use(example);
      const prefetch = [...args, ...passcodeFor(example), '--image', example.image.id];
      expect(await it.run(prefetch, { env, cwd })).toEqual(success());
      expect(it.stateOf(example.image.id)).toEqual(FETCHED);
    },
  );

  test(`shows how a person logs in by ${WITH_BROWSER}, in every place`, async () => {
    const withBrowser = CASES.filter(({ title }) => title === WITH_BROWSER);
    expect(withBrowser.length).toBe(3);
    // At the same time: the provider is asked every five seconds only.
    await Promise.all(
      withBrowser.map(async (example) => {
        const { it, use } = cloud();
        const { args, env, cwd } = await use(example);
        const pages: Promise<string>[] = [];
        const onShown = (text: string): void => {
          const [page, code = ''] = /http\S+user_code=(\S+)/.exec(text) ?? [];
          if (page !== undefined) pages.push(visit(page, { code }));
        };
        const queue = [...args, '-f', 'queue-image', example.image.name ?? ''];
        expect(await callOn(it.cache, 'manage', queue, { env, cwd, onShown })).toMatchObject({ code: 0, stdout: '' });
        expect(await Promise.all(pages)).toEqual([expect.stringContaining('You are logged in')]);
        expect(it.cache.names('queue')).toContain(example.image.id);
      }),
    );
  });
});
