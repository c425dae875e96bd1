import { describe, expect, test } from 'vitest';
import { float } from '../../../../src/settings/types/float.ts';
import { pythonFloatRepr } from '../../../../src/settings/types/python-float.ts';
import { refusal } from './refusal.ts';

describe('float', () => {
  test.each([
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['-1E-2', -0.01],
    ['1_0.5_0', 10.5],
    ['1e1_0', 1e10],
    ['-0', -0],
    [' +007.250\n', 7.25],
    ['٣.𝟗', 3.9],
    ['\u00a05\u3000', 5],
    ['nan', Number.NaN],
    ['-NaN', Number.NaN],
    ['inf', Number.POSITIVE_INFINITY],
    ['-iNfInItY', Number.NEGATIVE_INFINITY],
    ['1e400', Number.POSITIVE_INFINITY],
    ['1e-400', 0],
  ])('parses %j as Python does when it is a number', (text, value) => {
    expect(float().parse(text)).toBe(value);
  });

  test.each([
    ...['', ' ', '.', 'e3', '1e', '1e+', '1.5.2', '1,5', '_1', '1_', '1__0', '1_.5', '1._5', '1e_1', '+ 1', '--1'],
    ...['0x1p3', 'in', 'infinit', 'nan(1)', 'in_f', '\u001c5', '²', '1f', '\ufeff1'],
  ])('refuses %j when it is not a number', (text) => {
    expect(refusal(float(), text).message).toBe('is not a number');
  });

  test('says its bound in the words of oslo.config when a number is outside', () => {
    const type = float({ min: 0.5, max: 10 });
    expect([type.parse('0.5'), type.parse('10')]).toEqual([0.5, 10]);
    expect(refusal(type, '0.49').message).toBe('should be greater than or equal to 0.5');
    expect(refusal(type, 'inf').message).toBe('should be less than or equal to 10');
  });

  test('lets not-a-number pass when there are bounds, as Python does', () => {
    expect(float({ min: 0, max: 1 }).parse('nan')).toBeNaN();
  });

  test.each([
    ['1,5', undefined, 'Write a point before the fraction, and nothing between thousands'],
    ['2m', 'seconds', 'Write the number of seconds, without a suffix: 120'],
    ['2m', undefined, undefined],
    ['soon', 'seconds', undefined],
  ] as const)('hints at the number meant when %j counts %s', (text, unit, hint) => {
    expect(refusal(float(unit === undefined ? {} : { unit }), text).hint).toBe(hint);
  });

  test('says what it expects when it has a unit and bounds', () => {
    expect(float().expects).toBe('a number');
    expect(float({ unit: 'seconds', min: 0 }).expects).toBe('a number of seconds, 0 or more');
  });

  test('is referred to as Python writes a float when it was written in another way', () => {
    expect(float().referenced?.(' 0_2 ')).toBe('2.0');
    expect(float().referenced?.(' ')).toBe('');
  });
});

describe('pythonFloatRepr', () => {
  test.each([
    [2, '2.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-1.5e-7, '-1.5e-07'],
    [1234567890123456, '1234567890123456.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [5e-324, '5e-324'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('writes %d as %s', (value, repr) => {
    expect(pythonFloatRepr(value)).toBe(repr);
  });
});
