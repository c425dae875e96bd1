/**
 * What happens to the bytes of a file.
 */
import fc from 'fast-check';

/** One thing that happens to bytes. */
export type Damage = (bytes: Buffer) => Buffer;

/** A place in a file, as a part of its length. */
export const place: fc.Arbitrary<number> = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** That place in these bytes. */
export function at(bytes: Uint8Array, part: number): number {
  return Math.floor(part * bytes.length);
}

/** Puts one of these pieces somewhere, in place of at most so many bytes that are there. */
export function pieceSomewhere(pieces: fc.Arbitrary<string | Uint8Array>, maxSkip: number): fc.Arbitrary<Damage> {
  return fc.tuple(place, fc.nat(maxSkip), pieces).map(([part, skip, piece]): Damage => {
    return (bytes) => {
      const offset = at(bytes, part);
      return Buffer.concat([bytes.subarray(0, offset), Buffer.from(piece), bytes.subarray(offset + skip)]);
    };
  });
}

/** Flips one to twenty bits. */
export const bitFlips: fc.Arbitrary<Damage> = fc
  .array(fc.tuple(place, fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 20 })
  .map((bits): Damage => {
    return (bytes) => {
      for (const [part, bit] of bits) bytes[at(bytes, part)] = (bytes[at(bytes, part)] ?? 0) ^ (1 << bit);
      return bytes;
    };
  });

/** Cuts the end off. */
export const cutOff: fc.Arbitrary<Damage> = place.map((part): Damage => {
  return (bytes) => bytes.subarray(0, at(bytes, part));
});

/** A file after all of it has happened, one after the other. */
export function damaged(content: string | Uint8Array, damages: readonly Damage[]): Buffer {
  return damages.reduce<Buffer>((bytes, happen) => happen(bytes), Buffer.from(content));
}
