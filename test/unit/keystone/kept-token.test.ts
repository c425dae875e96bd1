import { describe, expect, test } from 'vitest';
import type { KeptToken, TokenKeeper } from '../../../src/keystone/kept-token.ts';
import { openSession } from '../../../src/keystone/open-session.ts';
import type { Access } from '../../../src/keystone/session.ts';
import type { IssuedToken } from '../../../src/keystone/token.ts';
import { FakeClock } from '../../support/clocks.ts';
import type { Cloud, CloudOptions } from '../../support/cloud/cloud.js';
import { ADMIN, adminOf, type CredentialChanges } from '../../support/cloud/credentials.ts';
import { answerAll, isLogin } from '../../support/cloud/scripted.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { send } from '../../support/http-answers.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();

/** Keeps tokens in memory. */
class MemoryKeeper implements TokenKeeper {
  readonly #clock: FakeClock;
  readonly forgotten: string[] = [];
  #kept: { readonly issued: IssuedToken; readonly issuedSec: number } | undefined;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  kept(): KeptToken | undefined {
    if (this.#kept === undefined) return undefined;
    const { issued, issuedSec } = this.#kept;
    return { issued, ageSec: this.#clock.nowSec() - issuedSec };
  }

  keep(issued: IssuedToken, ageSec: number): void {
    this.#kept = { issued, issuedSec: this.#clock.nowSec() - ageSec };
  }

  forget(token: string): void {
    this.forgotten.push(token);
    if (this.#kept?.issued.token === token) this.#kept = undefined;
  }
}

class Runs {
  readonly cloud: Cloud;
  readonly clock = new FakeClock();
  readonly tokens = new MemoryKeeper(this.clock);
  readonly lines: string[] = [];
  readonly heard: string[] = [];

  constructor(cloud: Cloud) {
    this.cloud = cloud;
  }

  /** The session of another run. */
  open(changes?: CredentialChanges) {
    const patience = { clock: this.clock, random: () => 0, retries: 0 };
    return openSession({
      credentials: adminOf(this.cloud, changes),
      transport: transport(),
      tokens: this.tokens,
      onToken: (token) => this.heard.push(token),
      log: (line) => this.lines.push(line),
      ...patience,
    });
  }

  get logins(): number {
    return this.cloud.requests.filter(isLogin).length;
  }
}

async function runs(options?: CloudOptions): Promise<Runs> {
  return new Runs(await startCloud(options));
}

const tokenOf = ({ headers }: Access) => headers['x-auth-token'];

describe('a session with a kept token', () => {
  test('asks nothing of Keystone, and tells the token before it is used', async () => {
    const it = await runs();
    const first = await it.open().access(NO_SIGNAL);
    const before = it.cloud.requests.length;
    const second = await it.open().access(NO_SIGNAL);
    expect(second).toEqual(first);
    expect(it.cloud.requests).toHaveLength(before);
    expect(it.heard).toEqual([tokenOf(first), tokenOf(first)]);
    expect(it.lines[1]).toMatch(/^Using the kept token of user "glance" in domain "Default"; Glance is at http/);
    for (const secret of [...it.heard, ADMIN.password]) expect(it.lines.join()).not.toContain(secret);
  });

  test('finds another endpoint in the same catalog', async () => {
    const it = await runs();
    await it.open().access(NO_SIGNAL);
    const { imageEndpoint } = await it.open({ endpoint: { region: 'RegionTwo' } }).access(NO_SIGNAL);
    expect(imageEndpoint).toBe(`${it.cloud.glanceUrl}/region-two/v2`);
    expect(it.logins).toBe(1);
  });

  test.each([
    [3600, 3600 - 121, 1],
    [3600, 3600 - 119, 2],
    [60, 44, 1],
    [60, 46, 2],
  ])('that lives %d s has logged in, after %d s, %i times', async (tokenLifeSec, afterSec, logins) => {
    const it = await runs({ tokenLifeSec });
    await it.open().access(NO_SIGNAL);
    it.clock.seconds += afterSec;
    await it.open().access(NO_SIGNAL);
    expect(it.logins).toBe(logins);
  });

  test('counts from when the token was asked for', async () => {
    const it = await runs({ tokenLifeSec: 1000 });
    it.clock.lookSec = 10;
    await it.open().access(NO_SIGNAL);
    expect(it.tokens.kept()?.ageSec).toBeGreaterThanOrEqual(10);
  });

  test('renews it as it would any other when it ends during the run', async () => {
    const it = await runs();
    await it.open().access(NO_SIGNAL);
    it.clock.seconds += 1800;
    const session = it.open();
    const kept = await session.access(NO_SIGNAL);
    it.clock.seconds += 1700;
    expect(tokenOf(await session.access(NO_SIGNAL))).not.toBe(tokenOf(kept));
    expect(it.logins).toBe(2);
  });

  test('logs in once for all when it is refused, and keeps the new one', async () => {
    const it = await runs();
    const old = tokenOf(await it.open().access(NO_SIGNAL));
    const session = it.open();
    const refused = await session.access(NO_SIGNAL);
    const renewed = await Promise.all([1, 2, 3].map(() => session.renewed(refused, NO_SIGNAL)));
    expect(new Set(renewed.map(tokenOf)).size).toBe(1);
    expect(it.logins).toBe(2);
    expect(it.tokens.forgotten).toEqual([old]);
    expect(tokenOf(await it.open().access(NO_SIGNAL))).toBe(tokenOf(renewed[0] as Access));
    expect(it.logins).toBe(2);
  });

  test('tells of a refused login as any other does, and has forgotten the token', async () => {
    const it = await runs();
    await it.open().access(NO_SIGNAL);
    const session = it.open({ auth: { ...ADMIN, password: 'wrong' } });
    const refused = await session.access(NO_SIGNAL);
    expect(await rejectionOf(session.renewed(refused, NO_SIGNAL))).toMatchObject({ code: 'AUTH_REFUSED' });
    expect(it.tokens.kept()).toBeUndefined();
  });

  test('uses what another session of the run has kept since', async () => {
    const it = await runs();
    await it.open().access(NO_SIGNAL);
    const [one, two] = [it.open(), it.open()];
    const refused = [await one.access(NO_SIGNAL), await two.access(NO_SIGNAL)] as const;
    const renewed = await one.renewed(refused[0], NO_SIGNAL);
    expect(tokenOf(await two.renewed(refused[1], NO_SIGNAL))).toBe(tokenOf(renewed));
    expect(it.logins).toBe(2);
  });

  test('logs in anew where its catalog has not what is asked for', async () => {
    const it = await runs();
    await it.open().access(NO_SIGNAL);
    const session = it.open({ endpoint: { region: 'Nowhere' } });
    expect(await rejectionOf(session.access(NO_SIGNAL))).toMatchObject({ code: 'CONFIG_ENDPOINT' });
    expect(it.logins).toBe(2);
    expect(it.lines).toContainEqual(
      expect.stringMatching(/^The kept token of user "glance" in domain "Default" is of no use: Cannot find Glance: /),
    );
  });

  test('keeps nothing when the login fails', async () => {
    const it = await runs();
    answerAll(it.cloud, isLogin, send(503, 'no'));
    await rejectionOf(it.open().access(NO_SIGNAL));
    expect(it.tokens.kept()).toBeUndefined();
  });
});
