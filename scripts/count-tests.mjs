// Prints what the last test run counted, alone on a line, and fails where anything failed or nothing ran.
import { readFileSync } from 'node:fs';

const { numPassedTests: passed, numFailedTests: failed, numFailedTestSuites: suites } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || suites > 0 || passed === 0 ? 1 : 0;
