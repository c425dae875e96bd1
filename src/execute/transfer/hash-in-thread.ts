import type { HashThread } from './hash-thread.ts';
import type { Hasher } from './hasher.ts';

/** A hash in a thread, which may have others. */
export interface ThreadedHash {
  /** Tells it from the others of its thread. */
  readonly hash: number;
  /** As Node's crypto names it. */
  readonly algorithm: string;
  readonly thread: HashThread;
  /** Called once, when the thread is needed no more. */
  readonly onEnd: () => void;
}

/** Hashes in a thread. Bytes in shared memory are not copied; others are. */
export function hashInThread({ hash, algorithm, thread, onEnd }: ThreadedHash): Hasher {
  let hasEnded = false;
  const end = (): void => {
    if (!hasEnded) onEnd();
    hasEnded = true;
  };
  return {
    async update(bytes) {
      await thread.run({ hash, algorithm, bytes });
    },
    async digest() {
      try {
        return (await thread.run({ hash, algorithm, end: 'digest' })) ?? '';
      } finally {
        end();
      }
    },
    async close() {
      if (hasEnded) return;
      end();
      // Answered after all updates: nobody reads their bytes any more then. A dead thread has forgotten it anyway.
      await thread.run({ hash, algorithm, end: 'discard' }).catch(() => undefined);
    },
  };
}
