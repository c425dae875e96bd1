import { describe, expect, test } from 'vitest';
import { openSession } from '../../../src/keystone/open-session.ts';
import { runTokens } from '../../../src/keystone/run-tokens.ts';
import type { IssuedToken } from '../../../src/keystone/token.ts';
import { FakeClock } from '../../support/clocks.ts';
import { adminOf } from '../../support/cloud/credentials.ts';
import { isLogin } from '../../support/cloud/scripted.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();

const TOKEN: IssuedToken = { token: 't', lifetimeSec: 100, projectId: 'p', isAdmin: true, catalog: [] };

describe('runTokens()', () => {
  test('keeps the last token as long as it lives, with its age', () => {
    const clock = new FakeClock();
    const tokens = runTokens(clock);
    expect(tokens.kept()).toBeUndefined();
    tokens.keep({ ...TOKEN, token: 'former' }, 0);
    clock.seconds += 60;
    tokens.keep(TOKEN, 5);
    clock.seconds += 40;
    expect(tokens.kept()).toEqual({ issued: TOKEN, ageSec: 45 });
    clock.seconds += 55;
    expect(tokens.kept()).toBeUndefined();
  });

  test('keeps one whose end nobody knows, until it is refused', () => {
    const clock = new FakeClock();
    const tokens = runTokens(clock);
    const endless = { ...TOKEN, lifetimeSec: undefined };
    tokens.keep(endless, 0);
    clock.seconds += 1_000_000;
    expect(tokens.kept()).toEqual({ issued: endless, ageSec: 1_000_000 });
    tokens.forget('another');
    expect(tokens.kept()).toBeDefined();
    tokens.forget('t');
    expect(tokens.kept()).toBeUndefined();
  });

  test('lets two sessions have one login, each with its endpoint, and a third one anew after a refusal', async () => {
    const cloud = await startCloud();
    const clock = new FakeClock();
    const tokens = runTokens(clock);
    const open = (override?: string) => {
      const credentials = adminOf(cloud, { endpoint: { override } });
      return openSession({ credentials, tokens, clock, transport: transport(), random: () => 0, retries: 0 });
    };
    const first = await open('http://node:9292').access(NO_SIGNAL);
    const session = open();
    const second = await session.access(NO_SIGNAL);
    expect(second.headers).toEqual(first.headers);
    expect([first.imageEndpoint, second.imageEndpoint]).toEqual(['http://node:9292/v2', `${cloud.glanceUrl}/v2`]);
    expect(cloud.requests.filter(isLogin)).toHaveLength(1);
    const third = await session.renewed(second, NO_SIGNAL);
    expect(third.headers).not.toEqual(second.headers);
    expect((await open().access(NO_SIGNAL)).headers).toEqual(third.headers);
    expect(cloud.requests.filter(isLogin)).toHaveLength(2);
  });
});
