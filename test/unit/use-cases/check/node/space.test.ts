import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judgeMount, MOUNTS } from '../../../../../src/use-cases/check/node/mounts.ts';
import { judgeInodes, judgeLimits, type Room, SPACE } from '../../../../../src/use-cases/check/node/space.ts';
import { told, useCheckHost } from '../../../../support/check-host.ts';

const host = useCheckHost();
const GIB = 1024 ** 3;

const ROOM: Room = {
  path: '/c',
  totalBytes: 100 * GIB,
  availableBytes: 60 * GIB,
  ownBytes: 20 * GIB,
  largestBytes: 2 * GIB,
};

describe('judgeLimits()', () => {
  const judge = (lines: readonly string[], room: Partial<Room> = {}) => {
    host().conf = ['[DEFAULT]', ...lines];
    return judgeLimits({ ...ROOM, ...room }, host().context());
  };
  const max = (gib: number): string => `image_cache_max_size = ${gib * GIB}`;

  test.each([
    ['fits', [max(70)], []],
    ['fits to the last byte of the headroom', [max(75)], []],
    ['leaves too little room', [max(76)], ['warning no-headroom']],
    ['is more than other data leave', [max(81)], ['warning max-size-above-room']],
    ['is the whole file system', [max(100)], ['warning max-size-above-room']],
    ['is more than the file system has', [max(101)], ['error max-size-above-disk']],
    ['empties the cache, which is told elsewhere', [max(0)], []],
    ['is kept in check by min_free', [max(90), '[cache_tools]', 'min_free = 10%'], []],
    [
      'is too large whatever min_free says',
      [max(101), '[cache_tools]', 'min_free = 10%'],
      ['warning max-size-above-disk'],
    ],
    [
      'is beside a min_free that cannot be had',
      [max(1), '[cache_tools]', 'min_free = 81GiB'],
      ['warning min-free-unreachable'],
    ],
    [
      'is beside a min_free that never can be had',
      [max(1), '[cache_tools]', 'min_free = 101GiB'],
      ['error min-free-unreachable'],
    ],
    ['cannot be read, which is told elsewhere', ['image_cache_max_size = much'], []],
  ])('looks at a maximum that %s', (_what, lines, expected) => {
    expect(told(judge(lines))).toEqual(expected);
  });

  test('goes by the largest image, and tells the line to change', () => {
    const [finding] = judge([max(65)], { largestBytes: 20 * GIB });
    expect(finding).toMatchObject({
      check: 'no-headroom',
      message:
        'Once the cache is at its image_cache_max_size of 65.0 GiB, 15.0 GiB are left: 60.0 GiB of 100.0 GiB are free, the cache takes 20.0 GiB, and other data with what is reserved for root 20.0 GiB',
      change: { line: 2, text: `image_cache_max_size = ${60 * GIB}` },
    });
  });
});

describe('judgeInodes()', () => {
  test.each([
    [0, 0, []],
    [1_000_000, 500_000, []],
    [1_000_000, 9000, ['warning no-inodes']],
    [1000, 99, ['warning no-inodes']],
    [1000, 0, ['error no-inodes']],
  ])('looks at %d inodes of which %d are free', (files, ffree, expected) => {
    expect(told(judgeInodes('/c', { files, ffree }))).toEqual(expected);
  });
});

describe('SPACE', () => {
  test('looks at the file system of the cache, and at none where there is no cache', async () => {
    host().conf = ['[DEFAULT]', 'image_cache_max_size = 99999999999999999'];
    expect(told(await host().check(SPACE))).toEqual(['error max-size-above-disk']);
    rmSync(host().layout.root, { recursive: true });
    expect(await host().check(SPACE)).toEqual([]);
    expect(await host().check(SPACE, { layout: undefined })).toEqual([]);
  });
});

describe('judgeMount()', () => {
  const judge = (type: string, options: readonly string[] = ['rw'], holds: 'cache' | 'index' = 'cache') =>
    told(judgeMount({ id: 1, point: '/m', type, options }, { path: '/m/c', holds }));

  test.each([
    ['ext4', ['rw'], []],
    ['xfs', ['ro', 'relatime'], ['error read-only']],
    ['nfs4', ['rw'], ['warning cache-over-network']],
    ['fuse.sshfs', ['rw'], ['warning cache-over-network']],
    ['fuse.ntfs', ['rw'], []],
    ['tmpfs', ['rw'], ['note lost-at-restart']],
    ['overlay', ['rw'], ['note lost-at-restart']],
  ])('looks at a cache on %s with %j', (type, options, expected) => {
    expect(judge(type, options)).toEqual(expected);
  });

  test('minds locks where the index is on a network file system', () => {
    expect(judge('nfs', ['rw'], 'index')).toEqual(['warning index-over-network']);
    expect(judge('nfs', ['rw', 'nolock'], 'index')).toEqual(['error index-over-network']);
  });
});

describe('MOUNTS', () => {
  test('finds a cache beside the root of the node', async () => {
    expect(told(await host().check(MOUNTS))).toContain('warning on-root-file-system');
    rmSync(host().layout.root, { recursive: true });
    expect(await host().check(MOUNTS)).toEqual([]);
  });
});
