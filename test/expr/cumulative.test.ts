import { describe, expect, it } from 'vitest';
import { js, reference, wasm } from '../../src/backends/index.ts';
import { jsTarget } from '../../src/backends/js/js.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { arrayOf, compile, cumlogsumexp, cummax, cummin, cumprod, cumsum, f32, f64, fn, grad, mul, orThrow, sin, sum, type CumulativeOptions, type Tensor } from '../../src/index.ts';
import { pipelineOf } from '../../src/passes/graph/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { runPasses } from '../../src/passes/run.ts';
import { mainOf } from '../../src/testing/derivatives.ts';
import { checkGradients } from '../../src/testing/index.ts';

type V = Tensor<[number, number], 'f64'>;
const ways: readonly CumulativeOptions[] = [{}, { reverse: true }, { exclusive: true }, { reverse: true, exclusive: true }];
const functions = { cumsum, cumprod, cummax, cummin, cumlogsumexp } as const;
const of = (name: keyof typeof functions, options: CumulativeOptions, axis: 0 | 1) => (x: V): V => {
  // SAFETY: all of them take f64 of any shape
  const f = functions[name] as unknown as (x: V, axis: number, options: CumulativeOptions) => V;
  return f(x, axis, options);
};
const table = Float64Array.from({ length: 14 }, (_, i) => Math.sin(2.3 * i) * 1.5);
const slopes = (f: (x: V) => V, data: Float64Array, shape: readonly [number, number]): readonly number[] => {
  const program = fn([f64([...shape])], (x) => grad((y: V) => sum(mul(f(y), weights(shape))))(x));
  const all = [reference(), js(), wasm({ threads: 1 })].map((backend) => Array.from(orThrow(compile(program, { backend }))(arrayOf('f64', data, [...shape])).data));
  for (const got of all) got.forEach((g, i) => expect(g).toBeCloseTo(all[0][i], 10));
  return all[0];
};
const weights = (shape: readonly [number, number]): V => arrayOf('f64', Float64Array.from({ length: shape[0] * shape[1] }, (_, i) => i + 1), [...shape]);

describe('derivatives of cumulative functions', () => {
  // the extremes of nothing are infinite: no differences of those
  it.each(Object.keys(functions) as readonly (keyof typeof functions)[])('%s: differences, either way along either axis', (name) => {
    for (const axis of [0, 1] as const) for (const options of ways) {
      if (options.exclusive && !['cumsum', 'cumprod'].includes(name)) continue;
      const f = of(name, options, axis), { compared } = orThrow(checkGradients((x: V) => sum(sin(f(x))), [arrayOf('f64', table, [2, 7])]));
      expect(compared).toBeGreaterThan(10);
    }
  });
  it('of a product with zeros, by hand', () => {
    // y = (x0, x0x1, x0x1x2) weighted by 1, 2, 3 at (2, 0, 5): of x1 it is 2·2 + 3·2·5
    expect(slopes(of('cumprod', {}, 1), Float64Array.of(2, 0, 5), [1, 3])).toEqual([1, 34, 0]);
    expect(slopes(of('cumprod', { reverse: true }, 1), Float64Array.of(2, 0, 0), [1, 3])).toEqual([0, 0, 3]);
  });
  it('of equal extremes go to the first on the way', () => {
    expect(slopes(of('cummax', {}, 1), Float64Array.of(1, 1, 0, 1, 1), [1, 5])).toEqual([15, 0, 0, 0, 0]);
    expect(slopes(of('cummin', { reverse: true }, 0), Float64Array.of(3, 1, 1), [3, 1])).toEqual([0, 0, 6]);
  });
  it('of a sum of exponentials far apart are not lost', () => {
    const got = slopes(of('cumlogsumexp', {}, 1), Float64Array.of(-1000, 0, 1000), [1, 3]);
    expect(got).toEqual([1, 2, 3]);
  });
});

it('of 1000 elements is ten doublings, four in a kernel, not one kernel that computes each of them again', () => {
  const { module } = orThrow(lower(fn([f32([1000])], (x) => cumsum(x)), {}));
  const plan = makePlan(mainOf(runPasses(module, pipelineOf({ fast: false }))), jsTarget);
  expect(plan.groups.map((g) => g.members.length)).toEqual([4, 4, 2]);
});
