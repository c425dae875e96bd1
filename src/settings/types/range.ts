import { ValueError } from '../option.ts';

/** The bounds of a number, both included. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** What a number within bounds looks like, for messages: "a whole number, 0 or more". */
export function expectRange(what: string, { min, max }: Range): string {
  if (min !== undefined && max !== undefined) return `${what} from ${min} to ${max}`;
  if (min !== undefined) return `${what}, ${min} or more`;
  return max === undefined ? what : `${what}, ${max} or less`;
}

/**
 * Accepts a number within its bounds. Not-a-number is within all bounds, as it is in Python.
 *
 * @throws ValueError in the words of oslo.config when it lies outside
 */
export function checkRange(value: number | bigint, { min, max }: Range): void {
  // A bigint is compared with a number exactly: neither is converted to the other first.
  if (min !== undefined && value < min) throw new ValueError(`should be greater than or equal to ${min}`);
  if (max !== undefined && value > max) throw new ValueError(`should be less than or equal to ${max}`);
}
