/**
 * Short output to a file or a pipe, written without a stream of Node: to set one up takes 1 ms, which is more than most
 * runs have to say.
 */
import { fstatSync, type Stats, writeSync } from 'node:fs';
import { hasErrno } from '../errors/errno.ts';
import type { DirectWriter } from './output.ts';

/**
 * So much fits into a pipe (64 KiB), and into the socket that systemd and Node give, without waiting for the reader.
 * What comes after it goes through the stream: a program that stands in a write hears no signal.
 */
const PIPE_BYTES = 16 * 1024;

/** The null device of Linux, 1:3. */
const NULL_DEVICE = 0x103;

/** What writes to a descriptor; undefined where only a stream will do, as for a terminal. */
export function directWriter(descriptor: number): DirectWriter | undefined {
  let leftBytes = bytesWithoutWaiting(descriptor);
  if (leftBytes === 0) return undefined;
  return {
    write(text) {
      const bytes = Buffer.from(text);
      if (bytes.length > leftBytes) return bytes;
      leftBytes -= bytes.length;
      return writeAll(descriptor, bytes);
    },
  };
}

/** How much can be written to a descriptor without a stream. */
function bytesWithoutWaiting(descriptor: number): number {
  const stats = factsOf(descriptor);
  if (stats === undefined) return 0;
  if (stats.isFile() || stats.rdev === NULL_DEVICE) return Number.POSITIVE_INFINITY;
  return stats.isFIFO() || stats.isSocket() ? PIPE_BYTES : 0;
}

function factsOf(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    // Node has an answer to a closed descriptor.
    return undefined;
  }
}

/** Writes as much as goes without waiting, and gives back the rest: the pipe of others may be full, and not wait. */
function writeAll(descriptor: number, bytes: Buffer): Buffer {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN')) throw error;
      return rest;
    }
  }
  return rest;
}
