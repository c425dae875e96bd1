import type { FileHandle } from 'node:fs/promises';
import { fromErrno } from '../../errors/from-errno.ts';
import type { PartFile } from './parts.ts';

/** An open part, whose errors name its path. */
export class DiskPartFile implements PartFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  write(source: Uint8Array, offset: number, length: number, position: number) {
    return this.#on('write', () => this.#handle.write(source, offset, length, position));
  }

  truncate(length: number): Promise<void> {
    return this.#on('cut', () => this.#handle.truncate(length));
  }

  sync(): Promise<void> {
    return this.#on('sync', () => this.#handle.sync());
  }

  close(): Promise<void> {
    return this.#on('close', () => this.#handle.close());
  }

  async #on<T>(verb: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw fromErrno(verb, this.#path, error);
    }
  }
}
