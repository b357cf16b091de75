/**
 * `npm run bench -- [workload …]`: lanes of one workload interleaved in one run, a table, and with --json a report
 * `{ machine, rows }`. Without names every workload runs.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import type { Sizes } from './hand/mlp.ts';
import { effort, interleaved, type Row } from './measure.ts';
import { firstKernels } from './mnistCompile.ts';
import { drawn, stepLanes, stepTolerance, tutorial, type StepSizes } from './mnistStep.ts';

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
interface Options { readonly sizes?: Sizes; readonly batch: number; readonly seed: number; readonly json?: string; readonly quick?: true }

type Workload = (options: Options) => readonly Row[];
const steps: Workload = (o) => {
  const all: readonly StepSizes[] = o.sizes === undefined ? [tutorial, drawn(o.seed), drawn(o.seed + 1)] : [{ sizes: o.sizes, batch: o.batch }];
  return all.flatMap((s) => interleaved(s === tutorial ? 'mnist-step' : `mnist-step ${s.sizes.join('-')} batch ${s.batch}`, stepLanes(s), stepTolerance, effort(o.quick === true)));
};
const workloads: { readonly [name: string]: Workload } = { 'mnist-step': steps, 'mnist-compile': (o) => firstKernels(o.quick === true ? 3 : 9) };

const program = new Command('npm run bench --').argument('[workloads...]', Object.keys(workloads).join(', '), (name: string, before: readonly string[] | undefined) => {
  if (!Object.hasOwn(workloads, name)) throw new InvalidArgumentError(`the workloads are ${Object.keys(workloads).join(', ')}`);
  return [...(before ?? []), name];
})
  .option('--sizes <list>', 'of the layers, rather than the tutorial’s and two that are drawn', fourSizes)
  .option('--batch <n>', 'with --sizes', whole, tutorial.batch)
  .option('--seed <n>', 'what sizes are drawn', whole, Math.floor(Math.random() * 1_000_000) + 1)
  .option('--json <file>', 'writes the report')
  .option('--quick', 'fewer runs')
  .parse();
const options = program.opts<Options>(), named: readonly string[] = program.processedArgs[0] ?? [], chosen = named.length === 0 ? Object.keys(workloads) : named;

console.log(`seed ${options.seed}`);
const rows = chosen.flatMap((name) => workloads[name](options));
const width = Math.max(...rows.map((r) => r.workload.length));
for (const r of rows) console.log(`${r.workload.padEnd(width)}  ${`${r.subject} ${r.backend}`.padEnd(13)}  ${r.median.toFixed(2).padStart(8)} ms  (min ${r.min.toFixed(2)}, quartiles ${r.p25.toFixed(2)} to ${r.p75.toFixed(2)}; others used ${Math.round(100 * r.foreign)} % of the machine)${r.checked ? '' : '  RESULTS DIFFER'}`);
for (const hand of rows.filter((r) => r.subject === 'hand')) {
  for (const ours of rows.filter((r) => r.workload === hand.workload && r.subject === 'fluxion')) {
    console.log(`${hand.workload.padEnd(width)}  fluxion ${ours.backend} / hand ${hand.backend}  ${(ours.median / hand.median).toFixed(2)} (of the fastest runs ${(ours.min / hand.min).toFixed(2)})`);
  }
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory: totalmem(), node: process.version }, rows }, null, 2)}\n`);
if (rows.some((r) => !r.checked)) process.exitCode = 1;
