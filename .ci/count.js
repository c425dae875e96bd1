// Adds up the counts that the suites left in test-results/, and names each test that failed, so that the end of a long
// log tells what to look at. A suite that left no counts, or that failed without a failed test (it could not start),
// counts as one failure.
import { readFileSync } from 'node:fs';

const SUITES = ['unit', 'system', 'databases', 'openstack', 'bench'];

/** The failed tests of one suite's report: file, name and the beginning of what was expected. */
function tellFailures(suite, { testResults = [] }) {
  for (const { name: file, assertionResults, message } of testResults) {
    const failures = assertionResults.filter(({ status }) => status === 'failed');
    if (failures.length === 0 && message) console.log(`${suite}: failed: ${file}: ${message}`);
    for (const { fullName, failureMessages } of failures) {
      console.log(`${suite}: failed: ${file}: ${fullName}`);
      for (const text of failureMessages) console.log(text.split('\n').slice(0, 40).join('\n'));
    }
  }
}

let passed = 0;
let failed = 0;
for (const suite of SUITES) {
  try {
    const counts = JSON.parse(readFileSync(`test-results/${suite}.json`, 'utf8'));
    passed += counts.numPassedTests;
    failed += counts.numFailedTests;
    tellFailures(suite, counts);
  } catch (error) {
    console.log(`${suite}: no result: ${error.message}`);
    failed += 1;
  }
}
if (process.argv[2] === '1' && failed === 0) failed = 1;
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
