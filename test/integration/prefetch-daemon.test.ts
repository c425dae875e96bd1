// A prefetcher that goes on, and fetches what is queued meanwhile.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { answerNext, before, isDownload, isLogin } from '../support/cloud/scripted.ts';
import { useDaemons } from '../support/daemon.ts';
import { neverAnswer, send } from '../support/http-answers.ts';
import { FETCHED, MIB, QUEUED, usePrefetch } from '../support/prefetch-fixture.ts';

const prefetch = usePrefetch();
const daemonOf = useDaemons();

const [ONE, TWO] = [idOf('1'), idOf('2')];
const DAEMON = ['--daemon', '--wakeup-time', '1d'];

describe('glance-cache-prefetcher --daemon', () => {
  test('fetches what is queued while it waits, and what is queued while it fetches', async () => {
    const it = await prefetch({
      images: [
        { id: ONE, sizeBytes: MIB },
        { id: TWO, sizeBytes: MIB },
      ],
    });
    const daemon = daemonOf(it.start(DAEMON));
    expect(await daemon.line()).toBe('INFO Round 1: nothing fetched, in N s; next later');
    expect(it.logins).toBe(0);
    before(it.cloud, isDownload, () => it.queue(TWO));
    it.queue(ONE);
    expect(await daemon.line()).toBe(`INFO Round 2 (newly queued): 1 image fetched, ${MIB} B, in N s; next later`);
    // At once, but not too often.
    daemon.hangUp();
    expect(await daemon.line()).toMatch(/^INFO Round 3 \(SIGHUP\): 1 image fetched/);
    expect([it.stateOf(ONE), it.stateOf(TWO)]).toEqual([FETCHED, FETCHED]);
    expect((await daemon.stop()).code).toBe(0);
  });

  test('goes on after Keystone has refused it, and logs in anew in each round', async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: MIB }] });
    it.queue(ONE);
    answerNext(it.cloud, isLogin, send(401, '{"error": {"message": "wrong password"}}'));
    const daemon = daemonOf(it.start(DAEMON));
    expect(await daemon.line()).toMatch(/^ERROR Round 1: failed in N s: Cannot .*; hint: .*; next later$/);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    daemon.hangUp();
    // What was queued a moment before the first round may be taken for new.
    expect(await daemon.line()).toMatch(/^INFO Round 2 \((?:SIGHUP|newly queued)\): 1 image fetched/);
    expect((await daemon.stop()).code).toBe(0);
  });

  test('ends with 0 within a second when it is stopped in mid-round', async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: MIB }] });
    it.queue(ONE);
    const asked = new Promise<void>((resolve) => before(it.cloud, isDownload, () => resolve()));
    answerNext(it.cloud, isDownload, neverAnswer());
    const daemon = daemonOf(it.start([...DAEMON, '--stall-timeout', '1h']));
    await asked;
    expect((await daemon.stop()).code).toBe(0);
    expect(await daemon.line()).toBe('INFO Round 1: stopped: nothing fetched, in N s');
    expect(await daemon.line()).toBe('INFO Stopped by SIGTERM');
  });
});
