import { describe, expect, it } from 'vitest';
import { handStep, type Sizes } from '../../bench/hand/mlp.ts';
import { gpujsTarget } from '../../src/backends/gpujs/gpujs.ts';
import { js, jsTarget } from '../../src/backends/js/js.ts';
import type { Handle } from '../../src/backends/backend.ts';
import type { Graph, Node } from '../../src/ir/graph/syntax.ts';
import { defaultPipeline } from '../../src/passes/graph/pipeline.ts';
import { loopPipeline, runLoopPasses } from '../../src/passes/loop/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { realise } from '../../src/passes/plan/realise/realise.ts';
import { runPasses } from '../../src/passes/run.ts';
import { generator } from '../../src/testing/graphs.ts';
import { trainingStep } from './tutorial.ts';

const mainOf = (widths: Sizes, batch: number): Graph => {
  const graph = runPasses(trainingStep(widths, batch), defaultPipeline, { verify: true }).graphs.get('main');
  if (graph === undefined) throw new Error('no main');
  return graph;
};
const stateOf = (graph: Graph): ReadonlySet<Node> => new Set(graph.params.slice(2));

describe("the tutorial's training step", () => {
  const graph = mainOf([784, 128, 128, 10], 128), plan = makePlan(graph, jsTarget, stateOf(graph));

  it('is ten kernels of loops, and thirty-seven flat ones', () => {
    expect(plan.groups).toHaveLength(10);
    expect(makePlan(graph, gpujsTarget).groups).toHaveLength(37);
  });

  it('takes softmax, cross-entropy, their gradient and the metrics in one kernel', () => {
    const rows = plan.groups.filter((g) => g.nest.kind === 'rows' && g.members.some((n) => n.op === 'map' && n.attrs.fn === 'exp'));
    expect(rows).toHaveLength(1);
    const monoids = rows[0].members.flatMap((n) => (n.op === 'reduce' ? [n.attrs.monoid] : []));
    expect(monoids).toEqual(expect.arrayContaining(['max', 'add', 'argMax']));
  });

  it('overwrites all its state in place', () => expect(plan.inPlace.size).toBe(19));

  it('stores nothing larger than a layer or its weights', () => {
    const program = runLoopPasses(realise(plan, jsTarget), loopPipeline(jsTarget), jsTarget, { verify: true });
    const largest = Math.max(...[...program.buffers.values()].filter((b) => b.role === 'temporary').map((b) => b.layout.size));
    expect(largest).toBe(128 * 128);
  });
});

describe('a training step on js', () => {
  for (const [widths, batch, used] of [[[12, 8, 6, 4], 10, 10], [[7, 5, 3, 3], 9, 4]] as const) {
    it(`${widths.join('-')} with ${used} of a batch of ${batch} equals the step written by hand`, () => {
      const backend = js(), graph = mainOf(widths, batch), { memory } = backend;
      const program = runLoopPasses(realise(makePlan(graph, jsTarget, stateOf(graph)), jsTarget), loopPipeline(jsTarget), jsTarget, { verify: true });
      const loaded = backend.load(program, backend.emit(program)), random = generator(3);
      const lengths = [0, 1, 2].flatMap((i) => [widths[i] * widths[i + 1], widths[i + 1]]);
      const initial = lengths.map((n, i) => Float32Array.from({ length: n }, () => (i % 2 === 1 ? 0 : random() - 0.5)));
      const x = Float32Array.from({ length: batch * widths[0] }, random), labels = Int32Array.from({ length: batch }, () => Math.floor(random() * widths[3]));
      const hand = handStep(widths, used, Float32Array.from(initial.flatMap((w) => [...w])));
      hand.x.set(x.subarray(0, used * widths[0]));
      hand.labels.set(labels.subarray(0, used));
      const zeros = (): readonly Handle[] => lengths.map((n) => memory.upload('f32', new Float32Array(n)));
      let state: readonly Handle[] = [memory.upload('i32', new Int32Array(1)), ...initial.map((w) => memory.upload('f32', w)), ...zeros(), ...zeros()];
      for (let step = 0; step < 8; step++) {
        const results = loaded.run([memory.borrow('f32', x), memory.borrow('i32', labels), ...state], { batch: used });
        state = results.slice(0, 19);
        const wanted = hand.step();
        expect(Math.abs(memory.read(results[19])[0] - wanted.loss)).toBeLessThan(1e-5);
        expect(memory.read(results[20])[0]).toBe(wanted.correct);
      }
    });
  }
});
