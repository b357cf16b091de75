import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wasmTarget } from '../../src/backends/wasm/wasm.ts';
import type { TypedArray } from '../../src/core/dtype.ts';
import type { Target } from '../../src/ir/target.ts';
import { defaultPipeline } from '../../src/passes/graph/pipeline.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { runPasses } from '../../src/passes/run.ts';
import { mainOf, type Kind } from '../../src/testing/derivatives.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { programs } from '../../src/testing/index.ts';
import { bits } from '../backends/wasm/bits.ts';
import { alone, machine, results, running } from '../backends/wasm/threaded.ts';
import { derived, type Given } from './derived.ts';
import { runs } from './runs.ts';
import { differentiable } from './smooth.ts';

/** whatever can be divided is */
const target: Target = { ...wasmTarget, blocks: { work: 1, rows: 2 } };

const derivatives = (...kinds: readonly Kind[]): fc.Arbitrary<Given> => differentiable({ steps: 6 }).map((program) => derived(program, kinds));
const sources: readonly (readonly [string, fc.Arbitrary<Given>, runs: number, divided: number])[] = [
  ['generated programs', programs({ ops: everyOp }), 40, 20], ['their gradients', derivatives('vjp'), 20, 10],
  ['their second derivatives', derivatives('vjp', 'vjp'), 20, 10], ['derivatives of gradients along a direction', derivatives('vjp', 'jvp'), 20, 10],
];

it.each(sources)('any number of threads gives the same bits: %s', async (_, given, numRuns, least) => {
  const one = alone(), several = [2, 3].map((threads) => ({ threads, m: machine(threads) }));
  let divided = 0;
  await fc.assert(fc.asyncProperty(given, async ({ module, args }) => {
    const optimised = runPasses(module, defaultPipeline), graph = mainOf(optimised), program = runLoopPasses(realise(makePlan(graph, target, new Set(), [], optimised), target), loopPipeline(target), target, { verify: false });
    const inputs = new Map(program.inputs.map((id, i): [string, TypedArray] => [id, args[i]])), single = one.load(program), wanted = bits(results(one, program, single, inputs));
    single.dispose();
    if (![...program.kernels.values()].some((k) => k.body.some((s) => s.kind === 'for' && s.mode.at === 'grid'))) return;
    divided++;
    for (const { threads, m } of several) {
      const loaded = m.load(program);
      await running(threads, m.said);
      for (let i = 0; i < 2; i++) expect(bits(results(m, program, loaded, inputs))).toEqual(wanted);
      loaded.dispose();
    }
  }), runs(numRuns, 32));
  expect(divided).toBeGreaterThan(least);
  for (const { m } of several) for (const worker of m.workers) worker.end();
}, 180_000);
