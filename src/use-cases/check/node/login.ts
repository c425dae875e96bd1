/**
 * Whether a prefetch could log in. Who never prefetches needs no login.
 */
import type { CacheError } from '../../../errors/cache-error.ts';
import type { Check, CheckContext } from '../check.ts';
import type { CompleteCredentials } from '../cloud-probe.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { measureCache } from './look/measure-cache.ts';

const TRY = 'glance-cache-prefetcher --dry-run --verbose';

/** Tries the login. */
export const LOGIN: Check = {
  name: 'login',
  async run(context) {
    const { credentials, login, isLeftToPerson } = context.cloud;
    switch (credentials.kind) {
      case 'none':
        return [nobody(context)];
      case 'unusable':
        return [broken({ check: 'login-incomplete', error: credentials.error })];
      case 'complete': {
        const warnings = credentials.warnings.map((message) =>
          makeFinding({
            check: 'login-warning',
            severity: 'warning',
            message,
            reason: `That is how the credentials from ${credentials.source} are used`,
          }),
        );
        if (isLeftToPerson) return [...warnings, untried(credentials)];
        return [...warnings, ...(login === undefined ? [] : judgeLogin(await login(), credentials.source))];
      }
    }
  },
};

/** Whoever checks a node has not come to log in, and nothing is to wait for somebody. */
function untried({ source, authType, personalPart }: CompleteCredentials): CheckFinding {
  const part = personalPart === 'device' ? 'somebody with a browser' : 'a passcode that is good now';
  return makeFinding({
    check: 'login-untried',
    severity: 'note',
    message: `The login with the credentials from ${source} was not tried: auth_type ${authType} takes ${part}, and a check asks nobody`,
    reason: 'Whether it works shows when somebody runs a program that logs in, in a terminal',
    command: TRY,
  });
}

function judgeLogin(
  { failure, isAdmin }: Awaited<ReturnType<NonNullable<CheckContext['cloud']['login']>>>,
  source: string,
): readonly CheckFinding[] {
  if (failure !== undefined) return [broken({ check: 'login-fails', error: failure })];
  if (isAdmin !== false) return [];
  return [
    makeFinding({
      check: 'login-without-admin',
      severity: 'note',
      message: `The credentials from ${source} log in, and nobody says that the account has an admin role`,
      reason:
        'To such an account an image that is deleted looks like one it may not see: it stays queued, and glance-cache-cleaner --stale removes nothing',
      command: 'openstack role assignment list --names --user glance --project service',
    }),
  ];
}

function broken({ check, error }: { readonly check: string; readonly error: CacheError }): CheckFinding {
  const { message, hint } = error;
  return makeFinding({
    check,
    severity: 'error',
    message,
    reason: `Nothing can be fetched${hint === undefined ? '' : `: ${hint.charAt(0).toLowerCase()}${hint.slice(1)}`}`,
    command: TRY,
  });
}

function nobody({ layout }: CheckContext): CheckFinding {
  const queued = layout === undefined ? 0 : measureCache(layout).areas.queue.count;
  const message = 'No credentials are given';
  const command = 'glance-cache-prefetcher --help';
  if (queued > 0) {
    return makeFinding({
      check: 'no-login',
      severity: 'warning',
      message: `${message}, and ${queued === 1 ? '1 image is' : `${queued} images are`} queued`,
      reason: 'The prefetcher cannot log in, so that what is queued stays there',
      command,
    });
  }
  return makeFinding({
    check: 'no-login',
    severity: 'note',
    message,
    reason: 'Only prefetching needs them, and images are looked up by name with them',
    command,
  });
}
