/**
 * The cases of `test/fault` with the centralized_db driver: statements on Glance's own database fail among the steps.
 */
import { FEW_INDEX_CASES } from '../crash/cases.ts';
import { testFaults } from '../fault/ports.ts';
import { IN_MEMORY } from '../support/temp-dir.ts';

testFaults({ driver: 'centralized_db', parent: IN_MEMORY, cases: FEW_INDEX_CASES });
