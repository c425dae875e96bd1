import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Output } from '../../../../src/cli/output.ts';
import { Bars } from '../../../../src/cli/progress/bars.ts';
import type { ScreenSize } from '../../../../src/cli/progress/fetch-progress.ts';
import { FakeTerminal } from './fake-terminal.ts';

// Only the timers that cli-progress draws by: what they draw is real.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const FRAME_MS = 100;

function draw(lines: readonly string[], { columns = 40, rows = 10 } = {}) {
  const terminal = new FakeTerminal(columns, rows);
  const output = new Output('standard error', () => terminal);
  const state = { lines, sizes: [] as ScreenSize[] };
  const bars = new Bars(output, (size) => {
    state.sizes.push(size);
    return state.lines;
  });
  const show = (next: readonly string[]): readonly string[] => {
    state.lines = next;
    vi.advanceTimersByTime(FRAME_MS);
    return terminal.screen;
  };
  return { terminal, output, bars, show, sizes: state.sizes };
}

describe('Bars', () => {
  test('draws its lines at once, with the cursor hidden and lines not wrapping', () => {
    const { terminal } = draw(['one', 'total']);
    expect(terminal.screen).toEqual(['one', 'total']);
    expect(terminal.isCursorHidden).toBe(true);
    expect(terminal.isWrapping).toBe(false);
  });

  test('follows its lines when they change, become more and become fewer', () => {
    const { show } = draw(['total']);
    expect(show(['a long line', 'total'])).toEqual(['a long line', 'total']);
    expect(show(['b', 'c', 'd', 'total'])).toEqual(['b', 'c', 'd', 'total']);
    expect(show(['d', 'total'])).toEqual(['d', 'total']);
    expect(show(['e', 'f', 'total'])).toEqual(['e', 'f', 'total']);
    expect(show(['the end'])).toEqual(['the end']);
    expect(show(['the end'])).toEqual(['the end']);
    expect(show(['one', 'two'])).toEqual(['one', 'two']);
  });

  test('covers what is typed meanwhile', () => {
    const { terminal, show } = draw(['one', 'total']);
    terminal.write('^R');
    expect(terminal.screen).toEqual(['one', 'total^R']);
    expect(show(['one', 'total'])).toEqual(['one', 'total']);
  });

  test('asks for lines of the size that the terminal has now', () => {
    const { terminal, show, sizes } = draw(['total'], { columns: 100, rows: 30 });
    terminal.columns = 50;
    show(['total']);
    expect(sizes).toEqual([
      { columns: 100, rows: 30 },
      { columns: 50, rows: 30 },
    ]);
  });

  test('takes a terminal that does not know its size for a usual one', () => {
    expect(draw(['total'], { columns: 0, rows: 0 }).sizes).toEqual([{ columns: 80, rows: 24 }]);
  });

  test('writes a frame in one piece', () => {
    const { terminal, show } = draw(['one', 'two', 'total']);
    const { writes } = terminal;
    show(['two', 'total']);
    expect(terminal.writes).toBe(writes + 1);
  });

  test('takes all off the screen and gives the cursor back when it is closed', () => {
    const { terminal, bars } = draw(['one', 'total']);
    bars.close();
    expect(terminal.screen).toEqual(['']);
    expect(terminal.isCursorHidden).toBe(false);
    expect(terminal.isWrapping).toBe(true);
  });

  test('writes nothing and has no timer any more when it is closed', async () => {
    const { terminal, output, bars } = draw(['one', 'total']);
    expect(vi.getTimerCount()).toBe(1);
    bars.close();
    expect(vi.getTimerCount()).toBe(0);
    const { text } = terminal;
    bars.close();
    bars.show();
    bars.hide();
    vi.advanceTimersByTime(10 * FRAME_MS);
    expect(terminal.text).toBe(text);
    await output.write('the end\n');
    expect(terminal.text).toBe(`${text}the end\n`);
  });

  test('has one timer however its lines change', async () => {
    const { output, show } = draw(['total']);
    show(['one', 'two', 'total']);
    expect(vi.getTimerCount()).toBe(1);
    show(['total']);
    expect(vi.getTimerCount()).toBe(1);
    await output.write('a line\n');
    expect(vi.getTimerCount()).toBe(1);
  });

  test('listens to no signal', () => {
    const listeners = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    draw(['total']);
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(listeners);
  });

  test('gives way to lines, which come out whole above it', async () => {
    const { terminal, output, bars, show } = draw(['one: a line as long as it can be, at 39', 'total']);
    await output.write('short\n');
    await output.write('a line that is longer than the terminal is wide\nand a second one\n');
    const above = ['short', 'a line that is longer than the terminal', 'is wide', 'and a second one'];
    expect(terminal.screen).toEqual([...above, 'one: a line as long as it can be, at 39', 'total']);
    expect(terminal.isCursorHidden).toBe(true);
    expect(terminal.isWrapping).toBe(false);
    expect(show(['three', 'two', 'total'])).toEqual([...above, 'three', 'two', 'total']);
    bars.close();
    expect(terminal.screen).toEqual(above);
  });

  test('keeps away from a line until it is at its end', async () => {
    const { terminal, output, show } = draw(['total']);
    await output.write('Go on? ');
    expect(show(['total'])).toEqual(['Go on?']);
    expect(terminal.isCursorHidden).toBe(false);
    await output.write('yes\n');
    expect(terminal.screen).toEqual(['Go on? yes', 'total']);
  });

  test('is quiet when the terminal has gone away', async () => {
    const { terminal, output, bars, show } = draw(['total']);
    terminal.emit('error', Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' }));
    const { text } = terminal;
    show(['one', 'total']);
    await output.write('a line\n');
    bars.close();
    expect(terminal.text).toBe(text);
    expect(vi.getTimerCount()).toBe(0);
  });
});
