/**
 * Whether credentials are fit for runs that nobody watches: what in them ends soon, what takes a person, and what goes
 * over the network as it is.
 */
import { shellWord } from '../../../errors/next-step.ts';
import { OPTIONS } from '../../../settings/options.ts';
import type { Check, CheckContext } from '../check.ts';
import type { CompleteCredentials, ProbedOption } from '../cloud-probe.ts';
import { usableValue } from '../files/usable-value.ts';
import type { Change, CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { cronSchedules } from './look/cron.ts';
import type { Scheduled } from './look/schedule.ts';
import { daemonSchedules, timerSchedules } from './look/timers.ts';

/** Looks at the credentials that a prefetch would use. */
export const CREDENTIALS: Check = {
  name: 'credentials',
  run(context) {
    const { credentials, files } = context.cloud;
    if (credentials.kind !== 'complete') return [];
    return [
      ...needsPerson(context, credentials),
      ...credentials.options.flatMap((option) => [
        ...passcodeInFile(option, files),
        ...tokenInFile(option, credentials),
        ...inTheOpen(option, credentials),
      ]),
    ];
  },
};

const DEVICE = { part: 'a person with a browser', instead: 'v3oidcclientcredentials' };
const PASSCODE = { part: 'a passcode that is good once', instead: 'v3applicationcredential' };

/** Makes what a service may log in with, and shows its secret once. */
const CREATE_CREDENTIAL = 'openstack application credential create glance-cache';

/**
 * Credentials of files are there for every run. What somebody has in a shell, or names as a cloud, is a person's own, as
 * long as nothing is scheduled.
 */
function needsPerson(context: CheckContext, credentials: CompleteCredentials): readonly CheckFinding[] {
  const { source, authType, personalPart, options } = credentials;
  const isKept = options.some(({ place }) => place !== undefined);
  if (personalPart === undefined || !isKept) return [];
  const isConfigured = options.some(({ place }) => place?.line !== undefined);
  const [scheduled] = schedulesWithLogin(context);
  if (scheduled === undefined && !isConfigured) return [];
  const { part } = personalPart === 'device' ? DEVICE : PASSCODE;
  const isAtProvider = authType.startsWith('v3oidc');
  const { instead } = isAtProvider ? DEVICE : PASSCODE;
  const run =
    scheduled === undefined ? '' : `, and ${JSON.stringify(scheduled.where)} runs glance-cache-${scheduled.job}`;
  return [
    makeFinding({
      check: 'login-needs-person',
      severity: 'warning',
      message: `Every login with the credentials from ${source} (auth_type ${authType}) takes ${part}${run}`,
      reason: `Cron, timers and daemons have nobody to ask: for them there are v3oidcclientcredentials and v3applicationcredential, and what --os-token-cache has kept is good only until the token expires`,
      change: changeOfType(options, instead),
      command: isAtProvider ? 'man 7 glance-cache-auth' : CREATE_CREDENTIAL,
    }),
  ];
}

/** The programs that log in, as far as they run. */
function schedulesWithLogin(context: CheckContext): readonly Scheduled[] {
  const { settings } = context;
  const isAlwaysStale = usableValue(settings, OPTIONS.stale) === true;
  const entries = [...cronSchedules(context).entries, ...timerSchedules(context).entries, ...daemonSchedules(context)];
  return entries.filter(
    ({ job, maker, fault, isStale }) =>
      fault === undefined &&
      maker !== 'stock' &&
      (job === 'prefetcher' || (job === 'cleaner' && (isStale || isAlwaysStale))),
  );
}

function changeOfType(options: readonly ProbedOption[], authType: string): Change | undefined {
  const place = options.find(({ name }) => name === 'auth_type')?.place;
  return place?.line === undefined ? undefined : { ...place, line: place.line, text: `auth_type = ${authType}` };
}

/** The line that is to go. */
function lineOf({ place }: ProbedOption): Change | undefined {
  return place?.line === undefined ? undefined : { ...place, line: place.line, text: '' };
}

function passcodeInFile(option: ProbedOption, files: readonly string[]): readonly CheckFinding[] {
  const { name, origin, place } = option;
  if (name !== 'passcode' || place === undefined) return [];
  const change = lineOf(option);
  return [
    makeFinding({
      check: 'passcode-in-file',
      severity: 'warning',
      message: `A one-time passcode is written into a file (${origin})`,
      reason: 'It is good for half a minute, and each login with an old one counts as a failed one of that user',
      change,
      command:
        change === undefined
          ? `grep -n passcode ${[...new Set([place.file, ...files])].map(shellWord).join(' ')}`
          : undefined,
    }),
  ];
}

/** `admin_token` and its like never end: whoever runs that service has set them. */
const ENDLESS = new Set(['admin_token']);

function tokenInFile(option: ProbedOption, { authType }: CompleteCredentials): readonly CheckFinding[] {
  const { name, origin, place } = option;
  if ((name !== 'token' && name !== 'access_token') || place === undefined || ENDLESS.has(authType)) return [];
  const by = name === 'token' ? 'Keystone' : 'the identity provider';
  return [
    makeFinding({
      check: 'token-in-file',
      severity: 'warning',
      message: `A token of ${by} is written into a file (${origin})`,
      reason:
        'It ends within hours on most clouds, and no run can log in from then on: v3applicationcredential and v3oidcclientcredentials get one for each run',
      change: lineOf(option),
      // Without the line nobody could log in at all.
      command: name === 'token' ? CREATE_CREDENTIAL : 'man 7 glance-cache-auth',
    }),
  ];
}

/** Where secrets of a login go, and where it is read to whom they go. */
const SECRET_URLS = new Set([
  'auth_url',
  'discovery_endpoint',
  'access_token_endpoint',
  'device_authorization_endpoint',
  'oauth2_endpoint',
]);

/** Without Keystone, Glance itself is sent what is no token of a few hours. */
const WITH_FIXED_SECRET = new Set(['http_basic', 'admin_token']);

function inTheOpen(option: ProbedOption, { authType }: CompleteCredentials): readonly CheckFinding[] {
  const { name, origin, place, url } = option;
  const isEndpoint = (name === 'endpoint' || name === 'endpoint_override') && WITH_FIXED_SECRET.has(authType);
  if (url === undefined || !(SECRET_URLS.has(name) || isEndpoint) || !URL.canParse(url)) return [];
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' || isLoopback(hostname)) return [];
  const secure = url.replace(/^http:/, 'https:');
  return [
    makeFinding({
      check: 'login-in-the-open',
      severity: 'warning',
      message: `The login is not encrypted: ${JSON.stringify(url)} (${origin})`,
      reason:
        'Whoever can listen on the way learns passwords, secrets and tokens, and whoever can answer first gets them sent',
      change: place?.line === undefined ? undefined : { ...place, line: place.line, text: `${name} = ${secure}` },
      // Whether anything listens there.
      command: `curl -i ${shellWord(secure)}`,
    }),
  ];
}

/** As URLs have them: addresses in their short form. */
function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
