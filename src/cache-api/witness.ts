/**
 * What was seen of a node that speaks for several of them behind one address. A load balancer may hide perfectly; what
 * is gathered here are reasons to doubt, never proofs of the contrary.
 */
import { serverText } from '../http/server-text.ts';
import { printable } from '../text/printable.ts';
import type { NodeAnswer } from './ask-node.ts';
import { severalOf } from './look-up.ts';

/** Gathers doubts about one address. */
export class Witness {
  readonly #host: string;
  /** Whether a proxy of ours is in between, which may say of itself what a load balancer would. */
  readonly #isProxied: boolean;
  // By kind: one sentence of each is enough.
  readonly #doubts = new Map<string, string>();

  constructor(host: string, isProxied: boolean) {
    this.#host = printable(host);
    this.#isProxied = isProxied;
  }

  /** One sentence each, without a full stop. */
  get doubts(): readonly string[] {
    return [...this.#doubts.values()];
  }

  /** Glance adds neither of these headers, and nor do Apache, nginx and uwsgi as they are set up around one glance-api. */
  sawAnswer({ via, setCookie }: Pick<NodeAnswer, 'via' | 'setCookie'>): void {
    if (this.#isProxied) return;
    if (via !== undefined) this.#add('via', `what answers is a gateway, by its header Via: "${serverText(via)}"`);
    // Only the name: the value is nobody's business.
    const cookie = setCookie?.split('=', 1)[0];
    if (cookie !== undefined) this.#add('cookie', `it sets the cookie "${serverText(cookie)}", as load balancers do`);
  }

  /** All addresses of the name. */
  sawAddresses(addresses: readonly string[]): void {
    const several = severalOf(addresses);
    if (several.length > 0) this.#add('addresses', `its name has the addresses ${several.join(', ')}`);
  }

  /** @param state what one node cannot have said, as a part of a sentence */
  sawContradiction(state: string): void {
    this.#add('contradiction', `its answers contradict each other: ${state}`);
  }

  #add(kind: string, reason: string): void {
    if (this.#doubts.has(kind)) return;
    this.#doubts.set(kind, `"${this.#host}" may be a load balancer in front of several nodes, not one node: ${reason}`);
  }
}
