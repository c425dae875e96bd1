// The examples of credentials in README.md and in man/examples fetch an image each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callOn } from '../../support/call-in-process.ts';
import type { CloudImage } from '../../support/cloud/cloud.js';
import { visit } from '../../support/openid/browser.ts';
import { FETCHED } from '../../support/prefetch-fixture.ts';
import { ROOT, success } from '../../support/run-program.ts';
import type { Place } from '../../unit/docs/auth-examples.ts';
import { commandLinesIn } from '../../unit/docs/command-lines.ts';
import { chapterOf, fencesOf } from '../../unit/docs/fences.ts';
import { type Example, imageAt, useExampleCloud } from './example-cloud.ts';

/** By the languages of the examples. */
const PLACES: Readonly<Record<string, Place>> = { yaml: 'clouds.yaml', sh: 'environment', ini: 'glance-cache.conf' };

const read = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

const FENCES = fencesOf(chapterOf(read('README.md'), 'Credentials'));

const IN_README: readonly Example[] = FENCES.flatMap(({ language, lines }, index) => {
  const place = PLACES[language];
  // What is run with them is another matter.
  const text = lines.filter((line) => !line.startsWith('glance-cache-')).join('\n');
  return place === undefined ? [] : [{ title: `README.md, example ${index}`, place, text: `${text}\n` }];
});

const IN_FILE: readonly Example[] = ['image-cache', 'image-cache-sso'].map((cloud) => ({
  title: `man, cloud ${cloud}`,
  place: 'clouds.yaml',
  text: read('man', 'examples', 'clouds.yaml'),
  cloud,
}));

const CASES = [...IN_README, ...IN_FILE].map((example, index) => ({ ...example, image: imageAt(index) }));

/** What the README queues. */
const GOLDEN: CloudImage = { ...imageAt(1000), tags: ['golden'] };

const cloud = useExampleCloud([...CASES.map(({ image }) => image), GOLDEN]);

test.each(CASES.map((example) => [example.title, example.place, example] as const))(
  '%s: fetches an image by what is in %s',
  async (_title, _place, { image, ...example }) => {
    const { it, use } = cloud();
    const { args, env, cwd } = await use(example);
    expect(await it.run([...args, '--image', image.id], { env, cwd })).toEqual(success());
    expect(it.stateOf(image.id)).toEqual(FETCHED);
  },
);

test('README.md has an example for every source of credentials', () => {
  expect(new Set(IN_README.map(({ place }) => place))).toEqual(new Set(Object.values(PLACES)));
});

test('README.md shows what a person sees who logs in with a browser', async () => {
  const [command = '', ...lines] = FENCES.find(({ language }) => language === 'console')?.lines ?? [];
  const shown = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('$ ')),
  );
  const [{ args } = { args: [] }] = commandLinesIn(command);
  const { it, use } = cloud();
  const { cwd } = await use({ title: 'a person', place: 'clouds.yaml', text: read('man', 'examples', 'clouds.yaml') });
  const pages: Promise<string>[] = [];
  const onShown = (text: string): void => {
    const [page, code = ''] = /http\S+user_code=(\S+)/.exec(text) ?? [];
    if (page !== undefined) pages.push(visit(page, { code }));
  };
  // That the token is kept is shown elsewhere, with programs that have a user of their own.
  const once = args.filter((arg) => arg !== '--os-token-cache');
  const { code, stderr } = await callOn(it.cache, 'manage', once, { cwd, onShown });
  expect(code).toBe(0);
  const comparable = (text: string): string =>
    text.replaceAll(/https?:\/\/[^/]+/g, 'URL').replaceAll(/[A-Z]{4}-[A-Z]{4}/g, 'CODE');
  expect(comparable(stderr).trimEnd().split('\n')).toEqual(shown.map(comparable));
  expect(pages.length).toBe(1);
  expect(it.cache.names('queue')).toEqual([GOLDEN.id]);
});
