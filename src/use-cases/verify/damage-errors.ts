/**
 * Damage that is left when a verification ends, as the error that it ends with.
 */

import { IntegrityError } from '../../errors/cache-error.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import type { Finding } from '../../plan/verify.ts';
import { repairCommand } from './repair-command.ts';
import type { VerifyItem } from './verify-report.ts';
import type { VerifyRun } from './verify-run.ts';

/** The error of what was found and is not to be mended; none where there are only hints. */
export async function damageErrors(run: VerifyRun, findings: readonly Finding[]): Promise<readonly unknown[]> {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const kinds = findings.map(({ kind }) => kind);
  const goOn = run.request.dryRun ? '' : '; with --dry-run it shows first what it would do';
  const repair = `run "${repairCommand(kinds)}"${goOn}`;
  const hint = kinds.includes('index-lost') ? await hintOnLoss(run, repair) : `R${repair.slice(1)}`;
  return errorsOf(run, { errors, state: errors === 1 ? 'an error was found' : `${errors} errors were found`, hint });
}

/** The error of what became another file before it was mended: that may be as damaged as the one that was looked at. */
export function leftErrors(run: VerifyRun, items: readonly VerifyItem[]): readonly unknown[] {
  const isLeft = ({ severity, result, reason }: VerifyItem): boolean =>
    severity === 'error' && result === 'skipped' && reason === 'changed';
  const errors = items.filter(isLeft).length;
  const who = errors === 1 ? 'an image that had an error has' : `${errors} images that had errors have`;
  return errorsOf(run, { errors, state: `${who} changed meanwhile`, hint: `Run it again: ${THIS_COMMAND}` });
}

async function hintOnLoss({ access: { index } }: VerifyRun, repair: string): Promise<string> {
  const { check } = await index.describeGivenUp();
  return `${check}. If it is ${index.name}, ${repair}`;
}

function errorsOf(
  { access }: VerifyRun,
  { errors, state, hint }: { readonly errors: number; readonly state: string; readonly hint: string },
): readonly unknown[] {
  if (errors === 0) return [];
  const { root } = access.layout;
  const details = { cache_dir: root, errors };
  return [
    new IntegrityError('INTEGRITY_CACHE', `Cannot vouch for ${JSON.stringify(root)}: ${state}`, { hint, details }),
  ];
}
