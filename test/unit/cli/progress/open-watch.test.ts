import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Output } from '../../../../src/cli/output.ts';
import { parseArguments } from '../../../../src/cli/parse-arguments.ts';
import { openWatch } from '../../../../src/cli/prefetch/open-watch.ts';
import { PREFETCHER } from '../../../../src/cli/prefetcher.ts';
import { createConsoleSink } from '../../../../src/log/console-sink.ts';
import { createLogger } from '../../../../src/log/create-logger.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { endOf, fetchOf } from './fetches.ts';

// Only the timers that cli-progress draws by: what they draw is real.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const DEBIAN = fetchOf(1, 'debian-12', 100);
const FEDORA = fetchOf(2, 'fedora-42', 300);
const UTF8 = { LANG: 'C.UTF-8', TERM: 'xterm', NO_COLOR: '1' };

/** Opens the watch of a prefetcher whose standard error, the log's too, is a terminal. */
async function open({ args = [], env = UTF8 }: { args?: readonly string[]; env?: Record<string, string> } = {}) {
  const terminal = new FakeTerminal();
  const stderr = new Output('standard error', () => terminal);
  const request = parseArguments(PREFETCHER, args);
  if (request.kind !== 'run') throw new Error('Expected a run');
  const target = createConsoleSink(
    (text) => void stderr.write(text),
    (level, message) => `${level} ${message}`,
  );
  const log = createLogger({ secrets: [], targets: [{ target, threshold: 'WARNING' }] });
  const controller = new AbortController();
  const invocation = { stderr, env, signal: controller.signal };
  const watch = await openWatch({ args: request.args, invocation }, log);
  return { terminal, watch, controller, later: () => vi.advanceTimersByTime(100) };
}

describe('openWatch()', () => {
  test('shows bars while images are fetched, with the lines of the log above them', async () => {
    const { terminal, watch, later } = await open();
    watch.planned([DEBIAN, FEDORA]);
    watch.started(DEBIAN);
    watch.started(FEDORA);
    watch.advanced(DEBIAN.imageId, 50);
    later();
    expect(terminal.screen).toEqual([
      expect.stringMatching(/^debian-12 +█+▌░+ +50% +50\/100 B$/),
      expect.stringMatching(/^fedora-42 +░+ +0% +0\/300 B$/),
      expect.stringMatching(/^0\/2 images +█░+ +12% +50\/400 B$/),
    ]);
    watch.noted(FEDORA.imageId, 'starting over');
    expect(terminal.screen).toEqual([
      `WARNING fetch ${FEDORA.imageId}: starting over`,
      expect.stringMatching(/^debian-12 /),
      expect.stringMatching(/^fedora-42 /),
      expect.stringMatching(/^0\/2 images /),
    ]);
    watch.retrying(FEDORA.imageId, new Error('reset'), 3);
    watch.ended(endOf(DEBIAN, 'done'));
    later();
    expect(terminal.screen.slice(1)).toEqual([
      expect.stringMatching(/^fedora-42 .* retry in 3 s$/),
      expect.stringMatching(/^1\/2 images /),
    ]);
    watch.close();
    expect(terminal.screen).toEqual([`WARNING fetch ${FEDORA.imageId}: starting over`]);
  });

  test('does not show an image any more when the log tells how it ended', async () => {
    const { terminal, watch } = await open();
    watch.planned([DEBIAN, FEDORA]);
    watch.started(DEBIAN);
    watch.ended({ ...endOf(DEBIAN, 'skipped'), reason: 'deactivated' });
    expect(terminal.screen).toEqual([
      `WARNING fetch ${DEBIAN.imageId} "debian-12": skipped (deactiv`,
      'ated in Glance)',
      expect.stringMatching(/^1\/2 images /),
    ]);
    watch.close();
  });

  test('takes the bars away at the first signal, so that the second leaves the terminal as it was', async () => {
    const { terminal, watch, controller, later } = await open();
    watch.planned([DEBIAN]);
    watch.started(DEBIAN);
    later();
    expect(terminal.isCursorHidden).toBe(true);
    controller.abort(new Error('Stopped by SIGINT'));
    expect(terminal).toMatchObject({ isCursorHidden: false, isWrapping: true, screen: [''] });
    expect(vi.getTimerCount()).toBe(0);
    const { text } = terminal;
    watch.ended(endOf(DEBIAN, 'skipped'));
    watch.close();
    expect(terminal.text).toBe(text);
  });

  test('shows no bars when the run was stopped before there was anything to show', async () => {
    const { terminal, watch, controller } = await open();
    controller.abort(new Error('Stopped by SIGINT'));
    watch.planned([DEBIAN]);
    watch.close();
    expect(terminal.text).toBe('');
  });

  test('shows no bars when there is nothing to fetch', async () => {
    const { terminal, watch } = await open();
    watch.planned([]);
    watch.close();
    expect(terminal.text).toBe('');
  });

  test('paints the bars unless NO_COLOR is set', async () => {
    const { terminal, watch } = await open({ env: { ...UTF8, NO_COLOR: '' } });
    watch.planned([DEBIAN]);
    watch.close();
    expect(terminal.text).toContain('\u001b[1m0/1 images');
  });

  test('draws with ASCII when the locale has no more', async () => {
    const { terminal, watch } = await open({ env: { TERM: 'xterm', LANG: 'C' } });
    watch.planned([DEBIAN]);
    watch.close();
    expect(terminal.text).toMatch(/^[\n -~\u001b]+$/);
  });

  test.each([
    ['debug lines rush by', { args: ['--debug'] }],
    ['the terminal cannot move its cursor', { env: { ...UTF8, TERM: 'dumb' } }],
    ['it is a dry run', { args: ['--dry-run'] }],
  ])('has only the log when %s', async (_when, how) => {
    const { terminal, watch } = await open(how);
    watch.planned([DEBIAN]);
    watch.started(DEBIAN);
    watch.noted(DEBIAN.imageId, 'starting over');
    watch.close();
    expect(terminal.text).toBe(`WARNING fetch ${DEBIAN.imageId}: starting over\n`);
  });
});
