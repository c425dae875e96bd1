/** The same with the xattr driver. */
import { ATTRIBUTES } from '../support/attributes.ts';
import { rounds } from '../support/rounds.ts';
import '../support/xattr-rows.ts';
import { testPairs } from './neighbours-pairs.ts';

const actors = ['prune', 'clean', 'prefetch', 'delete', 'repair'];

testPairs({ driver: 'xattr', parent: ATTRIBUTES.parent, actors, rounds: rounds(1, 100) });
