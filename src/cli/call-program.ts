/**
 * One call of a program, from its arguments to an exit code: what it is asked, what it answers, and how an error is told.
 * It knows nothing of the process it runs in.
 */
import { EXIT_CODES, type ExitCode } from '../errors/exit-codes.ts';
import { createRedactor } from '../log/redact.ts';
import { exitCodeOf, renderErrorJson, renderErrorText } from '../present/error-text.ts';
import { OPTIONS } from '../settings/options.ts';
import { commandLine } from './command-line.ts';
import { FORMAT } from './common-flags.ts';
import type { Invocation } from './invocation.ts';
import { wantsColor } from './output.ts';
import { parseArguments, type Request } from './parse-arguments.ts';
import type { ParsedArguments } from './parsed-arguments.ts';
import type { Program } from './program.ts';

/** Calls a program. Never throws: errors are told on standard error. */
export async function callProgram(program: Program, invocation: Invocation): Promise<ExitCode> {
  let view = guessView(invocation.args);
  try {
    const request = parseArguments(program, invocation.args);
    if (request.kind === 'run') view = viewOf(request.args);
    await answer(program, request, invocation);
    await invocation.stdout.flush();
    return EXIT_CODES.Done;
  } catch (error) {
    await tell(error, { ...view, commandLine: commandLine(program.name, invocation.args) }, invocation);
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
  /** What was called, for hints. */
  readonly commandLine?: string;
}

function viewOf(args: ParsedArguments): View {
  return { debug: args.isSwitchedOn(OPTIONS.debug), isJson: args.value(FORMAT) === 'json' };
}

/** The arguments may be what is wrong: then the way to tell is guessed from them as they are. */
function guessView(args: readonly string[]): View {
  return { debug: args.some((arg) => arg === '--debug' || arg === '-d'), isJson: formatAskedFor(args) === 'json' };
}

async function tell(error: unknown, { isJson, ...how }: View, { env, secrets, stderr }: Invocation): Promise<void> {
  const view = { redact: createRedactor(secrets), ...how };
  const text = (color: boolean): Promise<string> => renderErrorText(error, { ...view, color });
  await stderr.write(
    // What paints may not be loadable any more: the error is to be told all the same.
    isJson ? renderErrorJson(error, view) : await text(wantsColor(stderr, env)).catch(() => text(false)),
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
