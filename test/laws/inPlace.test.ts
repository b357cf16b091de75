import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsTarget } from '../../src/backends/js/js.ts';
import { interpretProgram } from '../../src/ir/loop/interpret.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { programs, type GraphOptions } from '../../src/testing/index.ts';
import { runs } from './runs.ts';

const byParts = 'parts of what is there';
/** programs of the sizes that results and parameters often share */
const kinds: readonly (readonly [string, GraphOptions])[] = [
  ['any operations', {}],
  ['functions and folds', { steps: 10, dtypes: ['f32'], ops: ['map', 'map', 'reduce', 'broadcastInDim', 'dotGeneral', 'gather', 'concatenate', 'reshape'] }],
  [byParts, { steps: 6, dtypes: ['f32'], ops: ['map', 'dynamicUpdateSlice', 'dynamicUpdateSlice', 'dynamicSlice', 'iota'] }],
];

it.each(kinds)('results written over donated parameters are the same bit for bit: %s', (kind, options) => {
  let overwritten = 0, inParts = 0;
  fc.assert(fc.property(programs(options), ({ module, args }) => {
    const graph = mainOf(module), plain = makePlan(graph, jsTarget), donated = makePlan(graph, jsTarget, new Set(graph.params));
    const [wanted, naive] = [plain, donated].map((plan) => realise(plan, jsTarget));
    const done = runLoopPasses(naive, loopPipeline(jsTarget), jsTarget, { verify: true });
    const [of, ...found] = [wanted, naive, done].map((program) => {
      const outputs = interpretProgram(program, new Map(program.inputs.map((name, i) => [name, args[i]])), { precision: 'f64', sizes: {} });
      return program.outputs.map((name) => Array.from(outputs.get(name) ?? []));
    });
    for (const results of found) expect(results).toEqual(of);
    overwritten += donated.inPlace.size;
    inParts += donated.groups.filter((g) => g.nest.kind === 'update').length;
  }), runs(400, 24));
  expect(overwritten).toBeGreaterThan(50);
  if (kind === byParts) expect(inParts).toBeGreaterThan(20);
});
