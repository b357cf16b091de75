import { describe, expect, it } from 'vitest';
import { array, dynamicSlice, dynamicUpdateSlice, f32, fn, grad, i32, intArray, mul, sin, sum, vmap, type F32, type Tensor } from 'fluxion';
import { everywhere, numbersOf } from '../../expr/everywhere.ts';

type I = Tensor<[], 'i32'>;
type Grid = F32<[3, 4]>;
const parts = {
  'a part of each': (x: Grid, i: I) => dynamicSlice(x, [i, 1], [2, 2]),
  'rows of each': (x: Grid, i: I) => dynamicSlice(x, [i, 0], [2, 4]),
  'nothing of each': (x: Grid, i: I) => dynamicSlice(x, [i, i], [0, 2]),
  'a part put into each': (x: Grid, i: I) => dynamicUpdateSlice(x, mul(dynamicSlice(x, [0, i], [2, 2]), -1), [i, i]),
  'the gradient of a part': (x: Grid, i: I) => grad((v: Grid) => sum(sin(dynamicSlice(v, [i, i], [2, 3]))))(x),
  'the gradient of one with a part put in': (x: Grid, i: I) => grad((v: Grid) => sum(sin(dynamicUpdateSlice(v, dynamicSlice(v, [0, 0], [1, 2]), [i, i]))))(x),
} as const;
const grids = array(Float32Array.from({ length: 36 }, (_, i) => (i * 7) % 11 - 5), [3, 3, 4]), starts = intArray([0, 2, -1], [3]);

/** of examples of a fixed number they run one after the other: so do the meaning's own tests */
const same = (named: unknown, fixed: unknown, args: readonly unknown[]): void => {
  const wanted = numbersOf({ reference: everywhere.reference }, fixed, args)['reference'][0];
  for (const options of [{ dims: { m: { max: 4 } } }, { dims: { m: { max: 3 } } }, {}]) for (const [name, [got]] of Object.entries(numbersOf(everywhere, named, args, options))) {
    expect(got.length, name).toBe(wanted.length);
    got.forEach((x, i) => expect(x, `${name}, element ${i}`).toBeCloseTo(wanted[i], 5));
  }
};

describe('parts that begin elsewhere in each of a named number of examples', () => {
  it.each(Object.entries<(x: Grid, i: I) => Tensor<number[], 'f32'>>(parts))('%s', (_, of) => {
    same(fn([f32(['m', 3, 4]), i32(['m'])], (x, i) => vmap(of, 'm')(x, i)), fn([f32([3, 3, 4]), i32([3])], (x, i) => vmap(of, 3)(x, i)), [grids, starts]);
  });
  it('of one tensor for all', () => {
    const grid = array(Float32Array.from({ length: 12 }, (_, i) => i), [3, 4]), of = parts['a part of each'], put = parts['a part put into each'];
    same(fn([f32([3, 4]), i32(['m'])], (x, i) => vmap(of, 'm', [null, 0])(x, i)), fn([f32([3, 4]), i32([3])], (x, i) => vmap(of, 3, [null, 0])(x, i)), [grid, starts]);
    same(fn([f32([3, 4]), i32(['m'])], (x, i) => vmap(put, 'm', [null, 0])(x, i)), fn([f32([3, 4]), i32([3])], (x, i) => vmap(put, 3, [null, 0])(x, i)), [grid, starts]);
  });
  it('with a named axis that is taken whole', () => {
    const of = (x: F32<[3, 'n']>, i: I): F32<[2, 'n']> => dynamicSlice(x, [i, 0], [2, 'n']), fixed = (x: Grid, i: I): F32<[2, 4]> => dynamicSlice(x, [i, 0], [2, 4]);
    same(fn([f32(['m', 3, 'n']), i32(['m'])], (x, i) => vmap(of, 'm')(x, i)), fn([f32([3, 3, 4]), i32([3])], (x, i) => vmap(fixed, 3)(x, i)), [grids, starts]);
  });
});
