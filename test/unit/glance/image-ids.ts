import { type ImageId, parseImageId } from '../../../src/cache/image-id.ts';

/** An image ID per number. */
export function imageIdOf(number: number): ImageId {
  const imageId = parseImageId(`a51c7e0f-d849-4e36-92b8-${number.toString(16).padStart(12, '0')}`);
  if (imageId === undefined) throw new Error(`${number} is too large`);
  return imageId;
}
