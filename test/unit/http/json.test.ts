import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../../src/errors/cache-error.ts';
import { arrayIn, numberIn, objectIn, objectsIn, parseJsonObject, stringIn } from '../../../src/http/json.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('parseJsonObject', () => {
  it('gives an object', () => {
    expect(parseJsonObject('{"a": [1]}', 'look')).toEqual({ a: [1] });
  });

  it.each(['', '<html>hunter2</html>', '{"token": "hunter2"', '[]', 'null', '"hunter2"', '1'])(
    'refuses %j without showing it',
    (text) => {
      const error = thrownBy(() => parseJsonObject(text, 'get image 71c6'));
      expect(error).toBeInstanceOf(RemoteError);
      expect(error).toMatchObject({
        code: 'REMOTE_ANSWER',
        isTransient: false,
        message: 'Cannot get image 71c6: the answer is no JSON object',
      });
      expect(error).not.toHaveProperty('cause');
    },
  );
});

describe('stringIn, numberIn, objectIn, arrayIn, objectsIn', () => {
  it('give a field of their type and nothing else', () => {
    const object = { text: 't', number: 0, nothing: null, object: { a: 1 }, list: [1, { b: 2 }, null, [3]] };
    expect(stringIn(object, 'text')).toBe('t');
    expect(stringIn(object, 'number')).toBeUndefined();
    expect(numberIn(object, 'number')).toBe(0);
    expect(numberIn(object, 'text')).toBeUndefined();
    expect(objectIn(object, 'object')).toEqual({ a: 1 });
    expect(objectIn(object, 'list')).toBeUndefined();
    expect(objectIn(object, 'nothing')).toBeUndefined();
    expect(arrayIn(object, 'list')).toEqual([1, { b: 2 }, null, [3]]);
    expect(arrayIn(object, 'object')).toEqual([]);
    expect(objectsIn(object, 'list')).toEqual([{ b: 2 }]);
    expect(objectsIn(object, 'absent')).toEqual([]);
  });

  it('never give what was not sent', () => {
    expect(objectIn({}, '__proto__')).toBeUndefined();
    expect(stringIn(parseJsonObject('{"__proto__": "sent"}', 'look'), '__proto__')).toBe('sent');
  });

  it('never throw, whatever JSON comes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (object, name) => {
        for (const read of [stringIn, numberIn, objectIn, arrayIn, objectsIn]) read(object, name);
      }),
    );
  });
});
