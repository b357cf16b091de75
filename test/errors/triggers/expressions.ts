import * as E from 'fp-ts/lib/Either.js';
import * as t from 'fluxion';
import type { Tensor } from 'fluxion';
import { compile } from 'fluxion';
import { lower } from '../../../src/expr/lower/lower.ts';
import { said, saidOf, unchecked } from '../../messages.ts';
import type { Triggers } from './trigger.ts';

/** what is said of a program over one input */
const wrong = (body: (x: Tensor<['batch', 784], 'f32'>) => unknown): string => saidOf(t.fn([t.f32(['batch', 784])], body), { dims: { batch: 4 } });
const warned = (f: unknown): string => {
  const lowered = lower(f), [first, ...more] = E.isRight(lowered) ? lowered.right.warnings : [];
  return first === undefined ? 'nothing is wrong' : said(E.left([first, ...more]));
};

/** shapes, dtypes and axes; functions and their names; derivatives */
export const expressions: Triggers = {
  FX1001: () => wrong((x) => t.add(x, unchecked(t.zeros([3])))),
  FX1002: () => wrong((x) => t.add(x, unchecked(t.zeros([784], 'i32')))),
  FX1003: () => wrong((x) => t.matmul(x, unchecked(t.zeros([512, 10])))),
  FX1004: () => wrong((x) => t.sum(x, unchecked(2))),
  FX1005: () => wrong((x) => t.reshape(x, unchecked(['batch', 28, 27]))),
  FX1006: () => wrong((x) => t.einsum(unchecked('ij,jk->ik'), x, t.zeros([512, 10]))),
  FX1007: () => wrong((x) => t.grad(unchecked((w: Tensor) => t.mul(w, 2)))(x)),
  FX1008: () => wrong(() => t.exp(unchecked(t.iota(3)))),
  FX1009: () => wrong((x) => t.matmul(x, unchecked(t.zeros([784])))),
  FX1010: () => wrong((x) => t.jvp((w: typeof x) => w)([x], unchecked([]))),
  FX1011: () => wrong((x) => t.stack(unchecked([x, t.zeros([784])]))),
  FX1012: () => wrong((x) => t.slice(x, 1, 700, unchecked(800))),
  FX1013: () => wrong(() => t.array([1, 2, 3], [2, 2])),
  FX1014: () => wrong((x) => t.assertShape(x, [4, 784])),
  FX1015: () => wrong((x) => t.fn([t.f32([3])], (y) => y)(unchecked(x))),
  FX1016: () => wrong(() => t.grad((n: Tensor<[3], 'i32'>) => t.sum(t.convert(n, 'f32')))(t.iota(3))),
  FX1017: () => wrong(() => t.normal(unchecked(t.zeros([2], 'u32')), [3])),
  FX1018: () => wrong((x) => t.vmap((a: Tensor<[784], 'f32'>, b: Tensor<[], 'f32'>) => t.mul(a, b), 'batch')(x, unchecked(t.zeros([3])))),
  FX1019: () => wrong(() => t.conv2d(t.zeros([8, 3, 3, 1]), unchecked(t.zeros([5, 5, 1, 4])))),
  FX1020: () => wrong((x) => t.add(x, t.f32([784]))),
  FX1021: () => saidOf(t.fn([t.f32(['rows', 2])], (x) => x)),
  FX1022: () => wrong(() => { const k = t.key(0); return [t.normal(k, [2]), t.uniform(k, [2])]; }),
  FX1023: () => saidOf(t.fn([t.f32([1]), t.f32([1])], (a, b) => t.add(a, b), { args: ['x', 'x'] })),
  FX1024: () => saidOf(t.fn([t.f32(['n'])], (x) => t.slice(x, 0, -5, Infinity)), { dims: { n: 2 } }),
  FX1025: () => saidOf(t.fn([t.f32(['n', 2])], (x) => t.concat([x, x], 0)), { dims: { n: { max: 4 } } }),
  FX1026: () => warned(t.fn([], () => t.array(new Float32Array(1 << 20), [1 << 20]))),
  FX1027: () => saidOf(t.fn([t.f32([4])], (x) => t.fft(unchecked(x)))),
  FX4001: () => said(compile(t.fn([t.f32(['n'])], (x) => t.grad((y: typeof x) => t.prod(y))(x)), { dims: { n: { max: 4 } } })),
  FX4002: () => {
    const own = t.customVjp((x: t.F32<[2]>) => t.exp(x), (x) => [t.exp(x), x], (x, ct) => [t.mul(ct, x)]);
    return said(compile(t.fn([t.f32([2])], (x) => t.jvp(own)([x], [x])[1])));
  },
  FX4003: () => said(compile(t.fn([t.f32(['m', 'n']), t.i32(['m'])], (x, i) => t.vmap((row: t.F32<['n']>, k: Tensor<[], 'i32'>) => t.take(row, k), 'm')(x, i)), { dims: { n: { max: 4 }, m: { max: 2 } } })),
};
