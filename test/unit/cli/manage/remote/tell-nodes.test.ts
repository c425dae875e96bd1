import { describe, expect, test } from 'vitest';
import {
  byNode,
  finishNodes,
  type NodeOutcome,
  warnOfDoubts,
} from '../../../../../src/cli/manage/remote/tell-nodes.ts';
import { InterruptedError, NotFoundError, RemoteError } from '../../../../../src/errors/cache-error.ts';
import type { Logger } from '../../../../../src/log/logger.ts';
import { FakeCacheApi } from '../../../../support/fake-cache-api.ts';

const DOWN = new RemoteError('REMOTE_UNREACHABLE', 'Cannot get "http://node1:9292/v2/cache"', { hint: 'Start it' });
const ABSENT = new NotFoundError('NOT_FOUND_CACHE_API', 'Cannot list "node10"');

function end(
  outcome: Partial<NodeOutcome>,
  signal = new AbortController().signal,
): { readonly lines: readonly string[]; readonly error: unknown } {
  const lines: string[] = [];
  const take = (message: string): void => void lines.push(message);
  const log: Logger = { error: take, warning: take, info: take, debug: take };
  const run = { log, signal } as Parameters<typeof finishNodes>[0];
  try {
    finishNodes(run, { done: 0, failures: [], noun: 'node', ...outcome });
  } catch (error) {
    return { lines, error };
  }
  return { lines, error: undefined };
}

describe('finishNodes()', () => {
  test('throws nothing when nothing failed', () => {
    expect(end({ done: 2 })).toEqual({ lines: [], error: undefined });
  });

  test('leaves a single failure to whoever ends the run', () => {
    expect(end({ failures: [{ host: 'node1', error: DOWN }] })).toEqual({ lines: [], error: DOWN });
  });

  test('tells each of several failures once, with its hint, and with its host where the words do not name it', () => {
    const failures = [
      { host: 'node1', error: DOWN },
      { host: 'node1', error: DOWN },
      { host: 'node10', error: ABSENT },
      // A name that only begins like the other one.
      { host: 'node1', error: ABSENT },
    ];
    const { lines, error } = end({ failures });
    expect(lines).toEqual([
      'Cannot get "http://node1:9292/v2/cache". Hint: Start it',
      'Cannot list "node10"',
      'node1: Cannot list "node10"',
    ]);
    expect(error).toBe(DOWN);
  });

  test('does not repeat what was told before', () => {
    const told = [{ host: 'node1', error: DOWN }];
    const failures = [...told, { host: 'node10', error: ABSENT }];
    expect(end({ failures, told }).lines).toEqual(['Cannot list "node10"']);
  });

  test('throws PartialError with all failures for programs when some nodes have done it', () => {
    const failures = [
      { host: 'node10', error: ABSENT },
      { host: 'node1', error: DOWN },
    ];
    expect(end({ done: 1, failures }).error).toMatchObject({
      code: 'PARTIAL',
      message: `Cannot do everything: 2 of 3 nodes failed: ${DOWN.message}`,
      hint: 'Start it',
      details: {
        failed: 2,
        reached: 3,
        failures: [
          { host: 'node10', code: 'NOT_FOUND_CACHE_API', message: ABSENT.message, hint: null, exit_code: 6 },
          { host: 'node1', code: 'REMOTE_UNREACHABLE', message: DOWN.message, hint: 'Start it', exit_code: 8 },
        ],
      },
    });
  });

  test('ends with the signal when the run was stopped', () => {
    const signal = AbortSignal.abort(new InterruptedError('SIGTERM', 'Stopped'));
    expect(end({ done: 1 }, signal).error).toMatchObject({ code: 'SIGTERM', exitCode: 143 });
  });
});

test('byNode() puts things into the order of the nodes, and keeps that of each node', () => {
  const nodes = ['b', 'a'].map((host) => new FakeCacheApi(host));
  const things = ['a1', 'b1', 'a2', 'b2'].map((name) => ({ host: name.charAt(0), name }));
  expect(byNode(nodes, things).map(({ name }) => name)).toEqual(['b1', 'b2', 'a1', 'a2']);
});

test('warnOfDoubts() warns of each doubt of each node', () => {
  const nodes = ['a', 'b'].map((host) => Object.assign(new FakeCacheApi(host), { doubtful: [`${host}?`, 'why'] }));
  const warnings: string[] = [];
  const nothing = (): void => undefined;
  const warning = (message: string): void => void warnings.push(message);
  warnOfDoubts(nodes, { log: { error: nothing, warning, info: nothing, debug: nothing } });
  expect(warnings).toEqual(['a?', 'why', 'b?', 'why']);
});
