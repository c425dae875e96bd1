/** Somebody in front of a terminal, whom a login may ask. Runs of cron and of scripts have nobody. */
export interface Interaction {
  /** Shows a line. */
  tell(line: string): Promise<void>;
  /** Whether somebody types: standard input may be a file or another program, which is not read. */
  canAsk(): boolean;
  /**
   * Asks for a line, and waits for it. What is logged meanwhile is shown after the answer.
   *
   * @param question ends with a colon
   * @returns without white space around it; undefined where nobody types, or the input has ended
   * @throws the signal's reason
   */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
}
