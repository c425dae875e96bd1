/**
 * Something that happens to a cache without the toolkit. It may happen between two commands of the toolkit, or in the
 * middle of one.
 */
import type { AsyncCommand } from 'fast-check';
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { Model } from '../model.ts';
import type { Toolkit } from '../request.ts';
import type { World } from '../world.ts';

/** The cache that the model is held to, and the toolkit that works on it. */
export interface Real {
  readonly world: World;
  readonly toolkit: Toolkit;
}

/** One such thing. */
export interface Act {
  /** What it is called in a failure. */
  readonly name: string;
  readonly isPossible?: (model: Model) => boolean;
  /** Does it to both, and holds what its doer sees to what the model says. */
  happen(model: Model, world: World): void;
}

/** An act between two commands. */
export class Happening implements AsyncCommand<Model, Real> {
  readonly #act: Act;

  constructor(act: Act) {
    this.#act = act;
  }

  check(model: Model): boolean {
    return this.#act.isPossible?.(model) ?? true;
  }

  async run(model: Model, { world }: Real): Promise<void> {
    this.#act.happen(model, world);
    world.expectLike(model);
  }

  toString(): string {
    return this.#act.name;
  }
}

/** An image's short name in a failure: the number that its ID begins with. */
export function shortName(imageId: ImageId): string {
  return `#${Number.parseInt(imageId.slice(0, 8), 16)}`;
}
