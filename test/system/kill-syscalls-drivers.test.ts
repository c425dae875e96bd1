/**
 * The same with the drivers that keep rows elsewhere: with the files themselves, and in a database beside the cache.
 */
import { onAttributes } from '../support/xattr-rows.ts';
import { jobsWith } from './kill-jobs.ts';
import { testKills } from './kill-syscalls.ts';

onAttributes((parent) => testKills(jobsWith('xattr'), parent));
testKills(jobsWith('centralized_db'));
