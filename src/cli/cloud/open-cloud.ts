/**
 * From credentials to a session, and to a Glance that can be asked. Everything that talks over the network is loaded here,
 * by a run that needs it.
 */
import type { Glance } from '../../glance/glance.ts';
import type { Transport } from '../../http/transport.ts';
import type { AskOptions } from '../../keystone/ask.ts';
import type { Logger } from '../../log/logger.ts';
import { OPTIONS } from '../../settings/options.ts';
import type { Settings } from '../../settings/resolve.ts';
import { systemClock } from '../../time/system-clock.ts';
import type { Call } from '../program.ts';
import { VERSION_NUMBER } from '../version.ts';
import type { Login } from './find-credentials.ts';
import { interactionOn } from './interaction.ts';

/** How long a connection may take to be made, seconds. */
const CONNECT_SEC = 15;

/** What a login takes beside credentials. */
export interface CloudRun {
  readonly settings: Settings;
  readonly log: Logger;
  /** Puts something between the work and its transport, to see what goes through. */
  readonly observed?: (transport: Transport) => Transport;
  /** How often to try again; what the settings say when absent. */
  readonly retries?: number;
  /** Nobody is to be asked for anything, although somebody may sit at a terminal. */
  readonly asksNobody?: boolean;
}

/** A login and a transport, with the patience that the settings ask for, as long as the work lasts. */
export async function withLogin<T>(
  { invocation, program, round }: Call,
  { log, settings, observed, retries = settings.get(OPTIONS.retries), asksNobody = false }: CloudRun,
  { credentials, tokens, runTokens }: Login,
  work: (login: AskOptions) => Promise<T>,
): Promise<T> {
  const [{ createTransport }, { proxiesOf }, { openSession }] = await Promise.all([
    import('../../http/undici-transport.ts'),
    import('../../http/proxies.ts'),
    import('../../keystone/open-session.ts'),
  ]);
  const stallSec = settings.get(OPTIONS.stallTimeout);
  const plain = createTransport({
    tls: credentials.tls,
    proxies: proxiesOf(invocation.env),
    timeouts: { connectSec: CONNECT_SEC, headersSec: credentials.timeoutSec ?? stallSec, stallSec },
    userAgent: `${program.name}/${VERSION_NUMBER}`,
  });
  const transport = observed?.(plain) ?? plain;
  const patience = { clock: systemClock, random: Math.random, retries };
  const onToken = (token: string): void => void invocation.secrets.push(token);
  try {
    // Nobody sits beside a daemon to be asked, round by round.
    const interaction = round === undefined && !asksNobody ? interactionOn(invocation) : undefined;
    const options = {
      credentials,
      tokens: tokens?.keeperFor(log) ?? runTokens,
      interaction,
      transport,
      onToken,
      ...patience,
    };
    const session = openSession({ ...options, log: (text) => log.debug(text) });
    return await work({ session, transport, ...patience });
  } finally {
    await transport.close();
  }
}

/** A Glance to ask, as long as the work lasts. */
export async function withGlance<T>(
  call: Call,
  run: CloudRun,
  login: Login,
  work: (glance: Glance) => Promise<T>,
): Promise<T> {
  const { createGlance } = await import('../../glance/glance-client.ts');
  return withLogin(call, run, login, (asking) => work(createGlance(asking)));
}
