/**
 * The cases of `test/fault` with the centralized_db driver: statements on Glance's own database fail among the steps.
 */
import { INDEX_CASES } from '../crash/cases.ts';
import { testFaults } from '../fault/ports.ts';

testFaults({ driver: 'centralized_db', cases: INDEX_CASES });
