/**
 * Runs checks one after the other. One that cannot look is a finding of its own and hides none of the others.
 */
import { CacheError } from '../../errors/cache-error.ts';
import type { Check, CheckContext } from './check.ts';
import type { CheckFinding, Severity } from './finding.ts';
import { makeFinding } from './make-finding.ts';

const GRAVEST_FIRST: readonly Severity[] = ['error', 'warning', 'note'];

/** How checks are run. */
export interface CheckRun {
  /** Stops between two checks. */
  readonly signal: AbortSignal;
  /** Masks secrets in what was thrown. */
  readonly redact: (text: string) => string;
}

/**
 * All findings, gravest first, and in the order of the checks where they are equally grave.
 *
 * @throws the reason of the signal
 */
export async function runChecks(
  checks: readonly Check[],
  context: CheckContext,
  run: CheckRun,
): Promise<readonly CheckFinding[]> {
  const findings: CheckFinding[] = [];
  for (const check of checks) {
    run.signal.throwIfAborted();
    findings.push(...(await findingsOf(check, context, run)));
  }
  return GRAVEST_FIRST.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

async function findingsOf(
  check: Check,
  context: CheckContext,
  { signal, redact }: CheckRun,
): Promise<readonly CheckFinding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    signal.throwIfAborted();
    return [blind(check, error, redact)];
  }
}

function blind({ name }: Check, error: unknown, redact: CheckRun['redact']): CheckFinding {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof CacheError ? error.hint : undefined;
  return makeFinding({
    check: 'could-not-look',
    severity: 'warning',
    message: `Could not look at ${name}: ${redact(message)}`,
    reason: redact(hint ?? 'What cannot be looked at may be wrong'),
  });
}
