/**
 * From `--host` to nodes that can be asked: settings, which may be none, credentials, the log and one login for all. No
 * cache of this node is looked for, so root's rights are not given up for those of its owner.
 */
import { keepHeapLeanFromNowOn } from '../../../cache/lean-heap.ts';
import type { CacheApi } from '../../../cache-api/cache-api.ts';
import { createCacheApi } from '../../../cache-api/cache-api-client.ts';
import { type NodeAddress, parseNodeAddresses } from '../../../cache-api/node-address.ts';
import type { GivenOptions, GivenValue, OptionKey } from '../../../credentials/source.ts';
import type { ConfigError } from '../../../errors/cache-error.ts';
import { proxiesOf } from '../../../http/proxies.ts';
import type { AskOptions } from '../../../keystone/ask.ts';
import type { Logger } from '../../../log/logger.ts';
import { OPTIONS } from '../../../settings/options.ts';
import type { Settings } from '../../../settings/resolve.ts';
import { type FoundCredentials, findCredentials, type Login, loginIn } from '../../cloud/find-credentials.ts';
import { withLogin } from '../../cloud/open-cloud.ts';
import { openLog } from '../../open-log.ts';
import { settingsOf, tellAboutSettings } from '../../open-run.ts';
import type { Call } from '../../program.ts';
import { HOST, PORT } from '../manage-flags.ts';

/** A run on other nodes. */
export interface NodeRun {
  readonly settings: Settings;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** In the order given. */
  readonly nodes: readonly CacheApi[];
  /** For whoever asks Glance, too. */
  readonly login: Login;
}

/**
 * How often a node is asked again that does not answer, unless the settings say otherwise. Whoever looks at a fleet in
 * which one is down is not to wait for it as long as for the only Glance there is.
 */
const RETRIES = 1;

/** Opens the nodes of a call, does work on them, and closes them. What the work throws is in the log as well. */
export async function withNodes(call: Call, work: (run: NodeRun) => Promise<void>): Promise<void> {
  const { args } = call;
  keepHeapLeanFromNowOn();
  const addresses = parseNodeAddresses(args.values(HOST), args.value(PORT));
  const skipped: ConfigError[] = [];
  const onSkipped = (error: ConfigError): void => void skipped.push(error);
  const settings = settingsOf(call, onSkipped);
  const found = await findCredentials(call, settings, fallbacksFor(addresses));
  try {
    await workOnNodes(call, { settings, skipped, onSkipped, found, addresses }, work);
  } finally {
    found.close();
  }
}

/** What is known of a run before it has a log. */
interface NodeRequest {
  readonly settings: Settings;
  /** Default files that are passed over. */
  readonly skipped: readonly ConfigError[];
  readonly onSkipped: (error: ConfigError) => void;
  readonly found: FoundCredentials;
  readonly addresses: readonly NodeAddress[];
}

async function workOnNodes(
  call: Call,
  { settings, skipped, onSkipped, found, addresses }: NodeRequest,
  work: (run: NodeRun) => Promise<void>,
): Promise<void> {
  const { invocation } = call;
  invocation.rights.setUmask();
  const { log, recordEnd } = await openLog(call, settings, onSkipped);
  try {
    tellAboutSettings(settings, log);
    for (const error of skipped) tellAboutSkipped(error, log);
    const login = loginIn(found, log);
    await withLogin(call, { settings, log }, forNodes(login, addresses), async (asking) => {
      const { signal } = invocation;
      // Whom Keystone refuses it refuses for all nodes: that is told once, and no node is asked.
      await asking.session.access(signal);
      const nodes = createNodes(call, settings, { login: asking, addresses });
      await work({ settings, log, signal, nodes, login });
    });
  } catch (error) {
    recordEnd(error);
    throw error;
  } finally {
    await log.close();
  }
}

function createNodes(
  { invocation }: Call,
  settings: Settings,
  { login, addresses }: { readonly login: AskOptions; readonly addresses: readonly NodeAddress[] },
): readonly CacheApi[] {
  const isGiven = settings.origin(OPTIONS.retries).kind !== 'default';
  const proxies = proxiesOf(invocation.env);
  return addresses.map((node) =>
    createCacheApi({ ...login, retries: isGiven ? login.retries : RETRIES, node, proxies }),
  );
}

/**
 * What stands in where nobody says otherwise: a glance-api without a Keystone is at the node itself, and the stock tool
 * takes the domain `default` for users and projects.
 */
function fallbacksFor([first]: readonly NodeAddress[]): GivenOptions {
  const fallbacks: [OptionKey, GivenValue][] = [
    ['default_domain_id', { text: 'default', origin: 'the default domain' }],
  ];
  if (first !== undefined) fallbacks.push(['endpoint', { text: first.url, origin: '--host' }]);
  return new Map(fallbacks);
}

/** The nodes are named: what the catalog says of Glance is of no use, and nobody is to fail over it. */
function forNodes(login: Login, [first]: readonly NodeAddress[]): Login {
  const { credentials } = login;
  const override = first?.url ?? credentials.endpoint.override;
  return { ...login, credentials: { ...credentials, endpoint: { ...credentials.endpoint, override } } };
}

/** What this user may not read is not meant for them; what nobody can read is worth a word. */
function tellAboutSkipped(error: ConfigError, log: Logger): void {
  if (error.code === 'CONFIG_PARSE') log.warning(`${error.message}; the file is passed over`);
  else log.debug(`${error.message}; it is done without`);
}
