/** The same with the centralized_db driver. */
import { rounds } from '../support/rounds.ts';
import { testPairs } from './neighbours-pairs.ts';

const actors = ['prune', 'clean', 'prefetch', 'delete', 'repair'];

testPairs({ driver: 'centralized_db', actors, rounds: rounds(1, 100) });
