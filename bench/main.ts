/**
 * `npm run bench -- [workload …]`: the lanes of each workload interleaved in one run, a table, and with --json a report
 * `{ machine, rows }`. Without names every workload runs.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { barChart } from './chart.ts';
import { effort, interleaved, type Row } from './measure.ts';
import { firstKernels } from './mnistCompile.ts';
import { createPeers, installPeers, type Peers } from './peers/peers.ts';
import type { Sizes } from './problems.ts';
import { leftOutLine, ratios, reportOf, table } from './report.ts';
import { tutorial, workloads, type Entry } from './workloads.ts';

const whole = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError('a whole number from 1 on is wanted');
  return n;
};
const fourSizes = (text: string): Sizes => {
  const [a, b, c, d, ...more] = text.split(',').map(whole);
  if (d === undefined || more.length > 0) throw new InvalidArgumentError('four sizes are wanted: 300,200,50,7');
  return [a, b, c, d];
};
interface Options { readonly sizes?: Sizes; readonly batch: number; readonly seed: number; readonly json?: string; readonly svg?: string; readonly quick?: true; readonly peers: boolean }

const compileName = 'mnist-compile', names = [...Object.keys(workloads), compileName];
const program = new Command('npm run bench --').argument('[workloads...]', names.join(', '), (name: string, before: readonly string[] | undefined) => {
  if (!names.includes(name)) throw new InvalidArgumentError(`the workloads are ${names.join(', ')}`);
  return [...(before ?? []), name];
})
  .option('--sizes <list>', 'of mnist-step’s layers, rather than the tutorial’s and two that are drawn', fourSizes)
  .option('--batch <n>', 'with --sizes', whole, tutorial.batch)
  .option('--seed <n>', 'what sizes are drawn', whole, Math.floor(Math.random() * 1_000_000) + 1)
  .option('--json <file>', 'writes the report')
  .option('--svg <file>', 'draws the medians')
  .option('--quick', 'shorter runs')
  .option('--no-peers', 'without other libraries')
  .parse();
const options = program.opts<Options>(), given: readonly string[] = program.processedArgs[0] ?? [], chosen = given.length === 0 ? names : given;

console.log(`seed ${options.seed}; before, ${loadavg()[0].toFixed(1)} processes were busy`);
const peers: Peers | undefined = options.peers && chosen.some((name) => name !== compileName) && installPeers(console.log) ? createPeers() : undefined;
/** with lanes of the libraries, here and where it has less data */
const withPeers = (entry: Entry): Entry => {
  const { problem, lanes, fewer } = entry;
  return peers === undefined || problem === undefined ? entry : { ...entry, lanes: [...lanes, ...peers.lanes(problem)], ...(fewer !== undefined && { fewer: withPeers(fewer) }) };
};
const all: Row[] = [];
const show = (rows: readonly Row[], name?: (row: Row) => string): void => { all.push(...rows); console.log(table(rows, name)); for (const line of ratios(rows)) console.log(line); };
for (const name of chosen) {
  if (name === compileName) { console.log(`\n${name}`); show(firstKernels(options.quick === true ? 3 : 9), (row) => row.workload); continue; }
  for (const workload of workloads[name](options).map(withPeers)) {
    console.log(`\n${workload.name}${workload.fewer === undefined ? '' : ` (checked against the reference with ${workload.fewer.name}, and lane by lane with all)`}`);
    const { rows, leftOut } = await interleaved(workload, effort(options.quick === true));
    show(rows);
    if (workload.note !== undefined && rows.some((r) => r.checked)) console.log(`  ${workload.note(rows)}`);
    for (const out of leftOut) console.log(leftOutLine(out));
  }
}
peers?.close();
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(reportOf(all), null, 2)}\n`);
if (options.svg !== undefined) writeFileSync(options.svg, barChart('Times as multiples of the fastest', all));
if (all.some((r) => !r.checked)) process.exitCode = 1;
