/**
 * The file that keeps the token of one login. It is opened with the rights that the program was started with, and written
 * to through its descriptor after they are given up. Several runs may have it open: each writes its line in one piece over
 * the former one, and cuts what is longer before that, so that the last one's line is whole whatever the others do.
 */
import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { describeErrno, isSystemError, unlessTroubled } from '../../../errors/errno.ts';
import { shellWord } from '../../../errors/next-step.ts';
import type { TokenKeeper } from '../../../keystone/kept-token.ts';
import {
  formatRecord,
  LONGEST_BYTES,
  parseRecord,
  type TokenRecord,
  tokenAt,
} from '../../../keystone/token-cache/token-record.ts';
import type { Logger } from '../../../log/logger.ts';
import type { Clock } from '../../../time/clock.ts';

/** An open file for the token of one login. */
export class TokenFile {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'nowSec'>;
  #descriptor: number | undefined;
  #record: TokenRecord | undefined;

  /**
   * Takes over a file that is open for reading and writing, and the duty to close it.
   *
   * @param path for messages
   */
  constructor(path: string, descriptor: number, clock: Pick<Clock, 'nowSec'>) {
    this.#path = path;
    this.#clock = clock;
    this.#descriptor = descriptor;
    try {
      this.#record = readRecord(descriptor);
      // It has no use any more, and is a secret.
      if (this.#record !== undefined && this.token === undefined) ftruncateSync(descriptor, 0);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What is kept, and may be used; secret. */
  get token(): string | undefined {
    return this.#kept()?.issued.token;
  }

  /** The token of this file for a session, with a log for what goes wrong. */
  keeperFor(log: Pick<Logger, 'debug' | 'warning'>): TokenKeeper {
    const change = (what: string, work: (descriptor: number) => void): void => {
      if (this.#descriptor === undefined) return;
      try {
        work(this.#descriptor);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        const look = `see whether there is room: df -h ${shellWord(this.#path)}`;
        log.warning(`Cannot ${what} ${JSON.stringify(this.#path)}: ${describeErrno(error)}; ${look}`);
      }
    };
    return {
      kept: () => this.#kept(),
      keep: (issued, ageSec) => {
        const issuedSec = this.#clock.nowSec() - ageSec;
        const line = formatRecord(issued, issuedSec);
        if (line === undefined) {
          log.debug('The token is not kept: Keystone does not say when it ends, or its catalog is too long');
          return;
        }
        this.#record = parseRecord(line);
        change('keep the token in', (descriptor) => writeLine(descriptor, line));
      },
      forget: (token) => {
        if (this.#record?.issued.token === token) this.#record = undefined;
        change('remove the token from', (descriptor) => {
          if (readRecord(descriptor)?.issued.token === token) ftruncateSync(descriptor, 0);
        });
      },
    };
  }

  /** Ends the use of the file. Never throws. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    // A file system of the network may say only now that it has not kept what was written: the checksum will tell.
    if (descriptor !== undefined) unlessTroubled(() => closeSync(descriptor));
  }

  #kept(): ReturnType<TokenKeeper['kept']> {
    return this.#record === undefined ? undefined : tokenAt(this.#record, this.#clock.nowSec());
  }
}

function readRecord(descriptor: number): TokenRecord | undefined {
  const { size } = fstatSync(descriptor);
  if (size === 0 || size > LONGEST_BYTES) return undefined;
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const count = readSync(descriptor, bytes, filled, size - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return parseRecord(bytes.toString('utf8', 0, filled));
}

function writeLine(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  const { size } = fstatSync(descriptor);
  if (size > bytes.length) ftruncateSync(descriptor, bytes.length);
  try {
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(descriptor, bytes, written, bytes.length - written, written);
    }
  } catch (error) {
    // The half of a token is of no use but to somebody who should not have it.
    unlessTroubled(() => ftruncateSync(descriptor, 0));
    throw error;
  }
}
