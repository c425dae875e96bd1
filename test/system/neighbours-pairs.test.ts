import { rounds } from '../support/rounds.ts';
import { testPairs, testTwins } from './neighbours-pairs.ts';

const actors = ['prune', 'clean', 'prefetch', 'queue', 'delete', 'delete all'];

testPairs({ driver: 'sqlite', actors, rounds: rounds(2, 100) });
testTwins({ driver: 'sqlite', rounds: rounds(5, 200) });
