import { describe, expect, test } from 'vitest';
import { openSession, type SessionOptions } from '../../../src/keystone/open-session.ts';
import type { Access } from '../../../src/keystone/session.ts';
import { FakeClock } from '../../support/clocks.ts';
import type { Cloud } from '../../support/cloud/cloud.js';
import { ADMIN, adminOf, type CredentialChanges, DEMO } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();

function openFor(cloud: Cloud, changes?: CredentialChanges, options: Partial<SessionOptions> = {}) {
  const clock = new FakeClock();
  const credentials = adminOf(cloud, changes);
  const patience = { clock, random: () => 0, retries: 2 };
  return { clock, session: openSession({ credentials, transport: transport(), ...patience, ...options }) };
}

const loginsOf = (cloud: Cloud) => cloud.requests.filter(({ method }) => method === 'POST').length;
const tokenOf = ({ headers }: Access) => headers['x-auth-token'];

describe('Session.access()', () => {
  test('logs in once for all who ask, at once and later', async () => {
    const cloud = await startCloud();
    const { session } = openFor(cloud);
    const accesses = await Promise.all([1, 2, 3].map(() => session.access(NO_SIGNAL)));
    accesses.push(await session.access(NO_SIGNAL));
    expect(new Set(accesses).size).toBe(1);
    expect(cloud.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /', 'POST /v3/auth/tokens']);
  });

  test('finds Glance in the catalog by interface and region', async () => {
    const cloud = await startCloud();
    const endpoint = { region: 'RegionTwo', interfaces: ['internal'] };
    const access = await openFor(cloud, { endpoint }).session.access(NO_SIGNAL);
    expect(access.imageEndpoint).toBe(`${cloud.glanceUrl}/region-two/v2`);
  });

  test('fills the project of the token into an override', async () => {
    const endpoint = { override: 'http://g:9292/%(project_id)s' };
    const access = await openFor(await startCloud(), { endpoint }).session.access(NO_SIGNAL);
    expect(access.imageEndpoint).toBe('http://g:9292/project-service/v2');
  });

  test('knows an admin from others', async () => {
    const cloud = await startCloud();
    expect(await openFor(cloud).session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
    expect(await openFor(cloud, { auth: DEMO }).session.access(NO_SIGNAL)).toMatchObject({ isAdmin: false });
  });

  test('tells every token, and says nothing of it itself', async () => {
    const cloud = await startCloud();
    const tokens: string[] = [];
    const lines: string[] = [];
    const hear = { onToken: (token: string) => tokens.push(token), log: (line: string) => lines.push(line) };
    const { session } = openFor(cloud, {}, hear);
    const first = await session.access(NO_SIGNAL);
    const second = await session.renewed(first, NO_SIGNAL);
    expect(tokens).toEqual([tokenOf(first), tokenOf(second)]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('as user "glance" in domain "Default"');
    for (const secret of [...tokens, ADMIN.password]) expect(lines.join()).not.toContain(secret);
  });

  test('tells a fixed token as well', async () => {
    const cloud = await startCloud();
    const tokens: string[] = [];
    const auth = { token: 'fixed', endpoint: cloud.glanceUrl };
    openFor(cloud, { authType: 'admin_token', auth }, { onToken: (token) => tokens.push(token) });
    expect(tokens).toEqual(['fixed']);
  });
});

describe('Session.access() as time goes by', () => {
  test.each([
    [3600, 3600 - 121, 1],
    [3600, 3600 - 119, 2],
    [60, 44, 1],
    [60, 46, 2],
    [8, 5.9, 1],
    [8, 6.1, 2],
  ])('with tokens that live %d s has logged in, after %d s, %i times', async (tokenLifeSec, afterSec, logins) => {
    const cloud = await startCloud({ tokenLifeSec });
    const { session, clock } = openFor(cloud);
    await session.access(NO_SIGNAL);
    clock.seconds += afterSec;
    await session.access(NO_SIGNAL);
    expect(loginsOf(cloud)).toBe(logins);
  });

  test.each([-86_400, 86_400])("does not mind that Keystone's clock is %d s ahead", async (clockSkewSec) => {
    const cloud = await startCloud({ tokenLifeSec: 600, clockSkewSec });
    const { session, clock } = openFor(cloud);
    await session.access(NO_SIGNAL);
    clock.seconds += 470;
    await session.access(NO_SIGNAL);
    expect(loginsOf(cloud)).toBe(1);
    clock.seconds += 20;
    await session.access(NO_SIGNAL);
    expect(loginsOf(cloud)).toBe(2);
  });

  test('asks for the version of Keystone once', async () => {
    const cloud = await startCloud();
    const { session } = openFor(cloud);
    await session.renewed(await session.access(NO_SIGNAL), NO_SIGNAL);
    expect(cloud.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST']);
  });
});

describe('Session.renewed()', () => {
  test('logs in once for all whose token was refused at once', async () => {
    const cloud = await startCloud();
    const { session } = openFor(cloud);
    const refused = await session.access(NO_SIGNAL);
    const renewed = await Promise.all([1, 2, 3].map(() => session.renewed(refused, NO_SIGNAL)));
    expect(new Set(renewed).size).toBe(1);
    expect(tokenOf(renewed[0] ?? refused)).not.toBe(tokenOf(refused));
    expect(loginsOf(cloud)).toBe(2);
  });

  test('gives the present token to whoever comes late with the former one', async () => {
    const cloud = await startCloud();
    const { session } = openFor(cloud);
    const refused = await session.access(NO_SIGNAL);
    const renewed = await session.renewed(refused, NO_SIGNAL);
    expect(await session.renewed(refused, NO_SIGNAL)).toBe(renewed);
    expect(await session.access(NO_SIGNAL)).toBe(renewed);
    expect(loginsOf(cloud)).toBe(2);
  });

  test('cannot renew a fixed token', async () => {
    const cloud = await startCloud();
    const auth = { token: 'fixed-token', endpoint: cloud.glanceUrl };
    const { session } = openFor(cloud, { authType: 'admin_token', auth });
    const refused = await session.access(NO_SIGNAL);
    const error = await rejectionOf(session.renewed(refused, NO_SIGNAL));
    expect(error).toMatchObject({
      code: 'AUTH_REFUSED',
      exitCode: 7,
      message: `Cannot ask Glance at "${cloud.glanceUrl}/v2": it refuses the token`,
    });
    expect(JSON.stringify(error)).not.toContain('fixed-token');
  });
});

describe('a login that is given up', () => {
  test('ends with the reason, and the next one begins anew', async () => {
    const cloud = await startCloud();
    const { session } = openFor(cloud);
    const reason = new Error('stopped');
    expect(await rejectionOf(session.access(AbortSignal.abort(reason)))).toBe(reason);
    expect(await session.access(NO_SIGNAL)).toMatchObject({ isAdmin: true });
  });

  test('by whoever began it does not concern those who wait for it', async () => {
    const cloud = await startCloud();
    const { session } = openFor(cloud);
    const first = new AbortController();
    const reason = new Error('stopped');
    let isHeld = false;
    cloud.intercept(() => {
      if (isHeld) return false;
      isHeld = true;
      first.abort(reason);
      return true;
    });
    const began = rejectionOf(session.access(first.signal));
    const waited = session.access(NO_SIGNAL);
    expect(await began).toBe(reason);
    expect(await waited).toMatchObject({ isAdmin: true });
  });

  test('is not begun with a fixed token either', async () => {
    const { session } = openFor(await startCloud(), { authType: 'none', auth: { endpoint: 'http://g' } });
    const reason = new Error('stopped');
    expect(await rejectionOf(session.access(AbortSignal.abort(reason)))).toBe(reason);
  });
});
