/**
 * The cases of `test/fault` with the xattr driver: calls on attributes fail among the steps.
 */
import { INDEX_CASES } from '../crash/cases.ts';
import { testFaults } from '../fault/ports.ts';
import { ATTRIBUTES } from '../support/attributes.ts';
import '../support/xattr-rows.ts';

testFaults({ driver: 'xattr', parent: ATTRIBUTES.parent, cases: INDEX_CASES });
