/**
 * What `v3multifactor` combines: https://docs.openstack.org/keystoneauth/latest/plugin-options.html#v3multifactor
 */

/** A way to log in that can be combined with others, by keystoneauth's name. */
export type FactorName = 'v3password' | 'v3totp' | 'v3token' | 'v3applicationcredential';

/** All of them. */
export const FACTOR_NAMES: readonly FactorName[] = ['v3password', 'v3totp', 'v3token', 'v3applicationcredential'];

/** What a second factor is on most clouds. */
export const USUAL_FACTORS = 'v3password,v3totp';

/** By Keystone's own names of the methods, which people write as well. */
export const FACTOR_METHODS: ReadonlyMap<string, FactorName> = new Map([
  ['password', 'v3password'],
  ['totp', 'v3totp'],
  ['token', 'v3token'],
  ['application_credential', 'v3applicationcredential'],
]);

/**
 * The factors that a list asks for, each once.
 *
 * @param text names with commas between them
 * @returns the first name that is none, where there is one
 */
export function factorsOf(text: string): readonly FactorName[] | string {
  const factors = new Set<FactorName>();
  for (const piece of text.split(',')) {
    const name = piece.trim().toLowerCase();
    if (name === '') continue;
    const factor = FACTOR_METHODS.get(name) ?? FACTOR_NAMES.find((known) => known === name);
    if (factor === undefined) return piece.trim();
    factors.add(factor);
  }
  return factors.size === 0 ? text : [...factors];
}
