/**
 * `npm run bench`: the training step of fluxion's js backend and the step fused by hand, interleaved in one run.
 * Options: --sizes 784,128,128,10 --batch 128 --json FILE.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { js, jsTarget } from '../src/backends/js/js.ts';
import type { Handle } from '../src/backends/backend.ts';
import { defaultPipeline } from '../src/passes/graph/pipeline.ts';
import { loopPipeline, runLoopPasses } from '../src/passes/loop/pipeline.ts';
import { makePlan } from '../src/passes/plan/makePlan.ts';
import { realise } from '../src/passes/plan/realise/realise.ts';
import { runPasses } from '../src/passes/run.ts';
import { generator } from '../src/testing/graphs.ts';
import { trainingStep } from '../test/programs/tutorial.ts';
import { handStep, type Sizes } from './hand/mlp.ts';

const { values: options } = parseArgs({ options: { sizes: { type: 'string', default: '784,128,128,10' }, batch: { type: 'string', default: '128' }, json: { type: 'string' } }, allowPositionals: true });
const [d0, d1, d2, d3] = options.sizes.split(',').map(Number), sizes: Sizes = [d0, d1, d2, d3], batch = Number(options.batch);

const random = generator(7);
const lengths = [0, 1, 2].flatMap((i) => [sizes[i] * sizes[i + 1], sizes[i + 1]]);
const initial = lengths.map((n, i) => Float32Array.from({ length: n }, () => (i % 2 === 1 ? 0 : (random() - 0.5) * 0.15)));
const batches = Array.from({ length: 4 }, () => ({ x: Float32Array.from({ length: batch * d0 }, random), labels: Int32Array.from({ length: batch }, () => Math.floor(random() * d3)) }));

/** a subject runs one step on a fresh batch and gives the loss */
type Step = (at: number) => number;
const fluxion = (): Step => {
  const graph = runPasses(trainingStep(sizes, batch), defaultPipeline).graphs.get('main');
  if (graph === undefined) throw new Error('no main');
  const program = runLoopPasses(realise(makePlan(graph, jsTarget, new Set(graph.params.slice(2))), jsTarget), loopPipeline(jsTarget), jsTarget);
  const backend = js(), { memory } = backend, loaded = backend.load(program, backend.emit(program));
  const zeros = lengths.map((n) => memory.upload('f32', new Float32Array(n)));
  let state: readonly Handle[] = [memory.upload('i32', new Int32Array(1)), ...initial.map((w) => memory.upload('f32', w)), ...zeros, ...lengths.map((n) => memory.upload('f32', new Float32Array(n)))];
  return (at) => {
    const { x, labels } = batches[at % batches.length];
    const results = loaded.run([memory.borrow('f32', x), memory.borrow('i32', labels), ...state], { batch });
    state = results.slice(0, state.length);
    const [loss] = memory.read(results[state.length]);
    memory.free(results[state.length]);
    memory.free(results[state.length + 1]);
    return loss;
  };
};
const hand = (): Step => {
  const h = handStep(sizes, batch, Float32Array.from(initial.flatMap((w) => [...w])));
  return (at) => {
    h.x.set(batches[at % batches.length].x);
    h.labels.set(batches[at % batches.length].labels);
    return h.step().loss;
  };
};

const subjects = { fluxion: fluxion(), hand: hand() }, times = { fluxion: [] as number[], hand: [] as number[] };
let checked = true;
for (let i = 0; i < 10; i++) checked &&= Math.abs(subjects.fluxion(i) - subjects.hand(i)) < 1e-4;
for (let round = 0; round < 21; round++) for (const subject of ['fluxion', 'hand'] as const) {
  const start = performance.now();
  for (let i = 0; i < 8; i++) subjects[subject](i);
  times[subject].push((performance.now() - start) / 8);
}
const rows = (['fluxion', 'hand'] as const).map((subject) => {
  const t = [...times[subject]].sort((a, b) => a - b), at = (q: number): number => t[Math.floor(q * (t.length - 1))];
  return { workload: 'mnist-step', subject, backend: 'js', threads: 1, unit: 'ms', median: at(0.5), min: t[0], p25: at(0.25), p75: at(0.75), runs: t.length, foreign: null, checked };
});
for (const r of rows) console.log(`${r.workload} ${r.subject.padEnd(8)} ${r.median.toFixed(2)} ms (min ${r.min.toFixed(2)}, quartiles ${r.p25.toFixed(2)} to ${r.p75.toFixed(2)})`);
console.log(`fluxion / hand: ${(rows[0].median / rows[1].median).toFixed(2)}; results ${checked ? 'agree' : 'DIFFER'}`);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }, rows }, null, 2)}\n`);
process.exitCode = checked ? 0 : 1;
