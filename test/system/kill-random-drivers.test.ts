/**
 * The same with the drivers that keep rows elsewhere: with the files themselves, and in a database beside the cache.
 */
import { rounds } from '../support/rounds.ts';
import { onAttributes } from '../support/xattr-rows.ts';
import { testRandomKills } from './kill-random.ts';
import { largeJobsWith } from './large-jobs.ts';

onAttributes((parent) => testRandomKills(largeJobsWith('xattr'), rounds(15, 500), parent));
testRandomKills(largeJobsWith('centralized_db'), rounds(15, 500));
