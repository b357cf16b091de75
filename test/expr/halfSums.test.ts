import { describe, expect, it } from 'vitest';
import { array, convert, cumlogsumexp, cumprod, cumsum, f32, fn, halfPrecision, logSumExp, mean, prod, reduceWindow, segmentSum, softmax, sum, variance, intArray, type F32, type Tensor } from 'fluxion';
import { roundTo } from '../../src/core/dtype.ts';
import { exact, numbersOn } from './everywhere.ts';

type Half = Tensor<[5], 'f16' | 'bf16'>;
const large = [60000, 60000, -60000, -30000, 1], small = [300, 300, 0.001, 3, 1], thirds = [1 / 3, 1 / 3, 1 / 3, 1 / 3, 1000];
const cases: { readonly [name: string]: readonly [of: (x: Half) => Tensor<unknown>, xs: readonly number[]] } = {
  cumsum: [(x) => cumsum(x, 0), large], 'cumsum of thirds': [(x) => cumsum(x, 0), thirds], 'cumsum from the end, exclusive': [(x) => cumsum(x, 0, { reverse: true, exclusive: true }), large],
  cumprod: [(x) => cumprod(x, 0), small], cumlogsumexp: [(x) => cumlogsumexp(x, 0), large], sum: [sum, large], prod: [prod, small], mean: [mean, [60000, 60000, 60000, 60000, 60000]],
  variance: [variance, [300, -300, 0.001, 3, 1]], logSumExp: [(x) => logSumExp(x), large], softmax: [(x) => softmax(x), large], 'sums of windows': [(x) => reduceWindow(x, 'sum', { size: [3] }), large], 'means of windows': [(x) => reduceWindow(x, 'mean', { size: [3] }), [60000, 60000, 60000, -30000, 1]],
};

describe.each(['f16', 'bf16'] as const)('of %s', (half) => {
  it.each(Object.entries(cases))('%s is computed as f32, and rounded once', (_, [of, xs]) => {
    const as = (dtype: 'f32' | typeof half) => fn([f32([5])], (x) => of(convert(convert(x, half), dtype) as never));
    const wide = numbersOn(exact.reference, as('f32'), [array([...xs], [5])])[0].map(roundTo[half]);
    for (const [name, backend] of Object.entries(exact)) numbersOn(backend, as(half), [array([...xs], [5])])[0].forEach((y, i) => {
      // the last place of a half: where exponentials and divisions are rounded another way it may be another
      const apart = Math.abs(y - wide[i]);
      expect(Object.is(y, wide[i]) || apart <= Math.abs(wide[i]) * (half === 'f16' ? 2 ** -10 : 2 ** -7), `${name}: element ${i} is ${y}, not ${wide[i]}`).toBe(true);
    });
  });
});

it('what adds into memory of halves rounds each sum', () => {
  const f = fn([f32([5])], (x) => segmentSum(convert(x, 'bf16'), intArray([0, 0, 0, 1, 1], [5]), 2));
  expect(numbersOn(exact.js, f, [array(large, [5])])).toEqual(numbersOn(exact.reference, f, [array(large, [5])]));
});

it('running sums in half precision pass what a half holds, and come back', () => {
  const f = fn([f32([5])], (x) => halfPrecision((v: F32<[5]>) => cumsum(v, 0), 'f16')(x));
  for (const [name, backend] of Object.entries(exact)) expect(numbersOn(backend, f, [array(large, [5])]), name).toEqual([[60000, Infinity, 60000, 30000, 30000]]);
});
