import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { interactionOn } from '../../../../src/cli/cloud/interaction.ts';
import { Output } from '../../../../src/cli/output.ts';
import type { Interaction } from '../../../../src/keystone/interaction.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const QUESTION = 'One-time passcode:';
const NO_SIGNAL = new AbortController().signal;

/** A terminal, and somebody in front of it. */
class Terminal {
  readonly stdin = Object.assign(new PassThrough(), { isTTY: true });
  readonly stderr: Output;
  screen = '';

  constructor() {
    const stream = Object.assign(new PassThrough(), { isTTY: true });
    stream.on('data', (chunk) => {
      this.screen += String(chunk);
    });
    this.stderr = new Output('standard error', () => stream);
  }

  get interaction(): Interaction {
    const interaction = interactionOn(this);
    if (interaction === undefined) throw new Error('nobody is there');
    return interaction;
  }
}

describe('interactionOn()', () => {
  test('finds nobody where standard error is no terminal, and does not open the input to see', () => {
    const invocation = {
      stderr: new Output('standard error', () => new PassThrough()),
      get stdin(): Readable {
        throw new Error('opened');
      },
    };
    expect(interactionOn(invocation)).toBeUndefined();
  });

  test('shows lines', async () => {
    const terminal = new Terminal();
    await terminal.interaction.tell('Open the page');
    expect(terminal.screen).toBe('Open the page\n');
  });

  test('asks nothing of a file or a pipe, and leaves it alone', async () => {
    const { stderr } = new Terminal();
    const stdin = Readable.from(['123456\n']);
    const interaction = interactionOn({ stderr, stdin });
    expect(interaction?.canAsk()).toBe(false);
    expect(await interaction?.ask(QUESTION, NO_SIGNAL)).toBeUndefined();
    expect(stdin.readableDidRead).toBe(false);
  });

  test.each([
    ['123456\n', '123456'],
    ['  123 456 \r\n', '123 456'],
    ['\n', ''],
  ])('takes %j for %j', async (typed, answer) => {
    const terminal = new Terminal();
    terminal.stdin.write(typed);
    expect(await terminal.interaction.ask(QUESTION, NO_SIGNAL)).toBe(answer);
    expect(terminal.screen).toBe(`${QUESTION} `);
  });

  test.each<[string, (terminal: Terminal) => void]>([
    ['the input ends', ({ stdin }) => stdin.end()],
    [
      'the terminal hangs up',
      ({ stdin }) => stdin.destroy(Object.assign(new Error('EIO'), { code: 'EIO', errno: -5, syscall: 'read' })),
    ],
  ])('has no answer when %s, and ends the line', async (_when, act) => {
    const terminal = new Terminal();
    const answer = terminal.interaction.ask(QUESTION, NO_SIGNAL);
    await expect.poll(() => terminal.stdin.listenerCount('error')).toBeGreaterThan(0);
    act(terminal);
    expect(await answer).toBeUndefined();
    expect(terminal.screen).toBe(`${QUESTION} \n`);
  });

  test('is interrupted by the signal, and ends the line', async () => {
    const terminal = new Terminal();
    const stopping = new AbortController();
    const answer = rejectionOf(terminal.interaction.ask(QUESTION, stopping.signal));
    const reason = new Error('interrupted');
    stopping.abort(reason);
    expect(await answer).toBe(reason);
    expect(terminal.screen).toBe(`${QUESTION} \n`);
    expect(await rejectionOf(terminal.interaction.ask(QUESTION, stopping.signal))).toBe(reason);
    expect(terminal.screen).toBe(`${QUESTION} \n`);
  });

  test('keeps what is logged meanwhile back until it is answered', async () => {
    const terminal = new Terminal();
    const answer = terminal.interaction.ask(QUESTION, NO_SIGNAL);
    await terminal.stderr.write('one\n');
    await terminal.stderr.write(['two\n', 'three\n']);
    expect(terminal.screen).toBe(`${QUESTION} `);
    terminal.stdin.write('123456\n');
    await answer;
    expect(terminal.screen).toBe(`${QUESTION} one\ntwo\nthree\n`);
  });

  test('takes what is drawn below the lines away, and brings it back', async () => {
    const terminal = new Terminal();
    const footer = { hide: () => terminal.stderr.draw('[hidden]'), show: () => terminal.stderr.draw('[shown]') };
    terminal.stderr.keepBelow(footer);
    terminal.stdin.write('123456\n');
    await terminal.interaction.ask(QUESTION, NO_SIGNAL);
    expect(terminal.screen).toBe(`[hidden]${QUESTION} [shown]`);
  });

  test('asks again', async () => {
    const terminal = new Terminal();
    for (const text of ['1', '2']) {
      const answer = terminal.interaction.ask(QUESTION, NO_SIGNAL);
      terminal.stdin.write(`${text}\n`);
      expect(await answer).toBe(text);
    }
  });
});
