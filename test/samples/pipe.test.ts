import { pipe, flow } from 'fp-ts/lib/function.js';
import { expect, it } from 'vitest';
import { array, f32, fn, grad, jit, key, matmul, mean, normal, poly, relu, reshape, sum, type F32 } from 'fluxion';
import { is } from '../types/exact.ts';

const x = f32(['batch', 784]);
it('operations in pipe keep their types and their checks', () => {
  is<F32<['batch', 28, 28]>>()(pipe(x, (v) => reshape(v, ['batch', 28, 28]), relu));
  is<F32<['batch', 10]>>()(flow((v: typeof x) => matmul(v, f32([784, 10])), relu)(x));
  expect(pipe(x, (v) => reshape(v, ['batch', 28, -1]), (v) => mean(v, -1), relu).shape).toEqual(['batch', 28]);
  // @ts-expect-error 28 x 27 is not 784
  pipe(x, (v) => reshape(v, ['batch', 28, 27]), (v) => relu(v));
});
it('the gradient of a function made by fn, at its own sizes and at others', () => {
  const loss = fn([normal(key(0), [784, 10]), f32(['batch', 784])], (w, v) => mean(matmul(v, w)));
  is<F32<[784, 10]>>()(grad(loss)(f32([784, 10]), x));
  // @ts-expect-error 3 is not the batch that it was made for
  loss(f32([784, 10]), f32([3, 784]));
  is<F32<[]>>()(poly(loss)(f32([784, 10]), f32([3, 784])));
  const run = jit(fn([f32([784, 10]), f32(['batch', 784])], (w, v) => grad(loss)(w, v)));
  // d mean(v w)/dw[i, j] = Σ_b v[b, i] / (batch · 10)
  const g = run(new Float32Array(7840), Float32Array.from({ length: 2 * 784 }, (_, i) => (i < 784 ? i : 1)));
  expect([g.data[0], g.data[9], g.data[50]]).toEqual([1 / 20, 1 / 20, 6 / 20].map(Math.fround));
});
it('jit takes sizes from each call', () => {
  const total = jit(fn([f32(['n', 3])], (a) => sum(a)));
  expect([total(array([[1, 2, 3]], [1, 3])).item(), total([[1, 2, 3], [4, 5, 6]]).item()]).toEqual([6, 21]);
});
