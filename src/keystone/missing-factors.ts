/**
 * A login that proved too little: Keystone tells what the account takes, and gives a receipt for what was right.
 * https://docs.openstack.org/api-ref/identity/v3/#multi-step-authentication
 */
import { FACTOR_METHODS } from '../credentials/factors.ts';
import { AuthError, type ErrorExtras } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { arrayIn, isJsonObject, objectIn } from '../http/json.ts';
import { printable } from '../text/printable.ts';

/** What Keystone wants of an account, in its own names of methods. */
export interface Demand {
  /** Each is good for a login: all of its methods together. */
  readonly rules: readonly (readonly string[])[];
  /** What was right. */
  readonly proved: readonly string[];
}

/** AUTH_REFUSED: more than one proof is wanted. */
export class MissingFactorsError extends AuthError {
  readonly demand: Demand;
  // Private, so that nothing that looks at errors finds it.
  readonly #receipt: string;

  constructor(message: string, extras: ErrorExtras, { demand, receipt }: { demand: Demand; receipt: string }) {
    super('AUTH_REFUSED', message, extras);
    this.demand = demand;
    this.#receipt = receipt;
  }

  /** Goes with the proofs that were missing. Secret. */
  get receipt(): string {
    return this.#receipt;
  }

  /** Whether one more proof, by this method, is all that is missing. */
  lacksOnly(method: string): boolean {
    const { rules, proved } = this.demand;
    return rules.some((rule) => {
      const missing = rule.filter((name) => !proved.includes(name));
      return missing.length === 1 && missing[0] === method;
    });
  }
}

/** What an answer with a receipt says, as far as it says anything; few names, made printable. */
export function parseDemand(body: string): Demand {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // The receipt itself says enough.
  }
  if (!isJsonObject(answer)) return { rules: [], proved: [] };
  // Keystone gives them in no order.
  const rules = arrayIn(answer, 'required_auth_methods').map((rule) =>
    Array.isArray(rule) ? namesIn(rule).toSorted() : [],
  );
  const proved = namesIn(arrayIn(objectIn(answer, 'receipt') ?? {}, 'methods'));
  return { rules: rules.filter((rule) => rule.length > 0).slice(0, MAX_RULES), proved };
}

const MAX_RULES = 5;
const MAX_NAMES = 5;
const MAX_CHARACTERS = 40;

function namesIn(list: readonly unknown[]): readonly string[] {
  const names = list.filter((name) => typeof name === 'string').slice(0, MAX_NAMES);
  return names.map((name) => printable(name.slice(0, MAX_CHARACTERS)));
}

/** What is wanted, for messages: `password and totp together, or token`. */
export function describeDemand({ rules, proved }: Demand): string {
  // Keystone leaves out the rules of which nothing was proved.
  if (rules.length === 0) return `more than ${proved.length === 0 ? 'one proof of who that is' : proved.join(', ')}`;
  return rules
    .map((rule) => (rule.length > 1 ? `${rule.slice(0, -1).join(', ')} and ${rule.at(-1)} together` : rule.join()))
    .join(', or ');
}

// The rules of a user hold for their application credentials too. The command replaces all that there are.
const ALLOW_APPLICATION =
  'openstack user set --multi-factor-auth-rule password,totp --multi-factor-auth-rule application_credential USER';

/** How to give what is wanted, also where nobody is there to type it. */
export function hintForDemand({ rules, proved }: Demand): string {
  if (proved.includes('application_credential')) {
    return `Have the admin of the cloud make application_credential one of the multi-factor rules of the user, as in: ${ALLOW_APPLICATION}`;
  }
  const application = `an application credential, if the admin of the cloud allows that, as in: ${ALLOW_APPLICATION}`;
  const rule = rules.find((names) => names.length > 1 && names.every((name) => FACTOR_METHODS.has(name)));
  if (rule === undefined) return `Log in with what it wants, or with ${application}`;
  const methods = rule.map((name) => FACTOR_METHODS.get(name)).join(',');
  const passcode = rule.includes('totp') ? ' --os-passcode PASSCODE' : '';
  return `Give all of it at once: ${THIS_COMMAND} --os-auth-type v3multifactor --os-auth-methods ${methods}${passcode}; where nobody is there to do so, log in with ${application}`;
}
