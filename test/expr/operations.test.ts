import { describe, expect, it } from 'vitest';
import * as t from 'fluxion';
import type { Tensor } from 'fluxion';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, reference, wasm } from '../../src/backends/index.ts';
import { close, floats, run, shapeOf, valueOf } from './run.ts';

const a23 = t.array([1, 2, 3, 4, 5, 6], [2, 3]);

describe('elementwise operations', () => {
  const cases: readonly (readonly [string, () => Tensor<unknown>, readonly number[]])[] = [
    ['add broadcasts as NumPy', () => t.add(t.array([1, 2], [2, 1]), t.array([10, 20, 30], [3])), [11, 21, 31, 12, 22, 32]],
    ['a number on the left', () => t.sub(1, t.array([1, 2, 3], [3])), [0, -1, -2]],
    ['a number on the right', () => t.div(t.array([1, 2, 3], [3]), 2), [0.5, 1, 1.5]],
    ['integers divide toward zero', () => t.div(t.intArray([-7, 7], [2]), 2), [-3, 3]],
    ['rem keeps the dividend’s sign', () => t.rem(t.intArray([-7, 7], [2]), 3), [-1, 1]],
    ['pow', () => t.pow(t.array([2, 3], [2]), 2), [4, 9]],
    ['maximum and minimum', () => t.minimum(t.maximum(t.array([-2, 0, 2], [3]), -1), 1), [-1, 0, 1]],
    ['clamp', () => t.clamp(t.array([-2, 0.5, 2], [3]), 0, 1), [0, 0.5, 1]],
    ['relu', () => t.relu(t.array([-1, 0, 2], [3])), [0, 0, 2]],
    ['where', () => t.where(t.greater(t.array([1, -1], [2]), 0), t.array([5, 6], [2]), 0), [5, 0]],
    ['comparison gives 0 and 1', () => t.lessEqual(t.array([1, 2, 3], [3]), 2), [1, 1, 0]],
    ['logic', () => t.logicalXor(t.arrayOf('bool', [true, true, false], [3]), t.logicalNot(t.arrayOf('bool', [true, false, true], [3]))), [1, 0, 0]],
    ['convert to integers', () => t.convert(t.array([1.9, -1.9], [2]), 'i32'), [1, -1]],
    ['square and neg', () => t.neg(t.square(t.array([3], [1]))), [-9]],
    ['softplus of 1000 and −1000', () => t.softplus(t.array([1000, -1000, 0], [3])), [1000, 0, Math.fround(Math.log(2))]],
    ['logSigmoid of −1000', () => t.logSigmoid(t.array([-1000], [1])), [-1000]],
    ['silu', () => t.silu(t.array([0, 2], [2])), [0, 2 / (1 + Math.exp(-2))]],
    ['gelu by erf: x Φ(x); Φ(1) = 0.8413447', () => t.gelu(t.array([1], [1])), [0.8413447]],
    ['gelu by tanh (Hendrycks and Gimpel)', () => t.gelu(t.array([1], [1]), { approximate: 'tanh' }), [0.841192]],
    ['elu', () => t.elu(t.array([-1, 2], [2])), [Math.expm1(-1), 2]],
    ['leakyRelu', () => t.leakyRelu(t.array([-1, 2], [2]), 0.1), [-0.1, 2]],
    ['selu', () => t.selu(t.array([-1, 1], [2])), [1.0507009873554805 * 1.6732632423543772 * Math.expm1(-1), 1.0507009873554805]],
    ['step', () => t.step(t.array([-1, 0, 2], [3])), [0, 1, 1]],
    ['mish of 1: tanh(log(1 + e))', () => t.mish(t.array([1], [1])), [Math.tanh(Math.log(1 + Math.E))]],
    ['hardSwish', () => t.hardSwish(t.array([-4, 0, 3, 5], [4])), [0, 0, 3, 5]],
  ];
  for (const [name, make, wanted] of cases) it(name, () => { expect(valueOf(make)).toSatisfy((got: readonly number[]) => close(got, wanted, 1e-5)); });
});

describe('an index that i32 does not hold', () => {
  const x = t.array([1, 2, 3], [3]), beyond = t.arrayOf('u32', [4294967295, 2147483648, 2147483647, 1, 0], [5]), last = [3, 3, 3, 2, 1];
  it.each([['reference', reference()], ['js', js()], ['wasm', wasm({ threads: 1 })], ['gpujs', gpujs({ mode: 'cpu' })]] as const)('lies beyond the table, on %s', (name, backend) => {
    // gpu.js has no integers of 2²⁴ and more in its memory
    const ids = name === 'gpujs' ? t.arrayOf('u32', [16777215, 5, 3, 1, 0], [5]) : beyond;
    const f = t.orThrow(t.compile(t.fn([t.f32([3]), t.u32([5])], (v, i) => [t.take(v, i), t.takeAlong(v, i, 0), t.grad((u: typeof v) => t.sum(t.take(u, i)))(v)] as const), { backend }));
    expect(f(x, ids).map((r) => Array.from(r.data))).toEqual([last, last, [1, 1, 3]]);
  });
  it('also among examples that have a table each', () => {
    const f = (v: Tensor<[3], 'f32'>, i: Tensor<[5], 'u32'>) => [t.take(v, i), t.takeAlong(v, i, 0)] as const, [rows, along] = t.orThrow(t.compute(t.vmap(f, 2)(t.stack([x, x]), t.stack([beyond, beyond]))));
    expect([Array.from(rows.data), Array.from(along.data)]).toEqual([[...last, ...last], [...last, ...last]]);
  });
});

describe('shape operations', () => {
  const cases: readonly (readonly [string, () => Tensor<unknown>, readonly number[], readonly number[]])[] = [
    ['reshape with -1', () => t.reshape(a23, [3, -1]), [3, 2], [1, 2, 3, 4, 5, 6]],
    ['transpose', () => t.transpose(a23), [3, 2], [1, 4, 2, 5, 3, 6]],
    ['permute', () => t.permute(t.reshape(a23, [1, 2, 3]), [2, 0, 1]), [3, 1, 2], [1, 4, 2, 5, 3, 6]],
    ['broadcastTo', () => t.broadcastTo(t.array([1, 2], [2, 1]), [2, 2]), [2, 2], [1, 1, 2, 2]],
    ['expandDims, squeeze', () => t.squeeze(t.expandDims(a23, 1), 1), [2, 3], [1, 2, 3, 4, 5, 6]],
    ['slice from the end', () => t.slice(a23, 1, -2, 3), [2, 2], [2, 3, 5, 6]],
    ['slice with a stride', () => t.slice(a23, 1, 0, 3, 2), [2, 2], [1, 3, 4, 6]],
    ['splitAt', () => t.splitAt(a23, 1, [1, 2])[1], [2, 2], [2, 3, 5, 6]],
    ['pad', () => t.pad(t.array([1, 2], [2]), [1], [0], { value: 9, interior: [1] }), [4], [9, 1, 9, 2]],
    ['reverse', () => t.reverse(a23, 1), [2, 3], [3, 2, 1, 6, 5, 4]],
    ['concat', () => t.concat([a23, t.array([7, 8], [2, 1])], 1), [2, 4], [1, 2, 3, 7, 4, 5, 6, 8]],
    ['stack on the last axis', () => t.stack([t.array([1, 2], [2]), t.array([3, 4], [2])], 1), [2, 2], [1, 3, 2, 4]],
    ['take rows, clamped', () => t.take(a23, t.intArray([1, 0, 7], [3])), [3, 3], [4, 5, 6, 1, 2, 3, 4, 5, 6]],
    ['oneHot', () => t.oneHot(t.intArray([2, 0, 5], [3]), 3), [3, 3], [0, 0, 1, 1, 0, 0, 0, 0, 0]],
    ['pick', () => t.pick(a23, t.intArray([2, 0], [2])), [2], [3, 4]],
    ['iota', () => t.iota(3), [3], [0, 1, 2]],
    ['assertShape', () => t.assertShape(a23, [2, 3]), [2, 3], [1, 2, 3, 4, 5, 6]],
  ];
  for (const [name, make, shape, wanted] of cases) {
    it(name, () => {
      expect(valueOf(make)).toEqual(wanted);
      expect(shapeOf(make)).toEqual(shape);
      expect(make().shape).toEqual(shape);
    });
  }
});

describe('reductions', () => {
  const cases: readonly (readonly [string, () => Tensor<unknown>, readonly number[], readonly number[]])[] = [
    ['sum of all', () => t.sum(a23), [], [21]],
    ['sum along one', () => t.sum(a23, 0), [3], [5, 7, 9]],
    ['mean keeps dims', () => t.mean(a23, -1, { keepdims: true }), [2, 1], [2, 5]],
    ['max of several', () => t.max(t.reshape(a23, [1, 2, 3]), [0, 2]), [2], [3, 6]],
    ['min', () => t.min(a23, 0), [3], [1, 2, 3]],
    ['prod', () => t.prod(a23, 1), [2], [6, 120]],
    ['all, any', () => t.logicalAnd(t.all(t.greater(a23, 0)), t.any(t.greater(a23, 5))), [], [1]],
    ['argmax, the first of equals', () => t.argmax(t.array([1, 3, 3, 2], [4]), 0), [], [1]],
    ['argmin', () => t.argmin(a23, 1), [2], [0, 0]],
    ['variance', () => t.variance(t.array([1, 2, 3, 4], [4])), [], [1.25]],
    ['logSumExp of large numbers', () => t.logSumExp(t.array([1000, 1000], [2])), [], [Math.fround(1000 + Math.log(2))]],
    ['logSumExp of −∞ alone', () => t.logSumExp(t.array([-Infinity, -Infinity], [2])), [], [-Infinity]],
    ['logSumExp keeps dims', () => t.logSumExp(t.zeros([2, 2]), -1, { keepdims: true }), [2, 1], [Math.fround(Math.log(2)), Math.fround(Math.log(2))]],
    ['softmax', () => t.softmax(t.array([0, Math.log(3)], [1, 2])), [1, 2], [0.25, 0.75]],
    ['softmax along a given axis', () => t.softmax(t.zeros([2, 1]), 0), [2, 1], [0.5, 0.5]],
    ['logSoftmax', () => t.logSoftmax(t.array([1000, 0], [2])), [2], [0, -1000]],
  ];
  for (const [name, make, shape, wanted] of cases) {
    it(name, () => {
      expect(valueOf(make)).toSatisfy((got: readonly number[]) => close(got, wanted));
      expect(shapeOf(make)).toEqual(shape);
      expect(make().shape).toEqual(shape);
    });
  }
});

describe('contractions', () => {
  const b32 = t.array([1, 0, 0, 1, 1, 1], [3, 2]);
  const cases: readonly (readonly [string, () => Tensor<unknown>, readonly number[], readonly number[]])[] = [
    ['matmul', () => t.matmul(a23, b32), [2, 2], [4, 5, 10, 11]],
    ['batched, the batch broadcast', () => t.matmul(t.reshape(a23, [1, 2, 3]), t.stack([b32, t.zeros([3, 2])])), [2, 2, 2], [4, 5, 10, 11, 0, 0, 0, 0]],
    ['matrix times batch', () => t.matmul(a23, t.reshape(b32, [1, 3, 2])), [1, 2, 2], [4, 5, 10, 11]],
    ['dotGeneral', () => t.dotGeneral(a23, a23, { batch: [[0], [0]], contract: [[1], [1]] }), [2], [14, 77]],
    ['einsum as matmul, transposed', () => t.einsum('ij,jk->ki', a23, b32), [2, 2], [4, 10, 5, 11]],
    ['einsum of three', () => t.einsum('ij,jk,k->i', a23, b32, t.array([1, 2], [2])), [2], [14, 32]],
    ['einsum sums what it alone has', () => t.einsum('ij,k->i', a23, t.array([1, 2], [2])), [2], [18, 45]],
    ['diagonal', () => t.einsum('ii->i', t.array([1, 2, 3, 4], [2, 2])), [2], [1, 4]],
    ['trace', () => t.einsum('ii->', t.array([1, 2, 3, 4], [2, 2])), [], [5]],
    ['outer product', () => t.einsum('i,j->ij', t.array([1, 2], [2]), t.array([3, 4], [2])), [2, 2], [3, 4, 6, 8]],
  ];
  for (const [name, make, shape, wanted] of cases) {
    it(name, () => {
      expect(valueOf(make)).toEqual(wanted);
      expect(shapeOf(make)).toEqual(shape);
      expect(make().shape).toEqual(shape);
    });
  }
});

describe('named dimensions', () => {
  const f = t.fn([t.f32(['batch', 2, 3])], (x) => ({
    flat: t.reshape(x, ['batch', -1]), rows: t.reshape(x, [-1, 3]), mean: t.mean(x), last: t.slice(x, 'batch', -1, Infinity), rest: t.slice(x, 'batch', 0, -1),
    twice: t.concat([x, x], 0), count: t.sum(t.normal(t.key(0), ['batch', 2])),
  }));
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  it('are bound to a size', () => {
    const [flat, rows, mean, last, rest, twice] = run(f, [data], { dims: { batch: 2 } });
    expect([flat.shape, rows.shape, last.shape, rest.shape, twice.shape]).toEqual([[2, 6], [4, 3], [1, 2, 3], [1, 2, 3], [4, 2, 3]]);
    expect([mean.data[0], Array.from(last.data), Array.from(twice.data.slice(12))]).toEqual([5.5, [6, 7, 8, 9, 10, 11], Array.from(data)]);
  });
  it('are shown as they were computed', () => {
    expect([f.result.flat.shape, f.result.rows.shape, f.result.rest.shape, f.result.twice.shape]).toEqual([['batch', 6], ['2*batch', 3], ['batch-1', 2, 3], ['batch+batch', 2, 3]]);
  });
  it('with a maximum stay dynamic: means divide by the real size', () => {
    const g = t.fn([t.f32(['batch', 2])], (x) => ({ mean: t.mean(x), rows: t.reshape(x, [-1]) }));
    const [mean, rows] = run(g, [floats(1, 2, 3, 4, 5, 6)], { dims: { batch: { max: 8 } }, sizes: { batch: 3 } });
    expect([mean.data[0], rows.shape]).toEqual([3.5, [6]]);
  });
  it('draw the same numbers for the rows that two sizes share', () => {
    const g = t.fn([t.f32(['n'])], (x) => t.add(t.uniform(t.key(7), ['n', 3]), t.reshape(t.mul(x, 0), ['n', 1])));
    const [small] = run(g, [new Float32Array(2)], { dims: { n: 2 } }), [large] = run(g, [new Float32Array(3)], { dims: { n: { max: 9 } }, sizes: { n: 3 } });
    expect(Array.from(large.data.slice(0, 6))).toEqual(Array.from(small.data));
  });
});

describe('arrays', () => {
  it('hold their numbers', async () => {
    expect([a23.size, a23.shape, a23.dtype, Array.from(a23.data), a23.toNested()]).toEqual([6, [2, 3], 'f32', [1, 2, 3, 4, 5, 6], [[1, 2, 3], [4, 5, 6]]]);
    expect(Array.from(await a23.read())).toEqual([1, 2, 3, 4, 5, 6]);
    expect(t.array(3).item()).toBe(3);
    expect(t.array([[1, 2], [3, 4]]).shape).toEqual([2, 2]);
    expect(t.arrayOf('bool', [[true], [false]], [2, 1]).toNested()).toEqual([[true], [false]]);
  });
  it('keep a typed array of their dtype', () => {
    const data = floats(1, 2);
    expect(t.array(data, [2]).data).toBe(data);
  });
  it('of several elements have no item', () => { expect(() => a23.item()).toThrow('FX1017'); });
});
