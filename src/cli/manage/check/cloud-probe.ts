/**
 * The login that a prefetch would use, tried for `check`. Credentials are read at once, with the rights the program was
 * started with; what talks over the network is loaded when somebody asks.
 */

import { findFile } from '../../../credentials/clouds/find-files.ts';
import { CacheError, ConfigError } from '../../../errors/cache-error.ts';
import type { Transport } from '../../../http/transport.ts';
import type { Logger } from '../../../log/logger.ts';
import type { Settings } from '../../../settings/resolve.ts';
import { systemClock } from '../../../time/system-clock.ts';
import type { ClockSkew, CloudProbe, LoginOutcome, ProbedCredentials } from '../../../use-cases/check/cloud-probe.ts';
import { type FoundCredentials, findCredentials, type Login } from '../../cloud/find-credentials.ts';
import type { Call } from '../../program.ts';

/** What a probe needs beside the call. */
export interface ProbeRun {
  readonly settings: Settings;
  readonly log: Logger;
  /** Nothing is to be asked over the network. */
  readonly offline: boolean;
}

/** One more try is enough for somebody who waits for the answer. */
const RETRIES = 1;

/**
 * Opens the probe.
 *
 * @throws what is no error of the toolkit's
 */
export async function openCloudProbe(call: Call, run: ProbeRun): Promise<CloudProbe> {
  const found = await findCredentials(call, run.settings);
  const credentials = probedOf(found);
  const files = (['clouds', 'secure'] as const).flatMap((kind) => findFile(kind, call.invocation).path ?? []);
  if (found.kind === 'none' || run.offline) {
    found.close();
    return { credentials, files, login: undefined };
  }
  let outcome: Promise<LoginOutcome> | undefined;
  const login = (): Promise<LoginOutcome> => {
    outcome ??= tryLogin(call, run, found.login).finally(() => found.close());
    return outcome;
  };
  return { credentials, files, login };
}

function probedOf(found: FoundCredentials): ProbedCredentials {
  if (found.kind === 'found') {
    const { login, warnings } = found;
    const { credentials } = login;
    return { kind: 'complete', source: credentials.source, authType: credentials.authType, warnings };
  }
  const { error } = found;
  if (!(error instanceof CacheError)) throw error;
  const isNone = error instanceof ConfigError && error.details?.['credentials'] === 'none';
  return isNone ? { kind: 'none' } : { kind: 'unusable', error };
}

async function tryLogin(call: Call, run: ProbeRun, login: Login): Promise<LoginOutcome> {
  const { signal } = call.invocation;
  let skew: ClockSkew | undefined;
  let isAdmin: boolean | undefined;
  const observed = (transport: Transport): Transport => ({
    async send(request, aborted) {
      const sentSec = systemClock.nowSec();
      const response = await transport.send(request, aborted);
      // The first answer is Keystone's, or Glance's where a token was kept.
      skew ??= skewOf(request.url, response.header('date'), { sentSec, answeredSec: systemClock.nowSec() });
      return response;
    },
    close: () => transport.close(),
  });
  const { withLogin } = await import('../../cloud/open-cloud.ts');
  const { listOneImage } = await import('../../../glance/list-one-image.ts');
  try {
    await withLogin(call, { ...run, observed, retries: RETRIES }, login, async (asking) => {
      ({ isAdmin } = await asking.session.access(signal));
      await listOneImage(asking, signal);
    });
    return { failure: undefined, isAdmin, skew };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CacheError)) throw error;
    return { failure: error, isAdmin, skew };
  }
}

/**
 * How a server's clock goes against ours. It read its clock between the moments at which the request went out and the
 * answer came, and told whole seconds of it.
 */
function skewOf(
  url: string,
  date: string | undefined,
  { sentSec, answeredSec }: { readonly sentSec: number; readonly answeredSec: number },
): ClockSkew | undefined {
  const toldSec = date === undefined ? Number.NaN : Date.parse(date) / 1000;
  if (!Number.isFinite(toldSec)) return undefined;
  const [earliestSec, latestSec] = [toldSec - answeredSec, toldSec + 1 - sentSec];
  return {
    server: new URL(url).origin,
    aheadSec: (earliestSec + latestSec) / 2,
    doubtSec: (latestSec - earliestSec) / 2,
  };
}
