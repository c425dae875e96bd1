/** The same with the xattr driver. */
import { rounds } from '../support/rounds.ts';
import { onAttributes } from '../support/xattr-rows.ts';
import { testPairs } from './neighbours-pairs.ts';

const actors = ['prune', 'clean', 'prefetch', 'delete', 'repair'];

onAttributes((parent) => testPairs({ driver: 'xattr', parent, actors, rounds: rounds(1, 100) }));
