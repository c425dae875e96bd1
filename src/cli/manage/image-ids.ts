import { type ImageId, parseImageId } from '../../cache/image-id.ts';
import { UsageError } from '../../errors/cache-error.ts';

/**
 * The image IDs among the operands of a command, in canonical form.
 *
 * @throws UsageError USAGE_IMAGE_ID for anything else, before it touches a path
 */
export function imageIdsOf(operands: readonly string[]): readonly ImageId[] {
  return operands.map((operand) => {
    const imageId = parseImageId(operand);
    if (imageId !== undefined) return imageId;
    throw notAnImageId(operand);
  });
}

/** The error of an operand that no image can be named by. */
export function notAnImageId(operand: string): UsageError {
  return new UsageError('USAGE_IMAGE_ID', `Cannot use ${JSON.stringify(operand)}: it is not a valid image ID`, {
    hint: 'An image ID is a UUID such as 71c675ab-d94f-49cd-a114-e12490b328d9: see "openstack image list"',
    details: { operand },
  });
}
