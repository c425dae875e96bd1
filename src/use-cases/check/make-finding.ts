/**
 * Findings with what they need not say left out.
 */
import { commandFor } from './change-of.ts';
import type { Change, CheckFinding, Severity } from './finding.ts';

/** What a finding is made of. */
export interface FindingParts {
  readonly check: string;
  readonly severity: Severity;
  readonly message: string;
  readonly reason: string;
  readonly change?: Change | undefined;
  /** The one that makes the change unless given. */
  readonly command?: string | undefined;
}

/** A finding. */
export function makeFinding({ check, severity, message, reason, change, command }: FindingParts): CheckFinding {
  return { check, severity, message, reason, change, command: command ?? commandFor(change) };
}
