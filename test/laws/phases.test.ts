import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wasmTarget } from '../../src/backends/wasm/wasm.ts';
import type { TypedArray } from '../../src/core/dtype.ts';
import { interpretProgram } from '../../src/ir/loop/interpret.ts';
import type { Program } from '../../src/ir/loop/syntax.ts';
import type { Target } from '../../src/ir/target.ts';
import { defaultPipeline } from '../../src/passes/graph/pipeline.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { restOf } from '../../src/passes/loop/splitFolds.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { runPasses } from '../../src/passes/run.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { everyOp } from '../../src/testing/graphs.ts';
import { programs } from '../../src/testing/index.ts';
import { inThreads } from '../passes/loop/inThreads.ts';
import { runs } from './runs.ts';

/** whatever can be divided is */
const target: Target = { ...wasmTarget, blocks: { work: 1, rows: 2 } };
const orders = [[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0], [3, 0, 6, 1, 7, 2, 5, 4]];

it('threads between two barriers may run in any order', () => {
  let grids = 0, barriers = 0, folds = 0;
  fc.assert(fc.property(programs({ ops: everyOp }), ({ module, args }) => {
    const optimised = runPasses(module, defaultPipeline), graph = mainOf(optimised), program = runLoopPasses(realise(makePlan(graph, target, new Set(), [], optimised), target), loopPipeline(target), target, { verify: true });
    const inputs = new Map(program.inputs.map((id, i): [string, TypedArray] => [id, args[i]]));
    const results = (p: Program): readonly (readonly number[])[] => { const all = interpretProgram(p, inputs, { precision: 'native' }); return p.outputs.map((id) => Array.from(all.get(id) ?? [])); };
    const wanted = results(program);
    for (const order of orders) expect(results(inThreads(program, order))).toEqual(wanted);
    grids += [...program.kernels.values()].filter((k) => k.body.some((s) => s.kind === 'for' && s.mode.at === 'grid')).length;
    folds += [...program.kernels.keys()].filter((id) => program.kernels.has(restOf(id))).length;
    barriers += program.steps.filter((s) => s.kind === 'barrier').length;
  }), runs(150, 31));
  expect([grids > 100, barriers > 25, folds > 10]).toEqual([true, true, true]);
});
