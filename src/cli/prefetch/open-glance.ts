/**
 * From credentials to a Glance that can be asked, and to the machinery that fetches from it. Everything that talks over
 * the network is loaded here, by a run that needs it.
 */
import type { Credentials } from '../../credentials/credentials.ts';
import type { FetchPorts } from '../../execute/prefetch/fetch-ports.ts';
import type { Glance } from '../../glance/glance.ts';
import { OPTIONS } from '../../settings/options.ts';
import type { OpenRun } from '../open-run.ts';
import type { Call } from '../program.ts';
import { VERSION_NUMBER } from '../version.ts';

/** How long a connection may take to be made, seconds. */
const CONNECT_SEC = 15;

/** A Glance to ask, as long as the work lasts. */
export async function withGlance<T>(
  call: Call,
  { access, log, settings }: OpenRun,
  credentials: Credentials,
  work: (glance: Glance) => Promise<T>,
): Promise<T> {
  const { invocation, program } = call;
  const [{ createTransport }, { proxiesOf }, { openSession }, { createGlance }] = await Promise.all([
    import('../../http/undici-transport.ts'),
    import('../../http/proxies.ts'),
    import('../../keystone/open-session.ts'),
    import('../../glance/glance-client.ts'),
  ]);
  const stallSec = settings.get(OPTIONS.stallTimeout);
  const transport = createTransport({
    tls: credentials.tls,
    proxies: proxiesOf(invocation.env),
    timeouts: { connectSec: CONNECT_SEC, headersSec: credentials.timeoutSec ?? stallSec, stallSec },
    userAgent: `${program.name}/${VERSION_NUMBER}`,
  });
  const patience = { clock: access.clock, random: Math.random, retries: settings.get(OPTIONS.retries) };
  const onToken = (token: string): void => void invocation.secrets.push(token);
  try {
    const session = openSession({ credentials, transport, onToken, log: (text) => log.debug(text), ...patience });
    return await work(createGlance({ session, transport, ...patience }));
  } finally {
    await transport.close();
  }
}

/** What fetches bytes, as long as the work lasts. */
export async function withFetchPorts<T>(
  { access, settings }: OpenRun,
  glance: Glance,
  work: (ports: FetchPorts) => Promise<T>,
): Promise<T> {
  const [{ Hashers }, { createRateLimiter }, { RingPool }] = await Promise.all([
    import('../../execute/transfer/hashers.ts'),
    import('../../execute/transfer/rate-limiter.ts'),
    import('../../execute/transfer/ring-pool.ts'),
  ]);
  const bytesPerSec = settings.get(OPTIONS.limitRate);
  const hashers = new Hashers();
  try {
    return await work({
      parts: access.parts,
      glance,
      clock: access.clock,
      random: Math.random,
      retries: settings.get(OPTIONS.retries),
      limiter: createRateLimiter(bytesPerSec === 0 ? undefined : bytesPerSec, access.clock),
      rings: new RingPool(),
      createHasher: (image) => hashers.create(image),
      signal: access.signal,
    });
  } finally {
    await hashers.close();
  }
}
