/**
 * Room for the images of a run: what is admitted is reckoned jointly, so that images fetched side by side do not each
 * count on the same free space.
 */
import type { FileSystemSpace } from '../../cache/directory.ts';
import { judgeRoom, mostOfCache, type Room, type RoomAsked, type RoomLimits } from '../../plan/room.ts';

/** The room that one image was given. */
export interface Place {
  /** Says how much is still to be written, bytes: what is on the disk is not free any more. */
  setPending(bytes: number): void;
  /**
   * Gives back what is not used.
   *
   * @param fetchedBytes what the image counts against what the run may fetch: its size, which nobody may have known
   *   before; 0 for one that was not fetched
   */
  release(fetchedBytes: number): void;
}

/** Gives room to images. */
export class RoomKeeper {
  readonly #limits: RoomLimits;
  readonly #space: () => FileSystemSpace;
  #pendingBytes = 0;
  #admittedBytes = 0;

  /** @param space asks the file system, each time */
  constructor(limits: RoomLimits, space: () => FileSystemSpace) {
    this.#limits = limits;
    this.#space = space;
  }

  /** Whether an image fits now, beside those that were given room. */
  judge(asked: RoomAsked): Room {
    const { availableBytes } = this.#space();
    const taken = { availableBytes, pendingBytes: this.#pendingBytes, admittedBytes: this.#admittedBytes };
    return judgeRoom(asked, taken, this.#limits);
  }

  /** The most that an image of unknown size may have now, bytes. */
  mostBytes(): number {
    const freeBytes = this.#space().availableBytes - this.#limits.minFreeBytes - this.#pendingBytes;
    return Math.max(0, Math.min(mostOfCache(this.#limits) - this.#admittedBytes, freeBytes));
  }

  /** Gives an image its room. */
  take({ sizeBytes, presentBytes }: RoomAsked): Place {
    let pendingBytes = 0;
    const setPending = (bytes: number): void => {
      const fresh = Math.max(0, bytes);
      this.#pendingBytes += fresh - pendingBytes;
      pendingBytes = fresh;
    };
    setPending(sizeBytes - presentBytes);
    this.#admittedBytes += sizeBytes;
    return {
      setPending,
      release: (fetchedBytes) => {
        setPending(0);
        this.#admittedBytes += fetchedBytes - sizeBytes;
      },
    };
  }
}
