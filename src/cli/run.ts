/**
 * The border to the process: the only user of `process`. Streams, signals and rights go in, an exit code comes out.
 */
import { userInfo } from 'node:os';
import { InterruptedError } from '../errors/cache-error.ts';
import { hasErrno } from '../errors/errno.ts';
import { EXIT_CODES, type ExitCode } from '../errors/exit-codes.ts';
import { createRedactor } from '../log/redact.ts';
import { exitCodeOf, renderErrorJson, renderErrorText } from '../present/error-text.ts';
import { OPTIONS } from '../settings/options.ts';
import { FORMAT } from './common-flags.ts';
import type { Invocation } from './invocation.ts';
import { Output, wantsColor } from './output.ts';
import { parseArguments, type Request } from './parse-arguments.ts';
import type { ParsedArguments } from './parsed-arguments.ts';
import type { Program } from './program.ts';
import { Rights } from './rights.ts';

/** Runs a program with the arguments of this process, and sets its exit code. Never throws. */
export async function runProgram(program: Program): Promise<void> {
  const stopping = listenForSignals();
  const invocation: Invocation = {
    args: process.argv.slice(2),
    env: process.env,
    cwd: currentFolder(),
    homeDir: process.env['HOME'],
    accountHome: accountHome(),
    secrets: [],
    pid: process.pid,
    // Asked for only where questions are: opening it costs time, and may fail.
    get stdin() {
      return process.stdin;
    },
    stdout: new Output('standard output', process.stdout),
    stderr: new Output('standard error', process.stderr),
    rights: new Rights(process),
    signal: stopping.signal,
  };
  process.exitCode = await callProgram(program, invocation);
  stopping.ignore();
}

/** A shell may stand in a folder that was removed: only what is relative to it cannot be found then. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return process.env['PWD'] ?? '/';
  }
}

function accountHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    // A container's user may have no entry in the database.
    return undefined;
  }
}

async function callProgram(program: Program, invocation: Invocation): Promise<ExitCode> {
  let view = guessView(invocation.args);
  try {
    const request = parseArguments(program, invocation.args);
    if (request.kind === 'run') view = viewOf(request.args);
    await answer(program, request, invocation);
    await invocation.stdout.flush();
    return EXIT_CODES.Done;
  } catch (error) {
    await tell(error, view, invocation);
    return exitCodeOf(error);
  }
}

async function answer(program: Program, request: Request, invocation: Invocation): Promise<void> {
  if (request.kind === 'show') {
    await invocation.stdout.write(request.text);
    return;
  }
  await (request.command ?? program).run({ program, invocation, args: request.args });
}

/** How an error is to be told. */
interface View {
  readonly debug: boolean;
  readonly isJson: boolean;
}

function viewOf(args: ParsedArguments): View {
  return { debug: args.isSwitchedOn(OPTIONS.debug), isJson: args.value(FORMAT) === 'json' };
}

/** The arguments may be what is wrong: then the way to tell is guessed from them as they are. */
function guessView(args: readonly string[]): View {
  return { debug: args.some((arg) => arg === '--debug' || arg === '-d'), isJson: formatAskedFor(args) === 'json' };
}

async function tell(error: unknown, { debug, isJson }: View, { env, secrets, stderr }: Invocation): Promise<void> {
  const redact = createRedactor(secrets);
  const text = (color: boolean): Promise<string> => renderErrorText(error, { redact, debug, color });
  await stderr.write(
    // What paints may not be loadable any more: the error is to be told all the same.
    isJson ? renderErrorJson(error, { redact, debug }) : await text(wantsColor(stderr, env)).catch(() => text(false)),
  );
}

/** The value of the last `--format`, which may be abbreviated. */
function formatAskedFor(args: readonly string[]): string | undefined {
  let format: string | undefined;
  for (const [i, arg] of args.entries()) {
    const [name = '', value = args[i + 1]] = arg.split('=', 2);
    if (name.startsWith('--f') && '--format'.startsWith(name)) format = value;
  }
  return format?.toLowerCase();
}

interface Stopping {
  readonly signal: AbortSignal;
  ignore(): void;
}

/** The first signal ends the run at the next safe point; the second one ends the process. */
function listenForSignals(): Stopping {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    ignore();
    const signal = name === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    controller.abort(new InterruptedError(signal, `Stopped by ${signal}`));
  };
  const ignore = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, ignore };
}
