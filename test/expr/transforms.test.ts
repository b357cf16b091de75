import { describe, expect, it } from 'vitest';
import {
  abs, add, array, broadcastTo, checkpoint, customJvp, customVjp, div, exp, f32, f64, fn, grad, i32, jvp, log, logSoftmax, mean, mul, neg, oneHot, poly, reshape, sin, softmax, square, stopGradient, sub,
  sum, tanh, treeDot, valueAndGrad, valueAndGradAux, vjp, convert, zeros, type F32, type Tensor,
} from 'fluxion';
import { scalarOp } from '../../src/expr/scalarOp.ts';
import { unchecked } from '../messages.ts';
import { close, floats, run } from './run.ts';

type S = F32<[]>;
const at = (f: (x: S) => Tensor<[], 'f32'>, x: number): number => run(fn([f32()], f), [floats(x)])[0].data[0];

describe('grad', () => {
  it('of a power, to the fourth order', () => {
    const cube = (x: S) => mul(mul(x, x), x);
    expect([at(cube, 2), at(grad(cube), 2), at(grad(grad(cube)), 2), at(grad(grad(grad(cube))), 2), at(grad(grad(grad(grad(cube)))), 2)]).toEqual([8, 12, 12, 6, 0]);
  });
  it('captures tensors from outside, also across several functions', () => {
    // d(z²·x)/dz at z = x is 2x², so f = 2x³ and f′ = 6x²: the captured x counts
    const f = (x: S) => mul(x, grad((z: S) => mul(mul(z, z), x))(x));
    expect([at(f, 3), at(grad(f), 3)]).toEqual([54, 54]);
  });
  it('leaves alone what is captured but not asked for', () => {
    const f = fn([f32(), f32()], (x, y) => grad((z: S) => mul(mul(z, y), x))(x));
    expect(run(f, [floats(3), floats(5)])[0].data[0]).toBe(15);
  });
  it('gives a tree like the first argument, and the value', () => {
    const g = fn([{ w: f32([2]), b: f32() }, f32([2])], (p, x) => valueAndGrad((q: typeof p) => add(sum(mul(q.w, x)), mul(q.b, q.b)))(p));
    const [value, b, w] = run(g, [floats(1, 2), floats(3), floats(5, 7)]).map((r) => Array.from(r.data));
    expect([value, b, w]).toEqual([[28], [5, 7], [6]]);
  });
  it('passes over integers in later arguments and in what comes beside the loss', () => {
    const f = fn([f32([3]), i32([])], (x, n) => valueAndGradAux((v: F32<[3]>) => [sum(mul(v, convert(n, 'f32'))), { n, doubled: mul(v, 2) }] as const)(x));
    const [loss, g, n, doubled] = run(f, [floats(1, 2, 3), Int32Array.of(4)]).map((r) => Array.from(r.data));
    expect([loss, g, n, doubled]).toEqual([[24], [4, 4, 4], [4], [2, 4, 6]]);
  });
  it('stops where it is told to', () => { expect(at(grad((x: S) => mul(x, stopGradient(x))), 3)).toBe(3); });
  it('works in double precision', () => {
    expect(run(fn([f64([])], (x) => grad((y: Tensor<[], 'f64'>) => exp(y))(x)), [Float64Array.of(1)])[0].data[0]).toBeCloseTo(Math.E, 14);
  });
  it('of softmax cross-entropy is the difference of probabilities', () => {
    const f = fn([f32([1, 3])], (x) => [grad((v: F32<[1, 3]>) => neg(sum(mul(logSoftmax(v), oneHot(array2(), 3)))))(x), softmax(x)] as const);
    const [g, p] = run(f, [floats(1, 2, 3)]).map((r) => Array.from(r.data));
    expect(close(g, p.map((v, i) => v - (i === 1 ? 1 : 0)))).toBe(true);
  });
});
const array2 = (): Tensor<[1], 'i32'> => convert(array([1], [1]), 'i32');

describe('both modes', () => {
  const f = (x: F32<[2]>, y: F32<[2]>) => ({ p: mul(x, y), q: sin(x) });
  it('jvp: the change along a direction', () => {
    const g = fn([f32([2]), f32([2]), f32([2]), f32([2])], (x, y, dx, dy) => jvp(f)([x, y], [dx, dy]));
    const [p, q, dp, dq] = run(g, [floats(1, 2), floats(3, 4), floats(1, 0), floats(0, 1)]).map((r) => Array.from(r.data));
    expect([p, dp]).toEqual([[3, 8], [3, 2]]);
    expect(close(q, [Math.sin(1), Math.sin(2)]) && close(dq, [Math.cos(1), 0])).toBe(true);
  });
  it('vjp: the cotangents of all arguments', () => {
    const g = fn([f32([2]), f32([2]), f32([2])], (x, y, ct) => { const [r, pull] = vjp(f)(x, y); return { r, ct: pull({ p: ct, q: mul(ct, 0) }) }; });
    const [p, , dx, dy] = run(g, [floats(1, 2), floats(3, 4), floats(1, 10)]).map((r) => Array.from(r.data));
    expect([p, dx, dy]).toEqual([[3, 8], [3, 40], [1, 20]]);
  });
  it('Hessian-vector products agree, forward over reverse and reverse over reverse', () => {
    const loss = (x: F32<[3]>) => sum(mul(exp(x), square(x)));
    const one = fn([f32([3]), f32([3])], (x, v) => jvp((z: F32<[3]>) => grad(loss)(z))([x], [v])[1]);
    const two = fn([f32([3]), f32([3])], (x, v) => grad((z: F32<[3]>) => treeDot(grad(loss)(z), v))(x));
    const args = [floats(0.5, -1, 2), floats(1, 2, 3)], wanted = [0.5, -1, 2].map((x, i) => (x * x + 4 * x + 2) * Math.exp(x) * (i + 1));
    expect(close(run(one, args)[0].data, wanted) && close(run(two, args)[0].data, wanted)).toBe(true);
  });
  it('reverse over forward', () => { expect(at(grad((x: S) => jvp((z: S) => mul(z, mul(z, z)))([x], [x])[1]), 2)).toBe(36); });
});

describe('rules of one’s own', () => {
  it('customVjp matches cotangents with arguments by their keys', () => {
    type P = { readonly a: S; readonly b: S };
    const f = (q: P) => add(q.a, mul(3, q.b)), own = customVjp(f, (q: P) => [f(q), 0], (_, ct) => [{ b: mul(ct, 3), a: ct }]);
    const g = fn([f32()], (x) => { const { a, b } = grad((p: P) => own(p))({ a: x, b: x }); return [a, b] as const; });
    expect(run(g, [floats(2)]).map((r) => r.data[0])).toEqual([1, 3]);
  });
  it('customVjp drops what is given for integers, and takes nothing for them', () => {
    type P = { readonly n: Tensor<[], 'i32'>; readonly w: S };
    const f = (q: P) => mul(q.w, convert(q.n, 'f32')), backwards = [(q: P, ct: S) => ({ n: q.n, w: mul(ct, 10) }), (_: P, ct: S) => unchecked({ w: mul(ct, 10) })];
    for (const backward of backwards) {
      const own = customVjp(f, (q: P) => [f(q), q] as const, (q, ct) => [backward(q, ct)]);
      expect(run(fn([f32(), i32([])], (w, n) => grad((v: S) => own({ n, w: v }))(w)), [floats(2), Int32Array.of(4)])[0].data[0]).toBe(10);
    }
  });
  it('customVjp replaces the derivative, also with captured tensors', () => {
    const f = fn([f32(), f32()], (x, y) => {
      const clipped = customVjp((v: S) => mul(v, y), (v: S) => [mul(v, y), { v, y }] as const, (saved, ct) => [mul(mul(ct, saved.v), mul(saved.y, 100))]);
      return [clipped(x), grad((v: S) => mul(clipped(v), 2))(x), grad((w: S) => customVjp((v: S) => mul(v, w), (v: S) => [mul(v, w), w] as const, (w2, ct) => [mul(ct, w2)])(x))(y)] as const;
    });
    expect(run(f, [floats(3), floats(5)]).map((r) => r.data[0])).toEqual([15, 3000, 0]);
  });
  it('customJvp replaces the derivative in both modes, also with captured tensors', () => {
    const f = fn([f32(), f32()], (x, y) => {
      const own = customJvp((v: S) => mul(mul(v, v), y), ([v], [dv]) => mul(mul(dv, v), 10));
      return [own(x), jvp((v: S) => own(v))([x], [x])[1], grad((v: S) => mul(own(v), 2))(x), grad((v: S) => grad(own)(v))(x)] as const;
    });
    expect(run(f, [floats(3), floats(5)]).map((r) => r.data[0])).toEqual([45, 90, 60, 10]);
    const pair = customJvp((a: S, b: S) => [mul(a, b), add(a, b)] as const, ([a, b], [da, db]) => [add(mul(da, b), mul(db, a)), add(da, mul(db, 7))] as const);
    expect(at(grad((x: S) => add(pair(x, mul(x, 2))[0], pair(x, mul(x, 2))[1])), 3)).toBe(4 * 3 + 1 + 14);
  });
  it('checkpoint changes no number', () => { expect(at(grad(checkpoint((x: S) => mul(tanh(x), x))), 0.5)).toBeCloseTo(Math.tanh(0.5) + 0.5 * (1 - Math.tanh(0.5) ** 2), 6); });
  it('scalarOp: by its definition, differentiated by itself or as told', () => {
    const softsign = scalarOp('softsign', { define: (x) => div(x, add(abs(x), 1)) });
    const told = scalarOp('told', { define: (x) => div(x, add(abs(x), 1)), derivative: (_, y) => sub(y, 100) });
    const two = scalarOp('hypot2', { define: (x, y) => add(mul(x, x), mul(y, y)), derivative: (x, y) => [mul(x, 2), mul(y, 2)] });
    expect([at((x) => softsign(x), 3), at(grad((x: S) => softsign(x)), 3), at(grad((x: S) => told(x)), 3)]).toEqual([0.75, 1 / 16, Math.fround(0.75 - 100)]);
    expect(at(grad((x: S) => two(x, mul(x, 3))), 2)).toBe(40);
    expect(softsign.scalar.evaluate(3)).toBe(0.75);
  });
});

describe('functions', () => {
  it('poly binds the names anew', () => {
    const f = fn([f32(['n', 3])], (x) => mean(x, 'n'));
    expect(run(fn([f32([2, 3])], (x) => poly(f)(x)), [floats(1, 2, 3, 5, 6, 7)])[0].data).toEqual(floats(3, 4, 5));
    // names that the body itself writes are bound with the others, also inside derivatives and under other names
    const g = fn([f32(['n', 4])], (x) => grad((v: F32<['n', 4]>) => sum(mul(reshape(v, ['n', 2, 2]), broadcastTo(mean(zeros(['n', 1])), ['n', 2, 2]))))(x));
    expect(run(fn([f32([1, 4])], (x) => poly(g)(x)), [floats(1, 2, 3, 4)])[0]).toMatchObject({ shape: [1, 4], data: floats(0, 0, 0, 0) });
    const twice = fn([f32(['n', 2])], (x) => reshape(x, [-1]));
    expect(poly(twice)(f32(['m', 2])).shape).toEqual(['2*m']);
    expect(poly(twice)(f32([3, 2])).shape).toEqual([6]);
  });
  it('call each other', () => {
    const f = fn([f32([2])], (x) => log(x)), g = fn([f32([2])], (x) => exp(f(x)));
    expect(close(run(g, [floats(2, 3)])[0].data, [2, 3])).toBe(true);
  });
  it('chains of 20,000 operations do not overflow', () => {
    const f = fn([f32()], (x) => { let y: S = x; for (let i = 0; i < 20000; i++) y = add(y, 1); return y; });
    expect(run(f, [floats(1)])[0].data[0]).toBe(20001);
    const g = fn([f32()], (x) => grad((z: S) => { let y: S = z; for (let i = 0; i < 5000; i++) y = add(y, x); return y; })(x));
    expect(run(g, [floats(1)])[0].data[0]).toBe(1);
  });
});
