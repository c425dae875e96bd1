/** Hashes one stream of bytes, off the main thread where that pays. */
export interface Hasher {
  /**
   * Takes more bytes. The bytes must stay as they are until the promise resolves; calls may overlap and are taken in
   * their order.
   */
  update(bytes: Uint8Array): Promise<void>;
  /** The digest of all that came, lower-case hexadecimal. Nothing may follow. */
  digest(): Promise<string>;
  /** Gives up an unfinished hash. */
  close(): Promise<void>;
}
