/**
 * Works on several things at a time, in their order.
 *
 * @param jobs how many at a time, at least 1
 * @param work must not throw; what it gives back stands in the place of its thing
 */
export async function inParallel<T, R>(
  things: readonly T[],
  jobs: number,
  work: (thing: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = things.entries();
  const worker = async (): Promise<void> => {
    for (const [place, thing] of queue) results[place] = await work(thing);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, things.length) }, worker));
  return results;
}
