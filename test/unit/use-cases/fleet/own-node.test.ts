import { expect, test } from 'vitest';
import { isOwnNode, isOwnNodeUnknown } from '../../../../src/use-cases/fleet/own-node.ts';
import { emptyNode } from '../../../support/fleets.ts';

const URL_A = 'http://a:9292';
const NODES = [URL_A, 'http://b:9292'].map(emptyNode);

test('isOwnNode() goes by the text of the URL alone, and cannot tell where this node has none', () => {
  expect(isOwnNode(URL_A, URL_A)).toBe(true);
  expect(isOwnNode(URL_A, `${URL_A}/`)).toBe(false);
  expect(isOwnNode(URL_A, 'http://A:9292')).toBe(false);
  expect(isOwnNode(URL_A, undefined)).toBeUndefined();
});

test('isOwnNodeUnknown() finds a URL that no node has, and misses none where this node has none', () => {
  expect(isOwnNodeUnknown(NODES, URL_A)).toBe(false);
  expect(isOwnNodeUnknown(NODES, `${URL_A}/`)).toBe(true);
  expect(isOwnNodeUnknown([], URL_A)).toBe(true);
  expect(isOwnNodeUnknown(NODES, undefined)).toBe(false);
});
