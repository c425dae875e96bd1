/**
 * Whatever glance-api does to an image, done at every step of ours in turn, with the drivers whose rows it does not shut out.
 */
import { testInBetween } from '../neighbours/in-between.ts';
import { ATTRIBUTES } from '../support/attributes.ts';
import '../support/xattr-rows.ts';

testInBetween({ driver: 'xattr', parent: ATTRIBUTES.parent });
testInBetween({ driver: 'centralized_db' });
