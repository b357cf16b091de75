import { describe, expect, it } from 'vitest';
import { add, array, arrayOf, exp, f32, fn, gather, grad, i32, intArray, mul, pick, sum, take, takeAlong, u32 } from 'fluxion';
import { saidOf } from '../messages.ts';
import { everywhere, exact, numbersOf, onEach } from './everywhere.ts';

const rows = { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0], indexVectorDim: 1, sliceSizes: [1, 2] } as const;
const nothing = array(new Float32Array(0), [0, 2]), none = array(new Float32Array(0), [1, 0]), ids = intArray([0, 5, -1], [3]), words = Uint32Array.of(0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1);

describe('a table that turns out to have no rows', () => {
  const all = fn([f32(['n', 2]), i32([3])], (x, i) => [take(x, i), add(take(exp(x), i), 1), gather(x, i, rows), grad((v: typeof x) => sum(mul(take(v, i), 2)))(x)]);
  const wanted = [[0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0], []];
  it.each([[{}], [{ dims: { n: { max: 4 } } }], [{ dims: { n: 0 } }]])('gives zeros, compiled with %o', (options) => {
    expect(numbersOf(everywhere, all, [nothing, ids], options)).toEqual(onEach(everywhere, wanted));
  });
  it('also along another axis, and to words', () => {
    const f = fn([f32([1, 'n']), i32([1, 3]), i32([1])], (x, i, k) => [takeAlong(x, i, 1), pick(x, k)]);
    expect(numbersOf(everywhere, f, [none, intArray([0, 5, -1], [1, 3]), intArray([0], [1])], { dims: { n: { max: 4 } } })).toEqual(onEach(everywhere, [[0, 0, 0], [0]]));
    const byWords = fn([f32(['n', 2]), u32([4])], (x, i) => take(x, i));
    expect(numbersOf(exact, byWords, [nothing, arrayOf('u32', words, [4])], { dims: { n: { max: 4 } } })).toEqual(onEach(exact, [[0, 0, 0, 0, 0, 0, 0, 0]]));
  });
});

describe('a table that has none', () => {
  it('is refused', () => {
    expect(saidOf(fn([f32([0, 2]), i32([3])], (x, i) => take(x, i)))).toMatch(/FX1012: take: axis 0 of \[0, 2\] has no elements to take/);
    expect(saidOf(fn([f32([2, 0]), i32([2, 1])], (x, i) => takeAlong(x, i, 1)))).toMatch(/FX1012: takeAlong: axis 1 of \[2, 0\] has no elements to take/);
  });
  it('but where nothing is taken', () => {
    const f = fn([f32([0, 2]), i32([0]), i32([0, 2])], (x, i, k) => [take(x, i), takeAlong(x, k, 0)]);
    expect(numbersOf(everywhere, f, [nothing, intArray([], [0]), intArray([], [0, 2])])).toEqual(onEach(everywhere, [[], []]));
  });
});

describe('indices from 2³¹ on', () => {
  it('are beyond the last', () => {
    const f = fn([f32([2, 3]), u32([2, 4])], (x, i) => [takeAlong(x, i, 1), takeAlong(x, takeAlong(i, i, 1), 1)]);
    const x = array([1, 2, 3, 4, 5, 6], [2, 3]), i = arrayOf('u32', Uint32Array.of(...words, ...words), [2, 4]);
    expect(numbersOf(exact, f, [x, i])).toEqual(onEach(exact, [[1, 3, 3, 3, 4, 6, 6, 6], [1, 3, 3, 3, 4, 6, 6, 6]]));
  });
});
