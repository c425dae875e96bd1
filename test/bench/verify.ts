/**
 * How long it takes to read a cache and to compare its hashes with those in Glance, on all cores. What is read lies in
 * memory: it is the hashing that is measured, not a disk.
 */
import { availableParallelism } from 'node:os';
import type { Case } from './case.ts';
import { compare } from './compare.ts';
import { makeFolder, removeFolder } from './folders.ts';
import { settle } from './large-cache.ts';
import { outputOf } from './measure.ts';
import { peakFigure } from './peak-figure.ts';
import { program } from './programs.ts';
import { say } from './progress.ts';
import { whyLeftOut } from './tools.ts';
import { makeVerifyBed, roomFor } from './verify-bed.ts';

const TARGET = 1.15;
const MIB = 1024 ** 2;

/** The case. */
export const verify: Case = {
  name: 'verify',
  async measure({ runs, verifyBytes }) {
    const leftOut = whyLeftOut('openssl', 'xargs');
    if (leftOut !== undefined) return [{ name: 'verify --read-data', leftOut }];
    const base = makeFolder();
    try {
      const totalBytes = roomFor(base, verifyBytes);
      say(`verify --read-data: making ${(totalBytes / MIB).toFixed()} MiB of images`);
      const bed = await makeVerifyBed(base, totalBytes);
      try {
        settle(base);
        const name = `verify --read-data of ${(totalBytes / MIB).toFixed()} MiB in ${bed.images} images`;
        const own = program('glance-cache-manage', bed.conf, 'verify', '--read-data');
        const report = outputOf({ ...own, argv: [...own.argv, '--verbose'] });
        if (!report.includes(`${bed.images} images`)) throw new Error(`Not all images were read: ${report}`);
        const cores = availableParallelism();
        // As many as there are cores at a time, one image each.
        const argv = ['xargs', '-n', '1', '-P', String(cores), 'openssl', 'dgst', '-sha512'];
        const figure = compare({
          name,
          ours: { lines: [own] },
          baseline: `openssl dgst, ${cores} at once`,
          theirs: { lines: [{ argv, cwd: bed.dir, input: bed.list }] },
          runs,
          target: TARGET,
        });
        return [figure, peakFigure(name, own)];
      } finally {
        await bed.close();
      }
    } finally {
      removeFolder(base);
    }
  },
};
