import { literalsIn, readPage, sectionOf, subsectionsOf } from './manual.ts';

/** Where credentials may stand; the page has an example for each. */
export const PLACES = ['clouds.yaml', 'environment', 'glance-cache.conf'] as const;

/** One of them. */
export type Place = (typeof PLACES)[number];

/** What glance-cache-auth(7) says of one way to log in. */
export interface AuthSection {
  /** The names that its title has, the usual one first. */
  readonly names: readonly string[];
  readonly body: string;
  /** Its examples, to the letter. */
  readonly examples: ReadonlyMap<Place, string>;
}

/** The sections on the ways to log in. */
export function authSections(): readonly AuthSection[] {
  return subsectionsOf(sectionOf(readPage('glance-cache-auth.7'), 'AUTH TYPES')).map(({ head, body }) => {
    const literals = literalsIn(body);
    const examples = new Map(literals.map((text) => [placeOf(text), text]));
    if (examples.size !== literals.length) throw new RangeError(`two examples of ${head} are for one place`);
    return { names: head.split(/, | and /), body, examples };
  });
}

function placeOf(example: string): Place {
  if (example.startsWith('clouds:\n')) return 'clouds.yaml';
  return example.startsWith('[cache_tools]\n') ? 'glance-cache.conf' : 'environment';
}
