import { describe, expect, it } from 'vitest';
import { js } from '../../src/backends/js/js.ts';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { defaultStages, stagesOf, type Stages } from '../../src/compile/stages.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { add, compile, expandDims, f32, fn, foldIn, grad, i32, iota, key, logSoftmax, matmul, mean, mul, neg, normal, oneHot, orThrow, relu, reshape, softmax, sum, take, tanh, vmap, type F32, type Fn, type Tensor } from '../../src/index.ts';
import { count } from '../../src/ir/loop/counts.ts';
import { printPlan } from '../../src/passes/plan/print.ts';

const dims = { n: { max: 32 } };
const staged = <A extends readonly unknown[], R>(f: Fn<A, R>): Stages => stagesOf(orThrow(lower(f, { dims })).module, js(), { ...defaultStages, verify: true });
/** what kernels there are and what they cost, whatever their values are called */
const shapeOf = ({ plan, program }: Stages) => ({ nests: plan.groups.map((g) => g.nest.kind).sort(), counts: count(program, { n: 32 }) });

type P = { w: F32<[64, 16]>; b: F32<[16]>; v: F32<[16, 10]> };
/** as one writes it without einsum: a row for the product, a vector again after it */
const times = <K extends number, N extends number>(v: F32<[K]>, w: F32<[K, N]>): F32<[N]> => reshape(matmul(expandDims(v, 0), w), [-1] as never) as never;
const params = { w: f32([64, 16]), b: f32([16]), v: f32([16, 10]) };

describe('a function of one example, mapped, costs what is written for many', () => {
  it('a dense layer has the same plan', () => {
    const mapped = fn([params, f32(['n', 64])], (p, x) => vmap((q: P, v: F32<[64]>) => relu(add(times(v, q.w), q.b)), 'n', [null, 0])(p, x), { name: 'dense' });
    const byHand = fn([params, f32(['n', 64])], (p, x) => relu(add(matmul(x, p.w), p.b)), { name: 'dense' });
    expect(printPlan(staged(mapped).plan)).toBe(printPlan(staged(byHand).plan));
    expect(shapeOf(staged(mapped))).toEqual(shapeOf(staged(byHand)));
  });
  it('two layers and softmax, too', () => {
    const mapped = fn([params, f32(['n', 64])], (p, x) => vmap((q: P, v: F32<[64]>) => softmax(times(relu(add(times(v, q.w), q.b)), q.v)), 'n', [null, 0])(p, x));
    const byHand = fn([params, f32(['n', 64])], (p, x) => softmax(matmul(relu(add(matmul(x, p.w), p.b)), p.v)));
    expect(shapeOf(staged(mapped))).toEqual(shapeOf(staged(byHand)));
  });
  it('and so does the gradient of a mean over examples', () => {
    const one = (q: P, v: F32<[64]>, y: Tensor<[], 'i32'>) => neg(sum(mul(logSoftmax(times(tanh(add(times(v, q.w), q.b)), q.v)), oneHot(y, 10))));
    const mapped = fn([params, f32(['n', 64]), i32(['n'])], (p, x, y) => grad((q: P) => mean(vmap(one, 'n', [null, 0, 0])(q, x, y)))(p));
    const byHand = fn([params, f32(['n', 64]), i32(['n'])], (p, x, y) => grad((q: P) => mean(neg(sum(mul(logSoftmax(matmul(tanh(add(matmul(x, q.w), q.b)), q.v)), oneHot(y, 10)), -1))))(p));
    expect(shapeOf(staged(mapped))).toEqual(shapeOf(staged(byHand)));
  });
});

describe('a bounded number of examples', () => {
  it.each([js(), wasm()].map((backend) => [backend.name, backend] as const))('per-example gradients on %s, for any number up to the most', (_, backend) => {
    const slope = (w: F32<[4]>, x: F32<[4]>) => mul(sum(mul(w, x)), sum(mul(w, x)));
    using run = orThrow(compile(fn([f32([4]), f32(['n', 4])], (w, x) => vmap(grad(slope), 'n', [null, 0])(w, x)), { backend, dims }));
    for (const n of [1, 3, 32]) {
      const w = [1, -2, 0.5, 3], x = Array.from({ length: 4 * n }, (__, i) => Math.sin(i)), got = run(Float32Array.from(w), Float32Array.from(x));
      expect(got.shape).toEqual([n, 4]);
      const wanted = x.map((v, i) => 2 * v * w.reduce((s, u, k) => s + u * x[4 * Math.floor(i / 4) + k], 0));
      got.data.forEach((v, i) => expect(Math.abs(v - wanted[i])).toBeLessThan(1e-5));
    }
  });
  it('lies within another, along any axis, beside tables that are looked up, with a key for each', () => {
    const given = { dims: { n: { max: 4 } } }, both = { dims: { ...given.dims, m: { max: 4 } } };
    using pairs = orThrow(compile(fn([f32(['n', 2]), f32(['m', 2])], (x, y) => vmap(vmap((a: F32<[2]>, b: F32<[2]>) => sum(mul(a, b)), 'm', [null, 0]), 'n', [0, null])(x, y)), both));
    expect(pairs([[1, 0], [0, 1], [1, 1]], [[2, 3], [4, 5]]).toNested()).toEqual([[2, 4], [3, 5], [5, 9]]);
    using columns = orThrow(compile(fn([f32([2, 'n'])], (x) => vmap((v: F32<[2]>) => mul(v, 2), 'n', [1], 1)(x)), given));
    expect(columns([[0, 1, 2], [3, 4, 5]]).toNested()).toEqual([[0, 2, 4], [6, 8, 10]]);
    using lookups = orThrow(compile(fn([f32(['n', 3]), i32(['n', 2])], (x, i) => vmap(grad((v: F32<[3]>, k: Tensor<[2], 'i32'>) => sum(take(v, k))), 'n')(x, i)), given));
    expect(lookups([[1, 2, 3], [4, 5, 6]], [[0, 0], [1, 9]]).toNested()).toEqual([[2, 0, 0], [0, 1, 1]]);
    using draws = orThrow(compile(fn([f32(['n'])], (x) => vmap((v: F32, i: Tensor<[], 'i32'>) => mul(v, normal(foldIn(key(1), i), [])), 'n')(x, iota('n'))), given));
    expect([draws([1, 1]).toNested(), draws([1, 1, 1, 1]).toNested()].map((r) => String(r).startsWith(String(draws([1, 1]).toNested())))).toEqual([true, true]);
  });
});
