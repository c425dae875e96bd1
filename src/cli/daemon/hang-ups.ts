/**
 * SIGHUP, which asks a daemon to read its configuration anew. Several that come before it can obey are one.
 */
import type { Invocation } from '../invocation.ts';

/** The hang-ups of a daemon. */
export class HangUps {
  #isPending = false;
  #listener: (() => void) | undefined;
  readonly #stop: () => void;

  constructor({ listenForHangUps }: Pick<Invocation, 'listenForHangUps'>) {
    this.#stop = listenForHangUps(() => {
      this.#isPending = true;
      this.#listener?.();
    });
  }

  /** Whether one has come that nobody has taken. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Takes what has come; false where nothing has. */
  take(): boolean {
    const taken = this.#isPending;
    this.#isPending = false;
    return taken;
  }

  /** Who hears of the next one, and nobody else. */
  onNext(listener: (() => void) | undefined): void {
    this.#listener = listener;
  }

  /** From now on SIGHUP does what it does to any program. */
  close(): void {
    this.#stop();
  }
}
