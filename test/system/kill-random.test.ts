import { rounds } from '../support/rounds.ts';
import { testRandomKills } from './kill-random.ts';
import { LARGE_FETCH_JOB, LARGE_JOBS } from './large-jobs.ts';

testRandomKills([...LARGE_JOBS, LARGE_FETCH_JOB], rounds(45, 500));
