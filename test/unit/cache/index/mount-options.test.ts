import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mountOf, parseMountInfo } from '../../../../src/cache/index/xattr/mount-options.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { thrownBy } from '../../../support/thrown.ts';

const folder = useTempDir();

describe('parseMountInfo()', () => {
  test('reads mounts with any number of optional fields, in their order', () => {
    const text = [
      '22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p1 rw,errors=remount-ro',
      '36 22 98:0 /mnt1 /mnt/parent rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,data=ordered',
      '40 36 0:40 / /mnt/parent/child rw - tmpfs tmpfs rw,size=1024k',
      '41 36 0:41 / /mnt/parent rw,nosuid,noatime - fuse.some - rw,user_id=0',
      '',
    ].join('\n');
    expect(parseMountInfo(text)).toEqual([
      { id: 22, point: '/', options: ['rw', 'relatime', 'rw', 'errors=remount-ro'], type: 'ext4' },
      { id: 36, point: '/mnt/parent', options: ['rw', 'noatime', 'rw', 'data=ordered'], type: 'ext3' },
      { id: 40, point: '/mnt/parent/child', options: ['rw', 'rw', 'size=1024k'], type: 'tmpfs' },
      // Over the second one, which it hides with the third.
      { id: 41, point: '/mnt/parent', options: ['rw', 'nosuid', 'noatime', 'rw', 'user_id=0'], type: 'fuse.some' },
    ]);
  });

  test('reads blanks, tabs, line feeds and backslashes in a mount point', () => {
    const line = '36 22 98:0 / /mnt/a\\040b\\011c\\012d\\134040e\\999 rw,noatime - ext4 /dev/sd\\040a rw';
    expect(parseMountInfo(line)).toMatchObject([{ point: '/mnt/a b\tc\nd\\040e\\999' }]);
  });

  test('takes a dash in an option or a name for what it is', () => {
    const text = '36 22 98:0 / /mnt/a-b rw,relatime - ext4 /dev/x-y rw,x-opt=-';
    expect(parseMountInfo(text)).toMatchObject([{ point: '/mnt/a-b', options: ['rw', 'relatime', 'rw', 'x-opt=-'] }]);
  });

  test('leaves out lines of another form, whatever they hold', () => {
    expect(parseMountInfo('\nx\n36\n36 22 98:0 / relative rw - ext4 x rw\nid 22 98:0 / /mnt rw - ext4 x rw')).toEqual(
      [],
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { id, point } of parseMountInfo(text)) {
          expect(Number.isInteger(id)).toBe(true);
          expect(point).toMatch(/^\//);
        }
      }),
    );
  });
});

describe('mountOf()', () => {
  test('finds the mount through which a folder is reached', () => {
    const inner = join(folder(), 'inner');
    mkdirSync(inner);
    const mount = mountOf(inner);
    expect(mount?.options).toContain('rw');
    expect(inner.startsWith(mount?.point ?? 'nowhere')).toBe(true);
    expect(mountOf('/proc')).toMatchObject({ point: '/proc' });
  });

  test('throws when the folder is missing', () => {
    expect(thrownBy(() => mountOf(join(folder(), 'missing')))).toMatchObject({ code: 'ENOENT' });
  });
});
