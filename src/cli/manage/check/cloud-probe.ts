/**
 * The login that a prefetch would use, tried for `check`. Credentials are read at once, with the rights the program was
 * started with; what talks over the network is loaded when somebody asks.
 */

import { findFile } from '../../../credentials/clouds/find-files.ts';
import { personalPartOf } from '../../../credentials/personal-part.ts';
import { CacheError, ConfigError } from '../../../errors/cache-error.ts';
import type { Transport } from '../../../http/transport.ts';
import { shownUrl } from '../../../http/url.ts';
import type { Logger } from '../../../log/logger.ts';
import type { Settings } from '../../../settings/resolve.ts';
import { systemClock } from '../../../time/system-clock.ts';
import type {
  ClockSkew,
  CloudProbe,
  LoginOutcome,
  ProbedCredentials,
  ProbedOption,
} from '../../../use-cases/check/cloud-probe.ts';
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
  const probe = { credentials, files, login: undefined, isLeftToPerson: false };
  const plan = found.kind === 'none' || run.offline ? undefined : planOf(found);
  if (plan === undefined) {
    found.close();
    return { ...probe, isLeftToPerson: found.kind === 'found' && !run.offline };
  }
  let outcome: Promise<LoginOutcome> | undefined;
  const login = (): Promise<LoginOutcome> => {
    outcome ??= tryLogin(call, run, plan).finally(() => found.close());
    return outcome;
  };
  return { ...probe, login };
}

type Found = Extract<FoundCredentials, { readonly kind: 'found' }>;

/**
 * What is to be tried. A token that was kept from an earlier run tells nothing of the login, and is used only where that
 * would take a person. A passcode of a file is never good any more, and failed logins lock accounts.
 */
function planOf({ login, given }: Found): Login | undefined {
  const part = personalPartOf(login.credentials);
  if (part === undefined) return { ...login, tokens: undefined };
  if (login.tokens?.token !== undefined) return login;
  const passcode = part === 'passcode' ? given.get('passcode') : undefined;
  return passcode === undefined || passcode.place !== undefined ? undefined : { ...login, tokens: undefined };
}

function probedOf(found: FoundCredentials): ProbedCredentials {
  if (found.kind === 'found') {
    const { login, warnings } = found;
    const { source, authType } = login.credentials;
    const personalPart = personalPartOf(login.credentials);
    return { kind: 'complete', source, authType, warnings, personalPart, options: optionsOf(found) };
  }
  const { error } = found;
  if (!(error instanceof CacheError)) throw error;
  const isNone = error instanceof ConfigError && error.details?.['credentials'] === 'none';
  return isNone ? { kind: 'none' } : { kind: 'unusable', error };
}

/** The options that the login uses, with nothing secret of them. */
function optionsOf({ login, given }: Found): readonly ProbedOption[] {
  const { auth } = login.credentials;
  return [...given].flatMap(([name, { text, origin, place }]) => {
    if (name !== 'auth_type' && name !== 'endpoint_override' && !(name in auth)) return [];
    return [{ name, origin, place, url: URL.canParse(text) ? shownUrl(new URL(text)) : undefined }];
  });
}

async function tryLogin(call: Call, run: ProbeRun, login: Login): Promise<LoginOutcome> {
  const { signal } = call.invocation;
  const { auth } = login.credentials;
  // Through an identity provider that is not the first one who answers; without Keystone it is.
  const keystone = URL.canParse(auth.auth_url ?? '') ? new URL(auth.auth_url ?? '').origin : undefined;
  const skews = new Map<string, ClockSkew>();
  let isAdmin: boolean | undefined;
  const observed = (transport: Transport): Transport => ({
    async send(request, aborted) {
      const sentSec = systemClock.nowSec();
      const response = await transport.send(request, aborted);
      const skew = skewOf(request.url, response.header('date'), { sentSec, answeredSec: systemClock.nowSec() });
      if (skew !== undefined && !skews.has(skew.server)) skews.set(skew.server, skew);
      return response;
    },
    close: () => transport.close(),
  });
  const told = (failure: CacheError | undefined): LoginOutcome => {
    const [first] = skews.values();
    return { failure, isAdmin, skew: skews.get(keystone ?? '') ?? first };
  };
  const { withLogin } = await import('../../cloud/open-cloud.ts');
  const { listOneImage } = await import('../../../glance/list-one-image.ts');
  try {
    await withLogin(call, { ...run, observed, retries: RETRIES, asksNobody: true }, login, async (asking) => {
      ({ isAdmin } = await asking.session.access(signal));
      await listOneImage(asking, signal);
    });
    return told(undefined);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CacheError)) throw error;
    return told(error);
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
