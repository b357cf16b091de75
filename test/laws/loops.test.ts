import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpujsTarget } from '../../src/backends/gpujs/gpujs.ts';
import { jsTarget } from '../../src/backends/js/js.ts';
import type { TypedArray } from '../../src/core/dtype.ts';
import type { Graph } from '../../src/ir/graph/syntax.ts';
import { interpretProgram } from '../../src/ir/loop/interpret.ts';
import type { Program } from '../../src/ir/loop/syntax.ts';
import { verifyProgram } from '../../src/ir/loop/verify.ts';
import type { Target } from '../../src/ir/target.ts';
import { loopPipeline } from '../../src/passes/loop/pipeline.ts';
import { restOf } from '../../src/passes/loop/splitFolds.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { programs } from '../../src/testing/index.ts';
import { expectWithin, fewSkipped, tally } from './meaning.ts';
import { runs } from './runs.ts';

const meaning = (program: Program, args: readonly TypedArray[]): readonly (readonly number[])[] => {
  const outputs = interpretProgram(program, new Map(program.inputs.map((name, i) => [name, args[i]])), { precision: 'f64', sizes: {} });
  return program.outputs.map((name) => Array.from(outputs.get(name) ?? []));
};

describe('the planner keeps the meaning of generated graphs', () => {
  for (const [target, stage] of [[jsTarget, 'naive'], [gpujsTarget, 'flat']] as const) {
    it(`at the ${stage} stage`, () => {
      const t = tally();
      fc.assert(fc.property(programs(), ({ module, args }) => {
        const program = realise(makePlan(mainOf(module), target), target);
        expect(verifyProgram(program, stage)).toEqual([]);
        expectWithin(module, args, meaning(program, args), { ulps: 8 }, t);
      }), runs(300, 11));
      fewSkipped(t);
    });
  }
});

/** After every pass the program verifies, and means the same bit for bit: sums keep their order, but for those of rows in blocks. */
const passesKeepMeaning = (graph: Graph, args: readonly TypedArray[], target: Target): void => {
  let program = realise(makePlan(graph, target), target), wanted = meaning(program, args);
  for (const pass of loopPipeline(target)) {
    program = pass.run(program, target);
    expect([pass.name, verifyProgram(program, pass.gives)]).toEqual([pass.name, []]);
    const now = meaning(program, args);
    if (pass.name === 'splitFolds' && [...program.kernels.keys()].some((id) => program.kernels.has(restOf(id)))) { expectClose(now, wanted); wanted = now; }
    expect([pass.name, now]).toEqual([pass.name, wanted]);
  }
};
/** as sums of doubles in another order are */
const expectClose = (found: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void => {
  const largest = wanted.flat().reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-6);
  const near = (x: number, y: number): boolean => Object.is(x, y) || Math.abs(x - y) <= 1e-9 * largest;
  expect(found.map((all, i) => all.length === wanted[i].length && all.every((x, j) => near(x, wanted[i][j])))).toEqual(wanted.map(() => true));
};
const targets: readonly Target[] = [jsTarget, { ...jsTarget, tile: { m: 3, n: 4, k: 1 } }, { ...jsTarget, tile: { m: 1, n: 2, k: 3 }, blocks: { work: 1, rows: 2 }, parts: { least: 4, steps: 2, sums: 2, bytes: 1 << 10 } }, gpujsTarget];
describe('loop passes keep the meaning of generated graphs', () => {
  for (const target of targets) it(`${target.name}, tiles of ${target.tile.m}×${target.tile.n} by ${target.tile.k}`, () => {
    fc.assert(fc.property(programs(), ({ module, args }) => passesKeepMeaning(mainOf(module), args, target)), runs(60, 12));
    // half of these are contractions and what stands around them
    fc.assert(fc.property(programs({ ops: ['dotGeneral', 'map', 'dotGeneral', 'reduce', 'transpose', 'pad', 'dotGeneral', 'scatter'], steps: 6 }), ({ module, args }) => passesKeepMeaning(mainOf(module), args, target)), runs(60, 13));
  });
});
