/**
 * Whatever glance-api does to an image, done at every step of ours in turn, with the drivers whose rows it does not shut out.
 */
import { testInBetween } from '../neighbours/in-between.ts';
import { onAttributes } from '../support/xattr-rows.ts';

onAttributes((parent) => testInBetween({ driver: 'xattr', parent }));
testInBetween({ driver: 'centralized_db' });
