import { describe, expect, it } from 'vitest';
import { add, argsort, array, avgPool, concat, cummax, cumlogsumexp, compile, cumsum, f32, fn, grad, maxPool, mul, pad, reduceWindow, scan, sin, sort, sortTogether, sum, takeAlong, topK, vmap, zeros, i32, intArray, type F32, type Tensor } from 'fluxion';
import { said, saidOf } from '../messages.ts';
import { everywhere, exact, numbersOf, onEach } from './everywhere.ts';

type Row<N extends string | number> = F32<[2, N]>;
/** of rows of a named size, and of a size */
const along = {
  'argsort': (x: Row<'n'>) => argsort(x), 'sort': (x: Row<'n'>) => sort(x, 1, { descending: true }), 'sortTogether': (x: Row<'n'>) => sortTogether([x, mul(x, 2)])[1],
  'topK': (x: Row<'n'>) => topK(x, 2).values, 'places of topK': (x: Row<'n'>) => topK(x, 2).indices, 'cumsum': (x: Row<'n'>) => cumsum(x), 'cummax': (x: Row<'n'>) => cummax(x, 1, { exclusive: true, reverse: true }), 'cumlogsumexp': (x: Row<'n'>) => cumlogsumexp(x, -1),
  'what is sorted, summed': (x: Row<'n'>) => sum(mul(sort(x), cumsum(x)), 0), 'a gradient': (x: Row<'n'>) => grad((v: Row<'n'>) => sum(sin(cumsum(sort(v)))))(x),
  'windows': (x: Row<'n'>) => reduceWindow(x, 'max', { size: [1, 2] }), 'windows with padding, of a stride': (x: Row<'n'>) => reduceWindow(x, 'mean', { size: [2, 3], strides: [1, 2], padding: 'same' }), 'windows, dilated': (x: Row<'n'>) => reduceWindow(x, 'sum', { size: [1, 2], dilations: [1, 2], strides: [1, 2], padding: [[0, 0], [1, 0]] }),
  'joined': (x: Row<'n'>) => concat([x, mul(x, 2)] as never, 1 as never) as Tensor, 'joined with others': (x: Row<'n'>) => mul(concat([x, array([7, 8], [2, 1])] as never, 1 as never) as Tensor, 2), 'padded': (x: Row<'n'>) => pad(x, [0, 1], [0, 2], { value: 5 }),
  'padded between': (x: Row<'n'>) => pad(x, [0, 0], [0, 0], { interior: [0, 1] }), 'taken': (x: Row<'n'>) => takeAlong(x, argsort(x), 1),
  'for each example': (x: Row<'n'>) => vmap((v: F32<['n']>) => sort(v), 2)(x as never) as Tensor,
} as const;
const numbers = array([3, 1, 4, 1.5, 5, 9, 2, 6, 5.5, 3.5], [2, 5]);

describe('along a named dimension', () => {
  it.each(Object.entries(along))('%s', (_, of) => {
    const wanted = numbersOf({ reference: exact.reference }, fn([f32([2, 5])], (x) => of(x as never)), [numbers])['reference'], f = fn([f32([2, 'n'])], of);
    for (const options of [{}, { dims: { n: 5 } }]) for (const [name, numbersThere] of Object.entries(numbersOf(everywhere, f, [numbers], options))) {
      expect(numbersThere.map((xs) => xs.length), name).toEqual(wanted.map((xs) => xs.length));
      numbersThere.forEach((xs, i) => xs.forEach((x, k) => { if (x !== wanted[i][k]) expect(x, `${name} at ${k}`).toBeCloseTo(wanted[i][k], 4); }));
    }
  });
  it('a scan, at the sizes of each call', () => {
    const f = fn([f32(['n', 2])], (xs) => scan((c, x) => { const s = add(c, x); return [s, mul(s, x)] as const; }, zeros([2]), xs));
    expect(numbersOf(everywhere, f, [array([1, 2, 3, 4, 5, 6], [3, 2])])).toEqual(onEach(everywhere, [[9, 12], [1, 4, 12, 24, 45, 72]]));
    expect(numbersOf(exact, f, [array([1, 2], [1, 2])], { dims: { n: 1 } })).toEqual(onEach(exact, [[1, 2], [1, 4]]));
  });
  it('pooling over images of any size', () => {
    const f = fn([f32([1, 'h', 'w', 1])], (x) => [maxPool(x, 2), avgPool(x, 2, { stride: 1, padding: 'same' })]), g = fn([f32([1, 3, 4, 1])], (x) => [maxPool(x, 2), avgPool(x, 2, { stride: 1, padding: 'same' })]);
    const image = array(Float32Array.from({ length: 12 }, (_, i) => (i * 7) % 5), [1, 3, 4, 1]);
    expect(numbersOf(exact, f, [image])).toEqual(numbersOf(exact, g, [image]));
  });
  it('says what to do where there is a maximum alone', () => {
    const bounded = (f: unknown): string => said(compile(f as never, { dims: { n: { max: 8 } } }) as never);
    for (const [of, name] of [[along.sort, 'sort'], [along.topK, 'topK'], [along.cumsum, 'cumsum']] as const) expect(bounded(fn([f32([2, 'n'])], of as never))).toMatch(new RegExp(`FX1024: ${name}: runs along 'n', whose size must be known.*dims: { n: 8 } gives it one`, 's'));
    expect(bounded(fn([f32(['n', 2])], (xs) => scan((c, x) => [add(c, x), c] as const, zeros([2]), xs)))).toMatch(/FX1024: scan: runs along 'n'/);
    for (const [of, name] of [[along.padded, 'n\\+3'], [along.joined, 'n\\+n'], [along.windows, 'n-1']] as const) expect(bounded(fn([f32([2, 'n'])], of))).toMatch(new RegExp(`FX1025: '${name}' cannot be a dimension while one of its names has no fixed size.*give its names one size each`, 's'));
    expect(numbersOf(exact, fn([f32([2, 'n'])], (x) => sort(x, 'n')), [numbers])).toEqual(onEach(exact, [[1, 1.5, 3, 4, 5, 2, 3.5, 5.5, 6, 9]]));
  });
  it('and what does not fit its size', () => {
    expect(saidOf(fn([f32([2, 5])], (x) => topK(x, 9 as never)))).toMatch(/FX1012: topK/);
    expect(said(compile(fn([f32([2, 'n'])], (x) => topK(x, 9)), { dims: { n: 5 } }))).toMatch(/FX1012: topK: axis -1 of \[2, 5\] has no 9 elements/);
    expect(numbersOf(exact, fn([f32([2, 'n']), i32([2, 1])], (x, i) => takeAlong(x, i, 1)), [numbers, intArray([9, 1], [2, 1])])).toEqual(onEach(exact, [[5, 2]]));
  });
});
