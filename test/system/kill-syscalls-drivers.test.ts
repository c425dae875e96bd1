/**
 * The same with the drivers that keep rows elsewhere: with the files themselves, and in a database beside the cache.
 */
import { ATTRIBUTES } from '../support/attributes.ts';
import '../support/xattr-rows.ts';
import { jobsWith } from './kill-jobs.ts';
import { testKills } from './kill-syscalls.ts';

testKills([...jobsWith('xattr'), ...jobsWith('centralized_db')], ATTRIBUTES.parent);
