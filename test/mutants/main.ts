import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { generator } from '../../src/testing/random.ts';
import { allMutants, sample, type Chosen } from './choose.ts';
import { createCopy, type Copy } from './copy.ts';
import { placeOf, readExplained, reportOf, showReport, type Judged } from './report.ts';
import { targets, type Target } from './targets.ts';

/** Whether the tests notice when the tables are wrong: mutants by seed, each run against the tests of its table in a copy. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = 0.95;

interface Options { readonly count: string; readonly seed: string; readonly jobs: string; readonly only?: string; readonly json?: string; readonly list?: boolean }

/** a mutant has six times as long as the tests take before it counts as hung; 0 where they fail without one, and say nothing */
const limitFor = async (copy: Copy, target: Target, limits: Map<string, number>): Promise<number> => {
  const known = limits.get(target.name);
  if (known !== undefined) return known;
  const { outcome, ms, output } = await copy.test(target.tests, 600_000), limit = outcome === 'survived' ? Math.max(30_000, 6 * ms) : 0;
  if (limit === 0) console.error(`the tests of ${target.name} fail without a mutant:\n${output}`);
  limits.set(target.name, limit);
  return limit;
};
const judgeAll = async (chosen: readonly Chosen[], jobs: number): Promise<readonly Judged[]> => {
  const queue = [...chosen], judged: Judged[] = [], limits = new Map<string, number>();
  const worker = async (): Promise<void> => {
    const copy = createCopy(root);
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const limit = await limitFor(copy, next.target, limits);
        if (limit === 0) { process.exitCode = 1; continue; }
        const { outcome: tested, ms } = await copy.test(next.target.tests, limit, next.mutant), outcome = tested === 'survived' && !(await copy.isTyped(next.mutant)) ? 'refused' : tested;
        judged.push({ ...next, outcome, ms });
        console.log(`${outcome.padEnd(9)} ${(ms / 1000).toFixed(1).padStart(5)} s  ${placeOf(next.mutant)} (${next.mutant.operator})  ${next.mutant.after.trim()}`);
      }
    } finally { copy.dispose(); }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return judged;
};

const main = async ({ count, seed, jobs, only, json, list }: Options): Promise<void> => {
  const all = allMutants(root, targets).filter((c) => only === undefined || c.target.name.includes(only) || c.mutant.file.includes(only));
  const chosen = sample(all, Number(count), generator(Number(seed)));
  console.log(`${chosen.length} of ${all.length} mutants, seed ${seed}`);
  if (list === true) { for (const { mutant } of chosen) console.log(`${placeOf(mutant)} (${mutant.operator})\n  ${mutant.before.trim()}\n  ${mutant.after.trim()}`); return; }
  const report = reportOf(Number(seed), await judgeAll(chosen, Number(jobs)), readExplained(fileURLToPath(new URL('survivors.json', import.meta.url))));
  console.log(showReport(report));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (report.rate < wanted) process.exitCode = 1;
};

const options = new Command('test:mutants')
  .description('mutates the tables of rules, rows and spellings, and counts the mutants that the tests kill')
  .option('--count <n>', 'how many mutants', '40')
  .option('--seed <n>', 'which ones', '1')
  .option('--jobs <n>', 'how many at a time', '2')
  .option('--only <text>', 'of tables or files whose name holds this')
  .option('--json <file>', 'write the report there')
  .option('--list', 'show the mutants, run nothing')
  .parse().opts<Options>();
await main(options);
