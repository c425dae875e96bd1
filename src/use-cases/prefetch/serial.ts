/** Does one thing after the other, however many ask at once. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Does work once all that was asked for before has ended, well or not. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    // Whoever asked for it hears of its failure; the next one only waits.
    this.#last = next.catch(() => undefined);
    return next;
  }
}
