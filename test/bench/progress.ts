/** Says on standard error what is being measured, and how long the bench has been at it. */
export function say(text: string): void {
  console.error(`${String(Math.floor(performance.now() / 1000)).padStart(4)} s  ${text}`);
}
