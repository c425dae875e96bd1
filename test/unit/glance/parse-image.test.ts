import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isImageId } from '../../../src/cache/image-id.ts';
import { RemoteError } from '../../../src/errors/cache-error.ts';
import { digestOf } from '../../../src/glance/image-digest.ts';
import { parseImage } from '../../../src/glance/parse-image.ts';
import { thrownBy } from '../../support/thrown.ts';
import { imageIdOf } from './image-ids.ts';

const ID = imageIdOf(1);
const image = (fields: object) => ({ id: ID, name: 'debian', status: 'active', size: 3, ...fields });
const hex = (algorithm: string) => createHash(algorithm).update('bytes').digest('hex');
const MD5 = { algorithm: 'md5', hex: hex('md5') };

describe('parseImage()', () => {
  test('reads an image as Glance tells it', () => {
    const fields = { os_hash_algo: 'sha512', os_hash_value: hex('sha512'), checksum: hex('md5'), tags: [] };
    expect(parseImage(image(fields), ID)).toEqual({
      imageId: ID,
      name: 'debian',
      status: 'active',
      sizeBytes: 3,
      digest: { algorithm: 'sha512', hex: hex('sha512') },
    });
  });

  test('reads an image of which little is known', () => {
    const fields = { name: null, status: 'importing', size: null, checksum: null, os_hash_algo: null };
    expect(parseImage(image(fields), ID)).toEqual({
      imageId: ID,
      name: undefined,
      status: 'importing',
      sizeBytes: undefined,
      digest: undefined,
    });
  });

  test.each([0, 1, Number.MAX_SAFE_INTEGER])('takes the size %d', (size) => {
    expect(parseImage(image({ size }), ID).sizeBytes).toBe(size);
  });

  test.each([-1, 0.5, 2 ** 53, 1e300, '3', true, []])('refuses the size %j', (size) => {
    const error = thrownBy(() => parseImage(image({ size }), ID));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: `Cannot read what Glance says about image ${ID}: the answer has a size that is no number of bytes`,
    });
  });

  test('takes an ID in capitals', () => {
    expect(parseImage(image({ id: ID.toUpperCase() }), ID).imageId).toBe(ID);
  });

  test.each([
    [null, 'is no image'],
    ['image', 'is no image'],
    [[], 'is no image'],
    [{}, 'is about another image'],
    [image({ id: imageIdOf(2) }), 'is about another image'],
    [image({ id: 7 }), 'is about another image'],
    [image({ status: undefined }), 'has no status'],
    [image({ status: '' }), 'has no status'],
    [image({ status: 3 }), 'has no status'],
  ])('refuses %j', (value, state) => {
    expect(thrownBy(() => parseImage(value, ID))).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: `Cannot read what Glance says about image ${ID}: the answer ${state}`,
    });
  });

  test('gives an image that is sound, or raises REMOTE_ANSWER, whatever comes', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom(ID, 'active', 'sha512', hex('sha512'), hex('md5'), 12));
    const names = ['name', 'status', 'size', 'checksum', 'os_hash_algo', 'os_hash_value'];
    const fields = fc.dictionary(fc.constantFrom(...names), field);
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fields.map(image)), (value) => {
        try {
          const { imageId, status, sizeBytes = 0, digest } = parseImage(value, ID);
          expect(isImageId(imageId)).toBe(true);
          expect(status).not.toBe('');
          expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0).toBe(true);
          if (digest !== undefined) expect(digest.hex).toHaveLength(hex(digest.algorithm).length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'REMOTE_ANSWER' });
        }
      }),
    );
  });
});

describe('digestOf()', () => {
  test.each([
    ['sha512', 'sha512'],
    ['SHA512', 'sha512'],
    ['sha256', 'sha256'],
    ['sha384', 'sha384'],
    ['sha1', 'sha1'],
    ['sha3_256', 'sha3-256'],
    ['sha3-512', 'sha3-512'],
    ['sha512_256', 'sha512-256'],
    ['blake2b', 'blake2b512'],
    ['blake2s', 'blake2s256'],
    ['md5', 'md5'],
  ])('knows %s as %s', (name, algorithm) => {
    const value = hex(algorithm);
    const fields = { os_hash_algo: name, os_hash_value: value.toUpperCase(), checksum: hex('md5') };
    expect(digestOf(fields)).toEqual({ algorithm, hex: value });
  });

  test.each([
    ['unknown', hex('sha512')],
    ['sha512', hex('sha256')],
    ['sha512', hex('sha512').replace(/^./, 'g')],
    ['sha512', null],
    [null, hex('sha512')],
    ['', ''],
    [7, 7],
  ])('falls back to the checksum for %j with %j', (os_hash_algo, os_hash_value) => {
    expect(digestOf({ os_hash_algo, os_hash_value, checksum: hex('md5').toUpperCase() })).toEqual(MD5);
    expect(digestOf({ os_hash_algo, os_hash_value })).toBeUndefined();
  });

  test.each([null, '', 'none', hex('sha256'), 5])('has none with the checksum %j', (checksum) => {
    expect(digestOf({ checksum })).toBeUndefined();
  });
});
