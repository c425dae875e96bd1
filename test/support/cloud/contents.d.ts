/** The bytes from an offset on, in chunks. */
export function chunksOf(seed: string, sizeBytes: number, offsetBytes?: number): Generator<Buffer>;

/** All the bytes at once. */
export function contentOf(seed: string, sizeBytes: number): Buffer;

/** What the bytes hash to, hexadecimal. */
export function hashOf(algorithm: string, seed: string, sizeBytes: number): string;
