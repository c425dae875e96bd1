/**
 * What a command of the toolkit will say and do, by the contract: the shape that all of them are told in.
 */
import type { LockName, Model } from '../model.ts';
import type { Answer, Item, Report } from '../request.ts';

/** A command foreseen. */
export interface Foresight {
  /** What a dry run says. */
  readonly planned: Answer;
  /** Whether it comes to the point where it can be interrupted. */
  readonly isStruck: boolean;
  /** Does to the model what the command does to the cache, on what there is by then; the answer. */
  carryOut(): Answer;
}

/** A command that has not come to grief. */
export function done(report: Report): Answer {
  return { exitCode: 0, error: undefined, report };
}

/** A command that has refused to begin. */
export function refused(exitCode: number, error: string): Answer {
  return { exitCode, error, report: undefined };
}

/** The refusal of a command that needs locks of which somebody else has one. */
export function busy(model: Model, own: LockName, glances?: LockName): Answer | undefined {
  if (model.locks.has(own)) return refused(5, 'BUSY_RUN');
  return glances !== undefined && model.locks.has(glances) ? refused(5, 'BUSY_GLANCE') : undefined;
}

/** A command that says the same in a dry run and changes nothing. */
export function unchanging(answer: Answer): Foresight {
  return { planned: answer, isStruck: false, carryOut: () => answer };
}

/** An item about an image that nothing is done to. */
export function idleItem(imageId: string, reason: string): Item {
  return {
    image_id: imageId,
    action: 'keep',
    result: 'skipped',
    reason,
    area: null,
    size: null,
    time: null,
  };
}

/** The same item with another end. */
export function ended(item: Item, skipped: string | undefined): Item {
  return skipped === undefined ? { ...item, result: 'done' } : { ...item, result: 'skipped', reason: skipped };
}
