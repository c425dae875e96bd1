/**
 * The same with the drivers that keep rows elsewhere: with the files themselves, and in a database beside the cache.
 */
import { ATTRIBUTES } from '../support/attributes.ts';
import { rounds } from '../support/rounds.ts';
import '../support/xattr-rows.ts';
import { testRandomKills } from './kill-random.ts';
import { largeJobsWith } from './large-jobs.ts';

testRandomKills([...largeJobsWith('xattr'), ...largeJobsWith('centralized_db')], rounds(25, 500), ATTRIBUTES.parent);
