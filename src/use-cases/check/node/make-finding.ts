import type { Change, CheckFinding, Severity } from '../finding.ts';

/** What a finding says; see {@link CheckFinding}. */
export interface FindingParts {
  readonly message: string;
  readonly reason: string;
  readonly change?: Change | undefined;
  readonly command?: string | undefined;
}

/** A finding. */
export function found(check: string, severity: Severity, { change, command, ...said }: FindingParts): CheckFinding {
  return { check, severity, ...said, change, command };
}
