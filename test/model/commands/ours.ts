/**
 * Commands of the toolkit: each is held to what the contract foresees, in what it says and in what it does.
 */
import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import { CacheError } from '../../../src/errors/cache-error.ts';
import { publishImage } from '../../../src/execute/prefetch/publish-image.ts';
import { settle } from '../../../src/use-cases/prefetch/settle.ts';
import { putJournal, putPart } from '../../support/parts.ts';
import { foresee } from '../contract/foresee.ts';
import { busy } from '../contract/foresight.ts';
import { type Model, SIZES } from '../model.ts';
import { type Answer, type Item, type Request, sortItems, type Toolkit } from '../request.ts';
import { UseCases } from '../use-cases.ts';
import type { World } from '../world.ts';
import { type Act, type Real, shortName } from './act.ts';

/** A command, and what comes into its way. */
export interface Order {
  readonly request: Request;
  /** A dry run before: it changes nothing, and says what the real one does. */
  readonly isTriedFirst: boolean;
  /** Happens between the look and the work. */
  readonly rival: Act | undefined;
}

/** One command of the toolkit. */
export class Command implements AsyncCommand<Model, Real> {
  readonly #order: Order;

  constructor(order: Order) {
    this.#order = order;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { world, toolkit }: Real): Promise<void> {
    const { request, isTriedFirst, rival } = this.#order;
    const foreseen = foresee(model, request);
    const tried = isTriedFirst ? await tryOut(world, toolkit, request) : undefined;
    if (tried !== undefined) expect(comparable(request, tried)).toEqual(comparable(request, foreseen.planned));
    let isStruck = false;
    const answer = await toolkit.run(request, false, () => {
      isStruck = true;
      if (rival !== undefined && (rival.isPossible?.(model) ?? true)) rival.happen(model, world);
    });
    if (rival !== undefined) expect({ isStruck }).toEqual({ isStruck: foreseen.isStruck });
    expect(comparable(request, answer)).toEqual(comparable(request, foreseen.carryOut()));
    release(model, world);
    world.expectLike(model);
    if (rival === undefined && model.locks.size === 0 && answer.exitCode === 0) {
      await checkAgain(toolkit, request, { answer, tried });
    }
  }

  toString(): string {
    const { request, isTriedFirst, rival } = this.#order;
    const told = JSON.stringify(request, (key, value: unknown) => (key === 'imageIds' ? namesOf(value) : value));
    return `${isTriedFirst ? 'dry, then ' : ''}${told}${rival === undefined ? '' : ` while ${rival.name}`}`;
  }
}

async function tryOut(world: World, toolkit: Toolkit, request: Request): Promise<Answer> {
  const before = world.fingerprint();
  const answer = await toolkit.run(request, true, () => {
    throw new Error('A dry run has come to the point where it changes something');
  });
  expect(world.fingerprint()).toEqual(before);
  return answer;
}

/** What holds where nobody was in the way. A dry run asks for no lock: it cannot know who has one. */
async function checkAgain(
  toolkit: Toolkit,
  request: Request,
  { answer, tried }: { readonly answer: Answer; readonly tried: Answer | undefined },
): Promise<void> {
  if (request.kind === 'verify') {
    // A dry run that finds damage says so by its exit code; after a repair there is none.
    const again = await toolkit.run({ kind: 'verify', repair: false }, false, () => undefined);
    if (request.repair) expect(again.report?.items).toEqual([]);
  } else if (tried !== undefined) {
    expect(comparable(request, answer)).toEqual(comparable(request, asIfDone(tried)));
  }
}

/** Somebody who was in the middle of a transaction ends it. */
function release(model: Model, world: World): void {
  if (model.isIndexLocked) world.unlock('index');
  model.isIndexLocked = false;
}

/** Only pruning and the lists have an order of their own; others go as the disk lists the files. */
function comparable(request: Request, answer: Answer): Answer {
  const { report } = answer;
  if (report === undefined || request.kind === 'prune' || request.kind === 'list') return answer;
  return { ...answer, report: { ...report, items: sortItems(report.items) } };
}

function asIfDone(answer: Answer): Answer {
  const items = (answer.report?.items ?? []) as readonly Item[];
  const done = items.map((item) => (item.result === 'planned' ? { ...item, result: 'done' } : item));
  return { ...answer, report: { facts: answer.report?.facts ?? {}, items: done } };
}

function namesOf(imageIds: unknown): unknown {
  return Array.isArray(imageIds) ? imageIds.map((imageId: ImageId) => shortName(imageId)).join(' ') : imageIds;
}

/** A prefetch comes to its end: the bytes are there, and become the image. */
export class Publication implements AsyncCommand<Model, Real> {
  readonly #imageId: ImageId;
  readonly #rival: Act | undefined;

  constructor(imageId: ImageId, rival: Act | undefined) {
    this.#imageId = imageId;
    this.#rival = rival;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { world, toolkit }: Real): Promise<void> {
    const imageId = this.#imageId;
    const sizeBytes = SIZES.get(imageId) ?? 0;
    putPart(world.layout, imageId, { size: sizeBytes });
    putJournal(world.layout, imageId);
    model.parts.set(imageId, model.newFile(sizeBytes));
    model.journals.set(imageId, { file: model.newFile(0), remembersMismatch: false });
    const refusal = busy(model, 'glance-cache-prefetcher', 'glance-cache');
    const result = await this.#publish(model, { world, toolkit });
    expect(result).toBe(refusal?.error ?? foreseePublication(model, imageId));
    release(model, world);
    world.expectLike(model);
  }

  async #publish(model: Model, { world, toolkit }: Real): Promise<string> {
    const imageId = this.#imageId;
    const rival = this.#rival;
    const strike = (): void => {
      if (rival !== undefined && (rival.isPossible?.(model) ?? true)) rival.happen(model, world);
    };
    if (!(toolkit instanceof UseCases))
      throw new Error('A program fetches before it publishes: there is no Glance here');
    const access = toolkit.access('glance-cache-prefetcher', { at: 'index', now: strike });
    try {
      return await access.withLocks(undefined, async () => {
        const published = await access.withGlanceLock('glance-cache', () =>
          publishImage({ ...access, openIndex: () => access.index.open(true) }, imageId),
        );
        if (published === 'being-cached') access.parts.remove(imageId);
        else settle(access, { imageId, markers: [imageId], queuedSec: 0, isUrgent: false });
        return published;
      });
    } catch (error) {
      if (error instanceof CacheError) return error.code;
      throw error;
    }
  }

  toString(): string {
    const rival = this.#rival;
    return `publish ${shortName(this.#imageId)}${rival === undefined ? '' : ` while ${rival.name}`}`;
  }
}

/** Does to the model what a publication does, after whatever came into its way. */
function foreseePublication(model: Model, imageId: ImageId): string {
  const { cached, incomplete } = model.files;
  if (model.isIndexLocked) return 'BUSY_INDEX';
  const result = cached.has(imageId) ? 'cached' : incomplete.has(imageId) ? 'being-cached' : 'published';
  const part = model.parts.get(imageId);
  if (result === 'published' && part !== undefined) {
    model.rename(imageId, model.parts, cached);
    const { nowSec } = model;
    model.rows.set(imageId, { accessedSec: nowSec, modifiedSec: nowSec, sizeBytes: part.sizeBytes, hits: 0 });
  }
  model.parts.delete(imageId);
  model.journals.delete(imageId);
  if (result !== 'being-cached') model.queue.delete(imageId);
  return result;
}
