// Every check, one command: types, lint (which holds the floors) and tests. All of them run, whichever fails first.
// The last line counts tests and checks together: `N passed, N failed`. What is given after `npm test --` goes to vitest.
//   FLUXION_REQUIRE_GL=1   tests that need a GL context fail where there is none, instead of being skipped
//   FLUXION_REQUIRE_BROWSER=1   the same of tests that need a chromium
//   FLUXION_CHECK_PACK=1   also packs, lints and installs the package, and trains with it
//   FLUXION_MUTANTS=4      also tries so many mutants of the tables: the tests must notice them
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (command, args) => {
  console.log(`\n> ${[command, ...args].join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
};

const check = (name, ok) => ({ name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

const vitest = () => {
  const folder = mkdtempSync(join(tmpdir(), 'fluxion-test-'));
  const file = join(folder, 'report.json');
  const ok = run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...process.argv.slice(2)]);
  try { return counts(JSON.parse(readFileSync(file, 'utf8')), ok); }
  catch { return { name: 'tests', passed: 0, failed: 1, skipped: 0 }; } // it ended before it could report
  finally { rmSync(folder, { recursive: true, force: true }); }
};

const counts = (report, ok) => {
  // a file that cannot be loaded has no tests to fail: it counts as one
  const broken = report.testResults.filter((f) => f.status === 'failed' && !f.assertionResults.some((t) => t.status === 'failed')).length;
  const failed = report.numFailedTests + broken;
  return {
    name: 'tests', passed: report.numPassedTests, skipped: report.numPendingTests + report.numTodoTests,
    failed: failed === 0 && !ok ? 1 : failed, // an error outside of any test
  };
};

const results = [
  check('types', run('npx', ['tsc', '-p', 'tsconfig.json'])),
  check('lint', run('npx', ['oxlint', '--deny-warnings'])),
  check('unused files, exports and dependencies', run('npx', ['knip'])),
  ...(process.env.FLUXION_CHECK_PACK === '1' ? [check('package', run('node', ['scripts/check-pack.mjs']))] : []),
  vitest(),
  ...(process.env.FLUXION_MUTANTS ? [check('mutants', run('npx', ['tsx', 'test/mutants/main.ts', '--count', process.env.FLUXION_MUTANTS, '--seed', '4']))] : []),
];
const sum = (key) => results.reduce((n, r) => n + r[key], 0);

console.log();
for (const r of results) console.log(`${r.name}: ${r.passed} passed, ${r.failed} failed${r.skipped ? ` (${r.skipped} skipped)` : ''}`);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
