import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { add, array, compile, cond, exp, f32, fn, grad, greater, hessian, hvp, jacfwd, jacrev, jvp, mul, neg, orThrow, reshape, scan, sin, slice, sum, vmap, type NDArray, type Tensor } from '../../src/index.ts';

type Vector = Tensor<[3], 'f32'>;
type Scalar = Tensor<[], 'f32'>;
const smooth = (x: Vector): Scalar => sum(mul(exp(x), mul(x, sum(x)))), vector = (x: Vector): Vector => mul(exp(x), sum(x));
/** a loop over a vector in each run of a loop over it */
const nested = (x: Vector): Scalar => {
  const [last, sums] = scan((c: Scalar, r: Scalar) => { const [d, rows] = scan((a: Scalar, b: Scalar) => [sin(add(a, mul(b, c))), a] as const, c, x); return [mul(d, r), sum(rows)] as const; }, sum(x), x);
  return add(last, sum(sums));
};
/** the first example takes one branch, the second the other */
const chosen = (x: Vector): Scalar => sum(cond(greater(sum(x), 0), () => mul(x, x), () => neg(x)));
const table: { readonly [name: string]: (x: Vector, v: Vector) => Tensor<readonly number[], 'f32'> } = {
  'a Hessian’s product, forward over reverse': (x, v) => jvp((z: Vector) => grad(smooth)(z))([x], [v])[1], 'a Hessian’s product, reverse over reverse': (x, v) => grad((z: Vector) => sum(mul(grad(smooth)(z), v)))(x), 'hvp': (x, v) => hvp(smooth)(x, v),
  'a Jacobian, forward': (x) => jacfwd(vector)(x), 'a Jacobian, reverse': (x) => jacrev(vector)(x), 'a Hessian': (x) => hessian(smooth)(x),
  'a loop in a loop': (x) => nested(x), 'its gradient': (x) => grad(nested)(x), 'a gradient of its gradient': (x, v) => grad((z: Vector) => sum(mul(grad(nested)(z), v)))(x),
  'a choice': (x) => chosen(x), 'the gradient of a choice': (x) => grad(chosen)(x), 'a Hessian’s product of a choice': (x, v) => hvp(chosen)(x, v),
};
const numbers = (of: (i: number) => number) => array(Float32Array.from({ length: 6 }, (_, i) => of(i)), [2, 3]), x = numbers((i) => Math.sin(i + 1)), v = numbers(Math.cos);
const row = (a: Tensor<[2, 3], 'f32'>, i: number): Vector => reshape(slice(a, 0, i, i + 1), [3]);
const backends: readonly Backend<'sync'>[] = [reference(), js(), wasm({ threads: 1 }), wasm({ threads: 2 })];

describe('over examples', () => {
  it.each(Object.entries(table))('%s is what it is one by one', (_, f) => {
    const one = orThrow(compile(fn([f32([2, 3]), f32([2, 3])], (a, b) => [0, 1].map((i) => f(row(a, i), row(b, i)))), { backend: reference() }))(x, v).flatMap((r: NDArray<unknown>) => Array.from(r.data));
    expect(one.filter((y) => Math.abs(y) > 0.01).length).toBeGreaterThanOrEqual(one.length / 2);
    for (const backend of backends) {
      const all = Array.from(orThrow(compile(fn([f32([2, 3]), f32([2, 3])], (a, b) => vmap(f, 2)(a, b)), { backend }))(x, v).data);
      expect(all).toHaveLength(one.length);
      all.forEach((y, i) => expect(Math.abs(y - one[i])).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(one[i]))));
    }
  });
});
