import { describe, expect, test } from 'vitest';
import { boolean } from '../../../../src/settings/types/boolean.ts';
import { choice } from '../../../../src/settings/types/choice.ts';
import { float } from '../../../../src/settings/types/float.ts';
import { integer } from '../../../../src/settings/types/integer.ts';
import { listOf } from '../../../../src/settings/types/list-of.ts';
import { quoted } from '../../../../src/settings/types/quoted.ts';
import { string } from '../../../../src/settings/types/string.ts';
import { refusal } from './refusal.ts';

const integers = listOf(integer({ min: 0 }));
const bounded = listOf(string, { bounded: true });

describe('listOf', () => {
  test.each([
    ['', []],
    [' 1, 2 ,3,, ', [1, 2, 3]],
    ['1,,2', [1, undefined, 2]],
  ])('gives the items of %j as values of their type', (text, values) => {
    expect(integers.parse(text)).toEqual(values);
  });

  test('joins an item to the next when its type refuses it alone', () => {
    expect(listOf(quoted(string)).parse(`"a, b",c,'d,,e'`)).toEqual(['a, b', 'c', 'd,,e']);
    expect(listOf(choice(['a', 'b,c'])).parse('b,c,a,b,c')).toEqual(['b,c', 'a', 'b,c']);
  });

  test('names the last attempt when joining does not help', () => {
    expect(refusal(integers, '7,x,1').message).toBe('has the item "x,1", which is not a whole number');
    expect(refusal(integers, '7,-1').message).toBe('has the item "-1", which should be greater than or equal to 0');
  });

  test('passes on the hint when an item has one', () => {
    expect(refusal(listOf(integer({ unit: 'bytes' })), '1, 2K').hint).toContain(': 2048');
  });

  test.each([
    ['[a,b]', ['a', 'b']],
    [' [ a , b ],, ', ['a', 'b']],
    ['[]', []],
    ['[ ]', ['']],
    ['[a,]', ['a', '']],
    ['[[a]]', ['[a]']],
  ])('gives the items between the brackets of %j when it is bounded', (text, items) => {
    expect(bounded.parse(text)).toEqual(items);
  });

  test.each([
    ['a,b', 'should start with "["'],
    ['', 'should start with "["'],
    ['[a,b', 'should end with "]"'],
    ['[', 'should end with "]"'],
    ['[a] b', 'should end with "]"'],
  ])('refuses %j when it is bounded', (text, reason) => {
    expect(refusal(bounded, text).message).toBe(reason);
  });

  test('says what it expects when it is bounded', () => {
    expect(integers.expects).toBe('items separated by commas, each a whole number, 0 or more');
    expect(bounded.expects).toBe('items separated by commas, in square brackets, each a text');
  });

  test('is referred to as Python writes a list when its items are no texts', () => {
    expect(integers.referenced?.('01,,2')).toBe('[1, None, 2]');
    expect(listOf(float()).referenced?.('2')).toBe('[2.0]');
    expect(listOf(boolean).referenced?.('yes,0')).toBe('[True, False]');
    expect(listOf(integers).referenced?.('1,2')).toBe('[[1], [2]]');
  });

  test('is referred to with quotes around the items when they are texts', () => {
    expect(bounded.referenced?.("[a,it's]")).toBe(`['a', "it's"]`);
    expect(listOf(quoted(string)).referenced?.('"a,b"')).toBe("['a,b']");
    expect(listOf(choice(['sqlite'], { ignoreCase: true })).referenced?.('SQLite')).toBe("['SQLite']");
  });
});
