/**
 * Who looks on while images are fetched: the log, line by line, and on a terminal bars.
 */
import type { Logger } from '../../log/logger.ts';
import { describeFetch } from '../../present/reports/prefetch-report.ts';
import { systemClock } from '../../time/system-clock.ts';
import type { PrefetchWatch } from '../../use-cases/prefetch/prefetch-watch.ts';
import { DRY_RUN } from '../common-flags.ts';
import { type WatchedCall, wantsBars } from '../progress/wants-bars.ts';

/** A watch that is ended with the run. */
export interface OpenWatch extends PrefetchWatch {
  close(): void;
}

/** Opens the watch of a run. */
export async function openWatch(call: WatchedCall, log: Logger): Promise<OpenWatch> {
  const logWatch = createLogWatch(log);
  if (call.args.has(DRY_RUN) || !wantsBars(call)) return { ...logWatch, close: () => undefined };
  const { openProgress } = await import('../progress/open-progress.ts');
  const progress = await openProgress(call.invocation, systemClock);
  // The bars first: they are drawn anew below a line of the log, and that image is not among them any more.
  const both = [progress, logWatch];
  return {
    planned: (fetches) => both.forEach((watch) => void watch.planned(fetches)),
    started: (fetch) => both.forEach((watch) => void watch.started(fetch)),
    advanced: (imageId, atBytes) => progress.advanced(imageId, atBytes),
    retrying: (imageId, error, delaySec) => both.forEach((watch) => void watch.retrying(imageId, error, delaySec)),
    noted: (imageId, message) => both.forEach((watch) => void watch.noted(imageId, message)),
    ended: (item) => both.forEach((watch) => void watch.ended(item)),
    close: () => progress.close(),
  };
}

/** A line per image, and what happened on the way for those who want to know more. */
function createLogWatch(log: Logger): PrefetchWatch {
  // A failure that stays the only one is the error that the run ends with: it is told there.
  let held: string | undefined;
  let failures = 0;
  const tellFailure = (line: string): void => {
    failures += 1;
    if (failures === 1) {
      held = line;
      return;
    }
    if (held !== undefined) log.error(held);
    held = undefined;
    log.error(line);
  };
  return {
    planned: (fetches) => log.debug(`To be fetched: ${fetches.length}`),
    started: ({ imageId }) => log.debug(`fetch ${imageId}: started`),
    advanced: () => undefined,
    retrying: (imageId, error, delaySec) =>
      log.debug(`fetch ${imageId}: trying again in ${delaySec.toFixed(1)} s: ${messageOf(error)}`),
    noted: (imageId, message) => log.warning(`fetch ${imageId}: ${message}`),
    ended(item) {
      const line = describeFetch(item);
      if (item.result === 'failed') tellFailure(line);
      else if (item.reason === 'deactivated') log.warning(line);
      else if (item.result === 'done') log.info(line);
      else log.debug(line);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
