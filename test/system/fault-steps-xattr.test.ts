/**
 * The cases of `test/fault` with the xattr driver: calls on attributes fail among the steps.
 */
import { INDEX_CASES } from '../crash/cases.ts';
import { testFaults } from '../fault/ports.ts';
import { onAttributes } from '../support/xattr-rows.ts';

onAttributes((parent) => testFaults({ driver: 'xattr', parent, cases: INDEX_CASES }));
