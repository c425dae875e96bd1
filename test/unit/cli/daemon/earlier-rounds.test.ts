import { mkdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { cacheLayout } from '../../../../src/cache/layout.ts';
import { untilAboveMaximum } from '../../../../src/cli/daemon/above-maximum.ts';
import { FolderChanges } from '../../../../src/cli/daemon/folder-changes.ts';
import { untilQueued } from '../../../../src/cli/daemon/newly-queued.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';
import { idOf } from '../../../support/cache-fixture.ts';
import { VirtualClock } from '../../../support/clocks.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const tempDir = useTempDir();
const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];

/** Changes that a test announces. */
class Announced {
  readonly #waiting: (() => void)[] = [];

  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  /** Announces one, once somebody waits for it. */
  async announce(): Promise<void> {
    while (this.#waiting.length === 0) await setImmediate();
    this.#waiting.shift()?.();
    await setImmediate();
  }

  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }
}

function put(name: string, size: number): void {
  const path = join(tempDir(), name);
  writeFileSync(path, '');
  truncateSync(path, size);
}

describe('untilAboveMaximum()', () => {
  /** Long after whatever is there by then has come, unless said otherwise. */
  function start(changes: Announced, clock = new VirtualClock(), sinceSec = Date.now() / 1000 + 3600): Promise<string> {
    return untilAboveMaximum(
      { root: tempDir(), maxSizeBytes: 2500, sinceSec, changes, clock },
      new AbortController().signal,
    );
  }

  test('resolves when images have come that take more than the maximum, and other files do not count', async () => {
    const changes = new Announced();
    const end = start(changes);
    put('cache.db', 10_000);
    put(ONE, 2500);
    await changes.announce();
    put(TWO, 1);
    await changes.announce();
    expect(await end).toBe('above the maximum');
  });

  test('waits for more when a round has left the cache above its maximum, and less is no more', async () => {
    put(ONE, 4000);
    const changes = new Announced();
    const end = start(changes);
    await changes.announce();
    put(ONE, 3000);
    await changes.announce();
    put(TWO, 500);
    await changes.announce();
    expect(await end).toBe('above the maximum');
  });

  test('resolves at once when images came while the last round was at work, and not for what was there before', async () => {
    put(ONE, 4000);
    utimesSync(join(tempDir(), ONE), 1000, 1000);
    put(TWO, 1);
    const since = Date.now() / 1000 - 60;
    expect(await start(new Announced(), new VirtualClock(), since)).toBe('above the maximum');
    utimesSync(join(tempDir(), TWO), 1000, 1000);
    const changes = new Announced();
    const end = start(changes, new VirtualClock(), since);
    await changes.announce();
    put(THREE, 1);
    await changes.announce();
    expect(await end).toBe('above the maximum');
  });

  test('does not look again for a while when it has looked', async () => {
    const changes = new Announced();
    const clock = new VirtualClock();
    const end = start(changes, clock);
    await changes.announce();
    await changes.announce();
    put(ONE, 9000);
    await changes.announce();
    await end;
    expect(clock.seconds).toBeGreaterThanOrEqual(10);
  });

  test('ends with the reason when it is stopped', async () => {
    const stopping = new AbortController();
    const clock = systemClock;
    const end = untilAboveMaximum(
      { root: tempDir(), maxSizeBytes: 0, sinceSec: 0, changes: new Announced(), clock },
      stopping.signal,
    );
    stopping.abort(new Error('enough'));
    await expect(end).rejects.toThrow('enough');
  });
});

describe('untilQueued()', () => {
  test('resolves for a marker that came after the round began, whatever place in the queue it was given', async () => {
    const layout = cacheLayout(tempDir(), 'cache.db');
    mkdirSync(layout.areas.queue);
    const mark = (imageId: string): void => {
      writeFileSync(join(layout.areas.queue, imageId), '');
      utimesSync(join(layout.areas.queue, imageId), 1000, 1000);
    };
    mark(ONE);
    const changes = new Announced();
    const signal = new AbortController().signal;
    const inAnHour = Date.now() / 1000 + 3600;
    const end = untilQueued({ layout, changes, sinceSec: inAnHour }, signal);
    await changes.announce();
    while (!changes.isAwaited) await setImmediate();
    mark(TWO);
    expect(await untilQueued({ layout, changes, sinceSec: Date.now() / 1000 - 60 }, signal)).toBe('newly queued');
    rmSync(layout.areas.queue, { recursive: true });
    await changes.announce();
    expect(await Promise.race([end, setImmediate('still waiting')])).toBe('still waiting');
  });
});

describe('FolderChanges', () => {
  let changes: FolderChanges | undefined;
  afterEach(() => changes?.close());

  function watchFolder(folder: string, notes: string[] = []): FolderChanges {
    changes = new FolderChanges({ folder, clock: systemClock, settleSec: 0, onNote: (note) => notes.push(note) });
    return changes;
  }

  const signal = new AbortController().signal;

  test('next() resolves when an image has come since the beginning, and not for what is none', async () => {
    const watched = watchFolder(tempDir());
    put('cache.db', 1);
    put('cache.db-journal', 1);
    const next = watched.next(signal);
    put(THREE, 1);
    await next;
    const again = watched.next(signal);
    rmSync(join(tempDir(), THREE));
    await again;
  });

  test('next() looks at the folder now and then when it was not there to be watched', async () => {
    const folder = join(tempDir(), 'queue');
    const clock = new VirtualClock();
    const notes: string[] = [];
    changes = new FolderChanges({ folder, clock, settleSec: 0, onNote: (note) => notes.push(note) });
    const next = changes.next(signal);
    void clock.sleep(12, signal).then(() => mkdirSync(folder));
    await next;
    expect(clock.seconds).toBe(15);
    expect(notes).toEqual([]);
  });

  test('next() ends with the reason when it is stopped', async () => {
    const stopping = new AbortController();
    const next = watchFolder(tempDir()).next(stopping.signal);
    stopping.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});
