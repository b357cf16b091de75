import { expect, it } from 'vitest';
import { compile, f32, fn, grad, i32, jvp, key, logSoftmax, matmul, mul, neg, normal, oneHot, orThrow, reshape, sum, treeDot, type F32, type Key, type Tensor } from 'fluxion';
import { is } from '../types/exact.ts';

const init = (k: Key) => ({ w: normal(k, [6, 3]) });
type P = ReturnType<typeof init>;
const one = (p: P, x: F32<[6]>, y: Tensor<[], 'i32'>) => neg(sum(mul(logSoftmax(matmul(reshape(x, [1, 6]), p.w)), reshape(oneHot(y, 3), [1, 3]))));
// products of the Hessian with a vector: forward over reverse, and reverse over reverse
const hvp = (p: P, v: P, x: F32<[6]>, y: Tensor<[], 'i32'>) => jvp((q: P) => grad(one)(q, x, y))([p], [v])[1];
const hvp2 = (p: P, v: P, x: F32<[6]>, y: Tensor<[], 'i32'>) => grad((q: P) => treeDot(grad(one)(q, x, y), v))(p);
const example = [init(key(0)), init(key(0)), f32([6]), i32()] as const;
const forward = fn([...example], hvp), reverse = fn([...example], hvp2);
is<F32<[6, 3]>>()(forward.result.w);
is<F32<[6, 3]>>()(reverse.result.w);

it('Hessians times vectors, without a Hessian', () => {
  using a = orThrow(compile(forward)), b = orThrow(compile(reverse));
  const w = Array.from({ length: 18 }, (_, i) => Math.sin(i)), v = w.map((_, i) => Math.cos(3 * i)), x = [1, -0.5, 0.25, 2, 0, 1];
  // d²/dw² of cross-entropy: x xᵀ ⊗ (diag p − p pᵀ), whatever the label
  const z = [0, 1, 2].map((j) => x.reduce((s, xi, i) => s + xi * w[i * 3 + j], 0)), total = z.reduce((s, zj) => s + Math.exp(zj), 0), p = z.map((zj) => Math.exp(zj) / total);
  const xv = [0, 1, 2].map((j) => x.reduce((s, xi, i) => s + xi * v[i * 3 + j], 0)), pv = p.reduce((s, pj, j) => s + pj * xv[j], 0);
  const wanted = w.map((_, at) => x[Math.floor(at / 3)] * p[at % 3] * (xv[at % 3] - pv));
  for (const run of [a, b]) {
    const got = run({ w: Float32Array.from(w) }, { w: Float32Array.from(v) }, Float32Array.from(x), 2).w.data;
    expect(Math.max(...wanted.map((h, i) => Math.abs(h - got[i])))).toBeLessThan(1e-5);
  }
});
