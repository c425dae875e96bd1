import { expect, test } from 'vitest';
import { fileSystemOf } from '../../bench/machine.ts';

const MOUNTS = `22 1 8:1 / / rw - ext4 /dev/sda1 rw
23 22 0:5 / /tmp rw,nosuid shared:3 - tmpfs tmpfs rw
24 22 0:6 / /srv rw - xfs /dev/sdb rw
25 24 0:7 / /srv rw - btrfs /dev/sdc rw
`;

test.each([
  ['/tmp', 'tmpfs'],
  ['/tmp/a/b', 'tmpfs'],
  ['/tmpfile', 'ext4'],
  ['/srv/cache', 'btrfs'],
])('fileSystemOf() of %s is that of the mount right above it: %s', (folder, type) => {
  expect(fileSystemOf(folder, MOUNTS)).toBe(type);
});

test('fileSystemOf() is unknown when no mount is', () => {
  expect(fileSystemOf('/tmp', '')).toBe('unknown');
});
