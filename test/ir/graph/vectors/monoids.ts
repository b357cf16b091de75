import type { DType } from '../../../../src/core/dtype.ts';
import type { MonoidName } from '../../../../src/ir/monoids.ts';
import { byHand, ieee, numpy, ours, stablehlo, wraps, type AtLeastThree } from './vector.ts';

/** A reduction of a row: the state that it ends in, and what `reduce` gives. */
export interface MonoidVector {
  readonly of: readonly number[];
  readonly state: readonly number[];
  readonly gives: number;
  readonly from: string;
  readonly dtype: DType;
}
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const lowest = -2147483648, highest = 2147483647, all = 4294967295;
const over = (of: readonly number[], gives: number, from: string, dtype: DType = 'f64'): MonoidVector => ({ of, state: [gives], gives, from, dtype });
/** the position of an extreme beside it */
const at = (of: readonly number[], value: number, gives: number, from: string, dtype: DType = 'f64'): MonoidVector => ({ of, state: [value, gives], gives, from, dtype });
/** `reduce` gives the first number of the state */
const states = (of: readonly number[], state: readonly number[], from: string): MonoidVector => ({ of, state, gives: state[0], from, dtype: 'f64' });

/** What each monoid is, by example; the first of each row is the empty reduction. */
export const monoidVectors: { readonly [M in MonoidName]: AtLeastThree<MonoidVector> } = {
  add: [
    over([], 0, 'the empty sum'),
    over([0, 1, 2, 3, 4, 5], 15, stablehlo('reduce, the example'), 'i32'),
    over([highest, 1, 5], lowest + 5, wraps, 'i32'),
    over([all, 1], 0, wraps, 'u32'),
    over([1, inf, -inf], nan, ieee('7.2')),
  ],
  mul: [
    over([], 1, 'the empty product'),
    over([1, 2, 3, 4, 5], 120, byHand),
    over([65536, 65536, 3], 0, wraps, 'i32'),
    over([46341, 46341, 2], 9266, `${wraps}: 46341² = 2147488281, twice that is 4294976562 = 2³² + 9266`, 'i32'),
    over([all, all, all], all, `${wraps}: (-1)³ is -1`, 'u32'),
    over([0, inf], nan, ieee('7.2')),
  ],
  max: [
    over([], -inf, 'nothing is below it'),
    over([], lowest, 'the smallest integer', 'i32'),
    over([], 0, 'the smallest unsigned integer', 'u32'),
    over([3, 7, -2], 7, byHand),
    over([3, nan, 7], nan, ieee('9.6 maximum')),
    over([-0, 0, -0], 0, ieee('9.6 maximum')),
    over([0, 1, 0], 1, stablehlo('maximum of booleans: or'), 'bool'),
  ],
  min: [
    over([], inf, 'nothing is above it'),
    over([], highest, 'the largest integer', 'i32'),
    over([], all, 'the largest unsigned integer', 'u32'),
    over([3, 7, -2], -2, byHand),
    over([3, nan, 7], nan, ieee('9.6 minimum')),
    over([0, -0], -0, ieee('9.6 minimum')),
    over([1, 0, 1], 0, stablehlo('minimum of booleans: and'), 'bool'),
  ],
  and: [
    over([], 1, 'all of nothing', 'bool'),
    over([1, 1, 1], 1, 'truth table', 'bool'),
    over([1, 0, 1], 0, 'truth table', 'bool'),
  ],
  or: [
    over([], 0, 'any of nothing', 'bool'),
    over([0, 0], 0, 'truth table', 'bool'),
    over([0, 1, 0], 1, 'truth table', 'bool'),
  ],
  argMax: [
    at([], -inf, -1, ours('there is no position')),
    at([3, 7, 7, 1], 7, 1, numpy('argmax: the first of equals')),
    at([3, nan, 7, nan], nan, 1, numpy('argmax: the first NaN')),
    at([-inf, -inf], -inf, 0, numpy('argmax')),
    at([-0, 0], -0, 0, numpy('argmax: 0 and -0 are equal')),
    at([lowest, -5, highest], highest, 2, numpy('argmax'), 'i32'),
  ],
  argMin: [
    at([], inf, -1, ours('there is no position')),
    at([3, 1, 7, 1], 1, 1, numpy('argmin: the first of equals')),
    at([3, nan, -7], nan, 1, numpy('argmin: the first NaN')),
    at([inf], inf, 0, numpy('argmin')),
    at([all, 4, 9], 4, 1, numpy('argmin'), 'u32'),
  ],
  maxExpSum: [
    states([], [-inf, 0], 'the empty sum of exponentials'),
    states([0, Math.log(2), 0], [Math.log(2), 2], 'relative to ln 2: 1/2 + 1 + 1/2'),
    states([1000, 1000, -1000], [1000, 2], 'relative to 1000: 1 + 1 + e⁻²⁰⁰⁰, and no overflow'),
    states([-inf, 3], [3, 1], 'e^-∞ is 0'),
  ],
  welford: [
    states([], [0, 0, 0], 'nothing was counted'),
    states([1, 2, 3, 4], [4, 2.5, 5], 'mean 10/4; 2.25 + 0.25 + 0.25 + 2.25'),
    states([7], [1, 7, 0], byHand),
    states([1e9, 1e9 + 1, 1e9 + 2], [3, 1e9 + 1, 2], 'the same as of 0, 1, 2, moved: 1 + 0 + 1'),
  ],
};
