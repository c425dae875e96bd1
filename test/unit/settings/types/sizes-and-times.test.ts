import { describe, expect, test } from 'vitest';
import { byteSize } from '../../../../src/settings/types/byte-size.ts';
import { duration } from '../../../../src/settings/types/duration.ts';
import { percent } from '../../../../src/settings/types/percent.ts';
import { sizeOrPercent } from '../../../../src/settings/types/size-or-percent.ts';
import { refusal } from './refusal.ts';

describe('byteSize', () => {
  test.each([
    ['0', 0],
    ['4096', 4096],
    ['4096 bytes', 4096],
    ['7B', 7],
    ['1K', 1024],
    ['1KiB', 1024],
    ['1KB', 1000],
    ['10G', 10_737_418_240],
    ['10gb', 10_000_000_000],
    ['80GiB', 85_899_345_920],
    ['1.5TiB', 1_649_267_441_664],
    [' 2 PiB ', 2_251_799_813_685_248],
    ['1.1GiB', 1_181_116_006],
  ])('reads %j as %d bytes', (text, bytes) => {
    expect(byteSize.parse(text)).toBe(bytes);
  });

  test.each([
    ['', 'is empty'],
    ['-1', 'is negative'],
    ['-1.5GiB', 'is negative'],
    ['1.5', 'is a fraction of a byte'],
    ['0.0001KiB', 'is a fraction of a byte'],
    ['8PiB', 'is more than 8 PiB, the largest size that can be counted'],
    ['99999999999999999999T', 'is more than 8 PiB, the largest size that can be counted'],
    ['NaN', 'is not a size'],
    ['Infinity', 'is not a size'],
    ['1e9', 'is not a size'],
    ['GiB', 'is not a size'],
    ['1EiB', 'is not a size'],
    ['1,5G', 'is not a size'],
    ['10 %', 'is not a size'],
  ])('refuses %j because it %s', (text, reason) => {
    expect(refusal(byteSize, text).message).toBe(reason);
  });
});

describe('percent', () => {
  test.each([
    ['0%', 0],
    ['80%', 80],
    ['99.5 %', 99.5],
    ['100%', 100],
  ])('reads %j as %d', (text, value) => {
    expect(percent.parse(text)).toBe(value);
  });

  test.each([
    ['101%', 'is more than 100%', undefined],
    ['-5%', 'is negative', undefined],
    ['NaN%', 'is not a percentage', undefined],
    ['80', 'has no percent sign', 'Write 80%'],
    ['0.8', 'has no percent sign', 'Write 80% if a share of 0.8 is meant'],
  ])('refuses %j because it %s', (text, message, hint) => {
    expect(refusal(percent, text)).toMatchObject({ message, hint });
  });
});

describe('sizeOrPercent', () => {
  test('tells a share from a size by the percent sign', () => {
    expect(sizeOrPercent.parse('10%')).toEqual({ kind: 'percent', percent: 10 });
    expect(sizeOrPercent.parse('20GiB')).toEqual({ kind: 'bytes', bytes: 21_474_836_480 });
  });
});

describe('duration', () => {
  test.each([
    ['0', 0],
    ['45', 45],
    ['45s', 45],
    ['90m', 5400],
    ['12h', 43_200],
    ['30 D', 2_592_000],
    ['1w', 604_800],
  ])('reads %j as %d seconds', (text, seconds) => {
    expect(duration.parse(text)).toBe(seconds);
  });

  test.each([
    ['', 'is empty'],
    ['-30d', 'is negative'],
    ['1.5h', 'has a fraction'],
    ['101 y', 'is not a length of time'],
    ['NaN', 'is not a length of time'],
    ['40000d', 'is longer than a hundred years'],
    ['1700000000000', 'is longer than a hundred years'],
  ])('refuses %j because it %s', (text, reason) => {
    expect(refusal(duration, text).message).toBe(reason);
  });
});
