import { describe, expect, it } from 'vitest';
import {
  add, convert, customVjp, exp, f32, fn, foldIn, grad, i32, iota, jit, jvp, key, logSoftmax, matmul, mean, mul, neg, normal, oneHot, poly, reshape, sin, softmax, split, square, stack, sub,
  sum, take, tanh, valueAndGrad, vjp, vmap, zeros, array, type F32, type Key, type Tensor,
} from 'fluxion';
import { wasm } from '../../src/backends/wasm/wasm.ts';
import { page, saidOf, unchecked } from '../messages.ts';
import { close, floats, run, valueOf } from './run.ts';

type S = F32<[]>;
const numbers = (f: unknown, ...args: readonly Float32Array[]): readonly (readonly number[])[] => run(f, args).map((r) => Array.from(r.data));

describe('vmap', () => {
  const line = (w: F32<[2]>, x: F32<[2]>) => sum(mul(w, x));
  const loss = (w: F32<[2]>, x: F32<[2]>) => square(line(w, x));
  const w = floats(1, 2), xs = floats(1, 0, 0, 1, 1, 1);
  it('over the first axis of all arguments, of some, and of others', () => {
    expect(numbers(fn([f32([3, 2]), f32([3, 2])], (a, b) => vmap(line, 3)(a, b)), xs, xs)).toEqual([[1, 1, 2]]);
    expect(numbers(fn([f32([2]), f32([3, 2])], (a, b) => vmap(line, 3, [null, 0])(a, b)), w, xs)).toEqual([[1, 2, 3]]);
    expect(numbers(fn([f32([2]), f32([2, 3])], (a, b) => vmap(line, 3, [null, -1])(a, b)), w, xs)).toEqual([[3, 2, 2]]);
  });
  it('puts the examples of the results where it is told to', () => {
    const twice = (x: F32<[2]>) => ({ a: mul(x, 2), b: exp(mul(x, 0)) }), of = (out: 0 | 1 | -1) => run(fn([f32([3, 2])], (x) => vmap(twice, 3, [0], out)(x)), [xs]);
    expect(of(0).map((r) => r.shape)).toEqual([[3, 2], [3, 2]]);
    expect(of(1).map((r) => r.shape)).toEqual([[2, 3], [2, 3]]);
    expect(Array.from(of(-1)[0].data)).toEqual([2, 0, 2, 0, 2, 2]);
  });
  it('takes trees and gives trees, and passes numbers along', () => {
    const f = fn([{ w: f32([3, 2]), b: f32([3]) }], (p) => vmap((q: { w: F32<[2]>; b: S }, k: number) => ({ y: add(mul(sum(q.w), k), q.b), k }), 3)(p, unchecked(10)));
    expect(numbers(f, xs, floats(1, 2, 3))).toEqual([[11, 12, 23]]);
  });
  it('captures tensors from outside, which the examples share', () => {
    expect(numbers(fn([f32([2]), f32([3, 2])], (a, b) => vmap((x: F32<[2]>) => line(a, x), 3)(b)), w, xs)).toEqual([[1, 2, 3]]);
  });
  it('within itself: all pairs', () => {
    const distance = (x: F32<[2]>, y: F32<[2]>) => sum(square(sub(x, y)));
    const pairs = fn([f32([2, 2]), f32([3, 2])], (x, y) => vmap(vmap(distance, 3, [null, 0]), 2, [0, null])(x, y));
    expect(run(pairs, [floats(0, 0, 1, 1), xs])[0]).toMatchObject({ shape: [2, 3], data: floats(1, 1, 2, 1, 1, 0) });
  });
  it('of a gradient: one for each example', () => {
    // ∇w (w·x)² = 2(w·x)x
    expect(numbers(fn([f32([2]), f32([3, 2])], (a, b) => vmap(grad(loss), 3, [null, 0])(a, b)), w, xs)).toEqual([[2, 0, 0, 4, 6, 6]]);
    expect(numbers(fn([f32([2]), f32([3, 2])], (a, b) => vmap(valueAndGrad(loss), 3, [null, 0])(a, b)), w, xs)).toEqual([[1, 4, 9], [2, 0, 0, 4, 6, 6]]);
  });
  it('in a gradient: the sum of what it is for each', () => {
    expect(numbers(fn([f32([2]), f32([3, 2])], (a, b) => grad((v: F32<[2]>) => sum(vmap(loss, 3, [null, 0])(v, b)))(a)), w, xs)).toEqual([[8, 10]]);
  });
  it('in both modes and between them', () => {
    const f = fn([f32([3]), f32([3])], (x, v) => [jvp((z: F32<[3]>) => vmap((y: S) => mul(y, mul(y, y)), 3)(z))([x], [v])[1], vjp((z: F32<[3]>) => vmap((y: S) => mul(y, mul(y, y)), 3)(z))(x)[1](v)[0], vmap((y: S, dy: S) => jvp(grad((u: S) => mul(u, mul(u, u))))([y], [dy])[1], 3)(x, v)]);
    expect(numbers(f, floats(1, 2, 3), floats(1, 1, 2))).toEqual([[3, 12, 54], [3, 12, 54], [6, 12, 36]]);
  });
  it('over a named dimension, also one that is bound later, bounded or renamed', () => {
    const f = fn([f32([2]), f32(['n', 2])], (a, b) => vmap(loss, 'n', [null, 0])(a, b));
    expect(f.result.shape).toEqual(['n']);
    expect(Array.from(run(f, [w, xs], { dims: { n: 3 } })[0].data)).toEqual([1, 4, 9]);
    expect(Array.from(run(f, [w, xs], { dims: { n: { max: 8 } }, sizes: { n: 3 } })[0].data)).toEqual([1, 4, 9]);
    expect(numbers(fn([f32([2]), f32([3, 2])], (a, b) => poly(f)(a, b)), w, xs)).toEqual([[1, 4, 9]]);
  });
  it('over arrays, whose size a name takes', () => {
    expect(valueOf(() => vmap(line, 'n', [null, 0])(unchecked(array([1, 2])), unchecked(array([1, 0, 0, 1, 1, 1], [3, 2]))))).toEqual([1, 2, 3]);
    using run3 = jit(fn([f32(['n', 2])], (a) => vmap((x: F32<[2]>) => sum(x), 'n')(a)), { backend: wasm() });
    expect(Array.from(run3(unchecked(array([1, 0, 0, 1, 1, 1], [3, 2]))).data)).toEqual([1, 1, 2]);
  });
  it('looks up in each example’s own table, clamped', () => {
    const f = fn([f32([2, 3]), i32([2])], (t, i) => [vmap((row: F32<[3]>, k: Tensor<[], 'i32'>) => take(row, k), 2)(t, i), grad((u: F32<[2, 3]>) => sum(vmap((row: F32<[3]>, k: Tensor<[], 'i32'>) => take(row, k), 2)(u, i)))(t)]);
    expect(run(f, [floats(1, 2, 3, 4, 5, 6), Int32Array.of(7, 1)]).map((r) => Array.from(r.data))).toEqual([[3, 5], [0, 0, 1, 0, 1, 0]]);
  });
  it('keeps a derivative of one’s own, of what is shared the sum', () => {
    const own = customVjp((x: S, v: S) => mul(x, v), (x, v) => [mul(x, v), x] as const, (x, ct) => [mul(ct, 100), mul(mul(x, ct), 10)]);
    const f = fn([f32([3]), f32()], (x, v) => [grad((q: { x: F32<[3]>; v: S }) => sum(vmap(own, 3, [0, null])(q.x, q.v)))({ x, v }), vmap(grad(own), 3, [0, null])(x, v)]);
    expect(numbers(f, floats(1, 2, 3), floats(5))).toEqual([[100, 100, 100], [60], [100, 100, 100]]);
  });
  it('per-example gradients of a classifier are those of the examples alone', () => {
    const one = (p: { w: F32<[2, 3]> }, x: F32<[2]>, y: Tensor<[], 'i32'>) => neg(sum(mul(logSoftmax(matmul(reshape(x, [1, 2]), p.w)), oneHot(y, 3))));
    const all = fn([{ w: f32([2, 3]) }, f32([3, 2]), i32([3])], (p, x, y) => vmap(grad(one), 3, [null, 0, 0])(p, x, y)), alone = fn([{ w: f32([2, 3]) }, f32([2]), i32([])], (p, x, y) => grad(one)(p, x, y));
    const p = floats(0.1, -0.2, 0.3, 0.5, 0.7, -0.4), labels = [2, 0, 1], wanted = labels.flatMap((y, k) => Array.from(run(alone, [p, xs.subarray(2 * k, 2 * k + 2), Int32Array.of(y)])[0].data));
    expect(close(run(all, [p, xs, Int32Array.from(labels)])[0].data, wanted)).toBe(true);
  });
});

describe('random keys over examples', () => {
  const keys = (): Key => vmap((i: Tensor<[], 'i32'>) => foldIn(key(7), i), 3)(iota(3));
  it('are made by vmap, and each example draws from its own', () => {
    const together = valueOf(() => vmap((k: Key) => normal(k, [2]), 3)(keys()));
    expect(together).toEqual([0, 1, 2].flatMap((i) => valueOf(() => normal(foldIn(key(7), i), [2]))));
    expect(valueOf(() => vmap((k: Key) => { const [a, b] = split(k); return stack([normal(a, []), normal(b, [])]); }, 3)(keys())).length).toBe(6);
  });
  it('one key is the same for all where it is shared', () => {
    const [a, b] = valueOf(() => vmap((k: Key, x: S) => add(normal(k, []), mul(x, 0)), 2, [null, 0])(key(1), zeros([2])));
    expect(a).toBe(b);
  });
});

it('mistakes are told where they are made: vmap.txt', async () => {
  const product = (a: S, b: S) => mul(a, b), x = () => f32(['n', 3]), both = (body: (v: F32<['n', 3]>, u: F32<[4]>) => unknown): string => saidOf(fn([x(), f32([4])], body), { dims: { n: 2 } });
  await expect(page({
    'sizes that disagree': both((v, u) => vmap(product, 'n')(sum(v, 1), unchecked(u))),
    'two names': both((v) => vmap((a: F32<[3]>) => a, 'm')(unchecked(v))),
    'another size than was said': both((_, u) => vmap((a: S) => a, 5)(unchecked(u))),
    'a scalar': both((v, u) => vmap(product, 4)(u, unchecked(sum(v)))),
    'a scalar in a tree': both((v, u) => vmap((p: { a: S; b: S }) => product(p.a, p.b), 4)({ a: u, b: unchecked(sum(v)) })),
    'nothing mapped over': both((_, u) => vmap((a: F32<[4]>) => a, 4, [null])(u)),
    'axes for fewer arguments': both((_, u) => vmap(product, 4, unchecked([0]))(unchecked(u), unchecked(u))),
    'an axis that is not there': both((v) => vmap((a: F32<['n']>) => a, 3, [2])(unchecked(v))),
    'an axis of the results that is not there': both((_, u) => vmap((a: S) => a, 4, [0], 1)(u)),
    'one random key': both(() => vmap((k: Key) => normal(k, [2]), 2)(key(0))),
    'keys of all examples where one is needed': both(() => { const keys = vmap((i: Tensor<[], 'i32'>) => foldIn(key(7), i), 3)(iota(3)); return [normal(keys, [2]), split(keys)[0], foldIn(keys, 3)]; }),
    'a mistake of one example, told once': both((_, u) => vmap((a: S) => tanh(sin(softmax(unchecked(a)))), 4)(u)),
    'a mistake before': both((v) => vmap((a: F32<[3]>) => mean(a), 'n')(convert(add(v, unchecked(zeros([2]))), 'f32'))),
  })).toMatchFileSnapshot('../golden/messages/vmap.txt');
});
