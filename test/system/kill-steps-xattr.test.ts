/**
 * The cases of `test/crash` with the xattr driver: a kill or a stop at any step, changes to attributes among them.
 */
import { FEW_INDEX_CASES, INDEX_CASES } from '../crash/cases.ts';
import { testKills } from '../crash/kill.ts';
import { testStops } from '../crash/stop.ts';
import { onAttributes } from '../support/xattr-rows.ts';

onAttributes((parent) => {
  testKills({ driver: 'xattr', parent, cases: FEW_INDEX_CASES });
  testStops({ driver: 'xattr', parent, cases: INDEX_CASES });
});
