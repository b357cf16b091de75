import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { array, compile, cond, constant, convert, div, exp, f32, fn, grad, greater, log, logSoftmax, logSumExp, mul, notEqual, orThrow, sqrt, sub, sum, switchCase, whileLoop, type Dyn, type F32, type Tensor } from '../../src/index.ts';

const backends: readonly (readonly [string, Backend<'sync'>])[] = [['reference', reference()], ['js', js()], ['wasm', wasm({ threads: 1 })]];
type Scalar = Tensor<[], 'f32'>;
const slopes: readonly (readonly [string, (z: Scalar) => Scalar, number, number])[] = [
  ['a root of a negative number', (z) => cond(greater(z, 0), () => sqrt(z), () => constant(0)), -1, 0],
  ['a division by zero', (z) => cond(notEqual(z, 0), () => div(1, z), () => mul(z, 2)), 0, 2],
  ['a logarithm of zero', (z) => cond(greater(z, 0), () => log(z), () => mul(z, 2)), 0, 2],
  ['one of three', (z) => switchCase(convert(z, 'i32'), [() => mul(z, 3), () => log(sub(z, 9)), () => sqrt(sub(z, 9))]), 0, 3],
  ['a choice in a choice', (z) => cond(greater(z, 0), () => cond(greater(z, 2), () => sqrt(sub(z, 2)), () => mul(z, 5)), () => log(z)), 1, 5],
  // √(1.5 − ½) = 1, √(1 − ½) = 0.707…, √(0.707… − ½) = 0.455…: a run more would take the root of a negative number
  ['runs past the end of a loop', (z) => whileLoop((v: Scalar) => greater(v, 0.5), (v) => sqrt(sub(v, 0.5)), z, { most: 9 }), 1.5, 0.38842],
];
describe('what a branch would give that is not taken does not reach the gradient', () => {
  it.each(slopes.flatMap(([name, f, at, slope]) => backends.map(([on, backend]) => [name, on, f, at, slope, backend] as const)))('%s, on %s', (_, __, f, at, slope, backend) => {
    const gradient = orThrow(compile(fn([f32([])], (z) => grad((v: Scalar) => f(v))(z)), { backend }));
    expect(gradient(array([at], [])).item()).toBeCloseTo(slope, 4);
  });
});

describe('log Σ eˣ along axes of size 1', () => {
  const x = [100, -3, 88.5];
  it.each(backends)('is x, and its gradient 1, on %s', (_, backend) => {
    for (const axis of [0, 1]) {
      const shape = axis === 0 ? [1, 3] : [3, 1], v = f32(shape), of = (f: (t: typeof v) => F32<Dyn>): readonly number[] => Array.from(orThrow(compile(fn([v], f), { backend }))(array(x, shape)).data);
      expect(of((t) => logSumExp(t, axis))).toEqual(x);
      if (backend.name !== 'reference') expect(of((t) => log(sum(exp(t), axis)))).toEqual(x);
      expect(of((t) => logSoftmax(t, axis)).map((n) => n + 0)).toEqual([0, 0, 0]);
      expect(of((t) => grad((u: typeof v) => sum(logSumExp(u, axis)))(t))).toEqual([1, 1, 1]);
    }
  });
});
