import type { Glance } from '../../../src/glance/glance.ts';
import { createGlance } from '../../../src/glance/glance-client.ts';
import type { TransportOptions } from '../../../src/http/undici-transport.ts';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import { adminOf, type CredentialChanges } from '../../support/cloud/credentials.ts';
import { useTransports } from '../../support/transports.ts';

/** A Glance to ask, and the clock that it sleeps on. */
export interface AskedGlance {
  readonly glance: Glance;
  readonly clock: FakeClock;
}

type AskGlance = (
  cloud: { readonly keystoneUrl: string },
  changes?: CredentialChanges,
  transportOptions?: Partial<TransportOptions>,
) => AskedGlance;

/** Makes clients of a cloud, as its admin unless told. Two retries. */
export function useGlance(): AskGlance {
  const transports = useTransports();
  return (cloud, changes, transportOptions) => {
    const transport = transports(transportOptions);
    const clock = new FakeClock();
    const patience = { clock, random: () => 0.5, retries: 2 };
    const session = openSession({ credentials: adminOf(cloud, changes), transport, ...patience });
    return { glance: createGlance({ session, transport, ...patience }), clock };
  };
}
