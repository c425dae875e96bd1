/**
 * Standard output of a round. With `--format json` all rounds together are JSON lines: what a round reports, and how it
 * has ended, is one object on one line, written while it is made. Otherwise a report is shown only where it was asked
 * for, with `--verbose`: the lines about the rounds go to the log.
 */
import { Writable } from 'node:stream';
import { createRedactor } from '../../log/redact.ts';
import { renderErrorJson } from '../../present/error-text.ts';
import { isoTime } from '../../present/iso-time.ts';
import { FORMAT } from '../common-flags.ts';
import { Output } from '../output.ts';
import type { Call } from '../program.ts';
import { SAME_COMMAND } from './round-lines.ts';
import type { RoundOutcome, RoundStart } from './rounds.ts';

/** Where a round writes to. */
export interface RoundOutput {
  readonly stdout: Output;
  /** Writes how it has ended, where that belongs there. */
  end(outcome: RoundOutcome, secrets: readonly string[]): Promise<void>;
}

/** @param startedSec epoch seconds */
export function createRoundOutput(call: Call, start: RoundStart, startedSec: number): RoundOutput {
  const { stdout } = call.invocation;
  if (call.args.value(FORMAT) !== 'json') {
    const through = outputTo((text) => stdout.write(text));
    return { stdout: through, end: () => through.flush() };
  }
  const { number, cause } = start;
  const begin = { round: number, cause: cause ?? null, started_at: isoTime(startedSec) };
  const toOneLine = createOneLiner();
  let hasReport = false;
  const report = outputTo(async (text) => {
    // What a flush writes.
    if (text === '') return;
    if (!hasReport) await stdout.write(`${withoutEnd(begin)},"report":`);
    hasReport = true;
    await stdout.write(toOneLine(text));
  });
  return {
    stdout: report,
    async end(outcome, secrets) {
      await report.flush();
      const { result, summary, elapsedSec, error } = outcome;
      const { images = null, bytes = null } = summary ?? {};
      const end = { result, images, bytes, elapsed_sec: Number(elapsedSec.toFixed(3)), error: errorOf(error, secrets) };
      const first = hasReport ? '' : `${withoutEnd(begin)},"report":null`;
      await stdout.write(`${first},${JSON.stringify(end).slice(1)}\n`);
    },
  };
}

/** An output that is no terminal: nobody waits there for what a round has to say. */
function outputTo(write: (text: string) => Promise<void>): Output {
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => void write(text).then(() => done(), done),
  });
  return new Output('standard output', () => stream);
}

function withoutEnd(object: object): string {
  return JSON.stringify(object).slice(0, -1);
}

/** Takes the layout out of JSON that comes in pieces. No line feed is within a string there. */
function createOneLiner(): (text: string) => string {
  let isAtStart = false;
  return (text) => {
    const line = (isAtStart ? `\n${text}` : text).replace(/\n\s*/g, '');
    isAtStart = /\n\s*$/.test(text) || (isAtStart && text.trim() === '');
    return line;
  };
}

function errorOf(error: unknown, secrets: readonly string[]): unknown {
  if (error === undefined) return null;
  const told: unknown = JSON.parse(
    renderErrorJson(error, { redact: createRedactor(secrets), debug: false, commandLine: SAME_COMMAND }),
  );
  return told !== null && typeof told === 'object' && 'error' in told ? told.error : null;
}
