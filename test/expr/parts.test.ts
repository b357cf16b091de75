import { describe, expect, it } from 'vitest';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, jsTarget } from '../../src/backends/js/js.ts';
import { reference, wasm } from '../../src/backends/index.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { add, array, compile, dynamicSlice, dynamicUpdateSlice, exp, f32, fn, grad, i32, intArray, mul, orThrow, scatterAdd, scatterSet, segmentMean, sum, takeAlong, type Tensor } from '../../src/index.ts';
import { pipelineOf } from '../../src/passes/graph/pipeline.ts';
import { makePlan } from '../../src/passes/plan/makePlan.ts';
import { runPasses } from '../../src/passes/run.ts';
import { mainOf } from '../../src/testing/derivatives.ts';

const kernelsOf = (f: unknown): number => makePlan(mainOf(runPasses(orThrow(lower(f, {})).module, pipelineOf({ fast: false }))), jsTarget).groups.length;
const twelve = Float32Array.from({ length: 12 }, (_, i) => i + 1);
const backends = [reference(), js(), wasm({ threads: 1 }), gpujs({ mode: 'cpu' })] as const;

describe('parts at computed starts', () => {
  it('are read where they are used, and written where they stand, in one kernel', () => {
    expect(kernelsOf(fn([f32([3, 8]), i32()], (x, i) => exp(dynamicSlice(x, [i, 2], [1, 4]))))).toBe(1);
    expect(kernelsOf(fn([f32([3, 8]), f32([1, 4]), i32()], (x, u, i) => mul(dynamicUpdateSlice(x, exp(u), [i, 0]), 2)))).toBe(1);
  });
  it.each(backends.map((b) => [b.name, b] as const))('and their gradients: %s', (_, backend) => {
    const program = fn([f32([3, 4]), f32([2, 2]), i32()], (x, u, i) => {
      const loss = (y: Tensor<[3, 4], 'f32'>, v: Tensor<[2, 2], 'f32'>): Tensor<[], 'f32'> => {
        const put = dynamicUpdateSlice(y, v, [i, add(i, 1)]), part = dynamicSlice(put, [0, i], [2, 2]);
        return sum(mul(part, part));
      };
      return grad((p: { y: Tensor<[3, 4], 'f32'>; v: Tensor<[2, 2], 'f32'> }) => loss(p.y, p.v))({ y: x, v: u });
    });
    // starts (1, 2) and (0, 1) of x = 1 … 12: the part is [[2, 3], [6, v00]]
    const got = orThrow(compile(program, { backend }))(array(twelve, [3, 4]), array(Float32Array.of(20, 30, 40, 50), [2, 2]), 1);
    expect(Array.from(got.y.data)).toEqual([0, 4, 6, 0, 0, 12, 0, 0, 0, 0, 0, 0]);
    expect(Array.from(got.v.data)).toEqual([40, 0, 0, 0]);
  });
});

describe('gradients of scatters', () => {
  const ids = intArray([1, 0, 1, 3], [4]);
  it.each(backends.map((b) => [b.name, b] as const))('go to the update that stayed, or to all that were added: %s', (_, backend) => {
    const weights = array(Float32Array.of(1, 10, 100), [3]);
    const of = (f: (p: { x: Tensor<[3], 'f32'>; u: Tensor<[4], 'f32'> }) => Tensor<unknown, 'f32'>): readonly (readonly number[])[] => {
      const program = fn([f32([3]), f32([4])], (x, u) => grad((p: { x: Tensor<[3], 'f32'>; u: Tensor<[4], 'f32'> }) => sum(mul(f(p) as Tensor<[3], 'f32'>, weights)))({ x, u }));
      const got = orThrow(compile(program, { backend }))(array(Float32Array.of(1, 2, 3), [3]), array(Float32Array.of(4, 5, 6, 7), [4]));
      return [Array.from(got.x.data), Array.from(got.u.data)];
    };
    expect(of(({ x, u }) => scatterSet(x, ids, u))).toEqual([[0, 0, 100], [0, 1, 10, 0]]);
    expect(of(({ x, u }) => scatterAdd(x, ids, u))).toEqual([[1, 10, 100], [10, 1, 10, 0]]);
    expect(of(({ u }) => segmentMean(u, ids, 3))).toEqual([[0, 0, 0], [5, 1, 5, 0]]);
    expect(of(({ u }) => takeAlong(u, intArray([1, 1, 3], [3]), 0))).toEqual([[0, 0, 0], [0, 11, 0, 100]]);
  });
});
