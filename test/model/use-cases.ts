/**
 * The toolkit as use cases in this process: fast, and interrupted at will.
 */
import type { CacheAccess } from '../../src/cache/access.ts';
import { lookForOpenFiles } from '../../src/cache/open-files.ts';
import { finish, finishAfter } from '../../src/cli/finish.ts';
import { CacheError } from '../../src/errors/cache-error.ts';
import { exitCodeOf } from '../../src/present/error-text.ts';
import { recordsOf } from '../../src/present/records.ts';
import type { Report as RecordedReport } from '../../src/present/report.ts';
import { cleanRecord } from '../../src/present/reports/clean-report.ts';
import { itemColumns } from '../../src/present/reports/item-columns.ts';
import { pruneRecord } from '../../src/present/reports/prune-report.ts';
import { verifyColumns } from '../../src/present/reports/verify-columns.ts';
import { verifyRecord } from '../../src/present/reports/verify-report.ts';
import { exactSize } from '../../src/text/amounts.ts';
import { clean } from '../../src/use-cases/clean.ts';
import { deleteCached } from '../../src/use-cases/delete.ts';
import { explainInvalid, listCached, listLeftovers, listQueued } from '../../src/use-cases/list.ts';
import { listPinned, pinImages, unpinImages } from '../../src/use-cases/pins.ts';
import { prune } from '../../src/use-cases/prune.ts';
import { dequeueImages, queueImages } from '../../src/use-cases/queue.ts';
import type { RunResult } from '../../src/use-cases/report.ts';
import { verify } from '../../src/use-cases/verify/verify.ts';
import { accessTo } from '../support/seeded-cache.ts';
import { reportOf } from './answers.ts';
import { modelAccess, type StrikePoint } from './model-ports.ts';
import { type Answer, isoOf, type ListWish, type Report, type Request, type Toolkit } from './request.ts';
import type { World } from './world.ts';

const PROGRAMS = {
  prune: 'glance-cache-pruner',
  clean: 'glance-cache-cleaner',
  delete: 'glance-cache-manage',
  queue: 'glance-cache-manage',
  dequeue: 'glance-cache-manage',
  pin: 'glance-cache-manage',
  unpin: 'glance-cache-manage',
  verify: 'glance-cache-manage',
  list: 'glance-cache-manage',
} as const;

const STRIKES: Readonly<Record<Request['kind'], StrikePoint>> = {
  prune: 'index',
  clean: 'look',
  delete: 'index',
  queue: 'marker',
  dequeue: 'look',
  pin: 'pin',
  unpin: 'pin',
  verify: 'index',
  // A list has no such point.
  list: 'marker',
};

/** What a use case has come to, and how it is told. */
interface Worked {
  readonly result: RunResult;
  readonly whole: Readonly<Record<string, unknown>>;
}

/** Carries out requests on a world. */
export class UseCases implements Toolkit {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async run(request: Request, dryRun: boolean, strike: () => void): Promise<Answer> {
    const isRoot = request.kind !== 'clean' || request.isRoot;
    const access = this.access(PROGRAMS[request.kind], { at: STRIKES[request.kind], now: strike }, isRoot);
    let report: Report | undefined;
    try {
      if (request.kind === 'list') return { exitCode: 0, error: undefined, report: await this.#list(access, request) };
      const { result, whole } = await work(access, request, dryRun);
      report = reportOf(whole);
      if (isDamaged(result)) finishAfter(0, result, { signal: access.signal, log: QUIET });
      finish(result, access.signal, QUIET);
      return { exitCode: 0, error: undefined, report };
    } catch (error) {
      // A bug is not to be told from an answer by its exit code alone.
      if (!(error instanceof CacheError)) throw error;
      return { exitCode: exitCodeOf(error), error: error.code, report };
    }
  }

  /** The access of a run of one of the programs. */
  access(program: string, strike: { readonly at: StrikePoint; readonly now: () => void }, isRoot = true): CacheAccess {
    const { layout, time, proc } = this.#world;
    const { directory } = accessTo(layout);
    const candidates = [...directory.list('incomplete').files, ...directory.list('invalid').files];
    const openFiles = lookForOpenFiles(
      candidates.map(({ facts }) => facts),
      isRoot,
      proc,
    );
    return modelAccess(accessTo(layout, { program, timeoutSec: 0, clock: time.clock, openFiles }), time, strike);
  }

  async #list(access: CacheAccess, { what }: ListWish): Promise<Report> {
    switch (what) {
      case 'cached': {
        const { rows } = await listCached(access);
        const items = rows.map(({ imageId, lastAccessedSec, lastModifiedSec, sizeBytes, hits }) => ({
          image_id: imageId,
          last_accessed: isoOf(lastAccessedSec),
          last_modified: isoOf(lastModifiedSec),
          size: sizeBytes,
          hits,
        }));
        return { items, facts: {} };
      }
      case 'queued':
        return { items: listQueued(access).map(({ imageId }) => ({ image_id: imageId })), facts: {} };
      case 'pinned': {
        const { images } = await listPinned(access);
        const items = images.map(({ imageId, sizeBytes, row }) => ({
          image_id: imageId,
          cached: sizeBytes !== undefined,
          size: sizeBytes ?? null,
          last_accessed: row === undefined ? null : isoOf(row.lastAccessedSec),
          hits: row?.hits ?? null,
        }));
        return { items, facts: {} };
      }
      case 'incomplete':
      case 'invalid': {
        const { leftovers } = listLeftovers(access, what);
        const notes = await explainInvalid(access, leftovers);
        const items = leftovers.map((leftover) => ({
          image_id: leftover.imageId,
          last_modified: isoOf(leftover.modifiedSec),
          age: leftover.ageSec,
          size: leftover.sizeBytes,
          held_open: leftover.heldOpen,
          ...(what === 'invalid' ? { error: notes.get(leftover.imageId) ?? null } : {}),
        }));
        return { items, facts: {} };
      }
    }
  }
}

async function work(access: CacheAccess, request: Exclude<Request, ListWish>, dryRun: boolean): Promise<Worked> {
  switch (request.kind) {
    case 'prune': {
      const result = await prune(access, { ...request, dryRun, minFree: undefined });
      return { result, whole: wholeOf(pruneRecord(result)) };
    }
    case 'clean': {
      const imageIds = request.imageIds === undefined ? undefined : new Set(request.imageIds);
      const result = await clean(access, { ...request, imageIds, dryRun });
      return { result, whole: wholeOf(cleanRecord(result)) };
    }
    case 'delete':
      return ofItems(await deleteCached(access, { ...request, dryRun }));
    case 'queue':
      return ofItems(await queueImages(access, request.imageIds, dryRun));
    case 'dequeue':
      return ofItems(await dequeueImages(access, request.imageIds, dryRun));
    case 'pin':
      return ofItems(await pinImages(access, request.imageIds, dryRun));
    case 'unpin':
      return ofItems(await unpinImages(access, request.imageIds, dryRun));
    case 'verify': {
      const wish = { repair: request.repair, dryRun, imageIds: undefined };
      const result = await verify({ access, request: wish, reading: undefined });
      return { result, whole: wholeOf(verifyRecord(result, verifyColumns(exactSize))) };
    }
  }
}

function ofItems(result: RunResult): Worked {
  return { result, whole: wholeOf({ head: {}, items: result.items, columns: itemColumns(exactSize) }) };
}

function wholeOf<R>({ head, items, columns }: RecordedReport<R>): Worked['whole'] {
  return { ...head, items: [...recordsOf(items, columns)] };
}

/** Damage that is left is not made up for by what went well. */
function isDamaged({ errors }: RunResult): boolean {
  return errors.some((error) => error instanceof CacheError && error.code === 'INTEGRITY_CACHE');
}

const QUIET = { error: ignore, warning: ignore, info: ignore, debug: ignore };

function ignore(): void {
  // What is logged is told by the report as well.
}
