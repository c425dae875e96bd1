/** Where the bytes of an image come from: an answer of Glance, a file of its store, or the part itself when it is
 * hashed again. */
export interface ByteSource {
  /**
   * Reads on. Never more than one call at a time.
   *
   * @param target filled from its start; may be backed by shared memory
   * @returns how many bytes, 0 at the end
   */
  read(target: Uint8Array): Promise<number>;
  /** Gives up what is left. */
  close(): Promise<void>;
}
