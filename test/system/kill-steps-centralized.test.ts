/**
 * The cases of `test/crash` with the centralized_db driver: a kill or a stop at any step, statements among them.
 */
import { FEW_INDEX_CASES, INDEX_CASES } from '../crash/cases.ts';
import { testKills } from '../crash/kill.ts';
import { testStops } from '../crash/stop.ts';

testKills({ driver: 'centralized_db', cases: FEW_INDEX_CASES });
testStops({ driver: 'centralized_db', cases: INDEX_CASES });
