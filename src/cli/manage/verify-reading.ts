/**
 * What reading images takes: Glance to ask, threads that hash, and a bar for whoever looks on. Loaded by a verification
 * that reads.
 */
import { FileHashers } from '../../execute/verify/file-hashers.ts';
import type { DataSubset } from '../../plan/data-subset.ts';
import { systemClock } from '../../time/system-clock.ts';
import type { ContentReading, VerifyWatch } from '../../use-cases/verify/verify-run.ts';
import { type FoundCredentials, loginIn } from '../cloud/find-credentials.ts';
import { withGlance } from '../cloud/open-cloud.ts';
import type { OpenRun } from '../open-run.ts';
import type { Call } from '../program.ts';
import { wantsBars } from '../progress/wants-bars.ts';

/** What reads, as long as the work lasts. */
export async function withReading<T>(
  call: Call,
  run: OpenRun,
  { subset, found }: { readonly subset: DataSubset | undefined; readonly found: FoundCredentials },
  work: (reading: ContentReading) => Promise<T>,
): Promise<T> {
  return withGlance(call, run, loginIn(found, run.log), async (glance) => {
    const watch = await openReadWatch(call);
    const hashers = new FileHashers();
    try {
      return await work({ glance, hashers, subset, random: Math.random, watch });
    } finally {
      watch.close();
      await hashers.close();
    }
  });
}

/** A watch that is ended with the reading. */
interface ReadWatch extends VerifyWatch {
  close(): void;
}

async function openReadWatch(call: Call): Promise<ReadWatch> {
  if (!wantsBars(call)) return BLIND;
  const [{ openBars }, { ReadProgress }] = await Promise.all([
    import('../progress/open-bars.ts'),
    import('../progress/read-progress.ts'),
  ]);
  const progress = new ReadProgress(systemClock);
  const bars = await openBars(call.invocation, ({ columns }, look) => [progress.line(columns, look)]);
  return {
    planned(images, bytes) {
      progress.planned(images, bytes);
      bars.show();
    },
    advanced: (bytes) => progress.advanced(bytes),
    spared: (bytes) => progress.spared(bytes),
    close: () => bars.close(),
  };
}

const BLIND: ReadWatch = {
  planned: () => undefined,
  advanced: () => undefined,
  spared: () => undefined,
  close: () => undefined,
};
