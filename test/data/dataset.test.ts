import * as E from 'fp-ts/lib/Either.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { array, intArray, orThrow } from 'fluxion';
import { batches, dataset, drop, shuffle, splitAt, take } from 'fluxion/data';
import { shuffledOrder } from '../../src/data/order.ts';
import { runs } from '../laws/runs.ts';

const of = (n: number) => orThrow(dataset(array(Float32Array.from({ length: 2 * n }, (_, i) => i), [n, 2]), intArray(Int32Array.from({ length: n }, (_, i) => 10 * i), [n])));
const rows = (d: { readonly x: { toNested(): unknown }; readonly y: { readonly data: ArrayLike<number> } }): unknown => [d.x.toNested(), Array.from(d.y.data)];

describe('data sets', () => {
  it('take, drop and split examples', () => {
    expect(rows(take(of(3), 1))).toEqual([[[0, 1]], [0]]);
    expect(rows(drop(of(3), 2))).toEqual([[[4, 5]], [20]]);
    expect(splitAt(of(10), 0.8).map((d) => d.size)).toEqual([8, 2]);
    expect(take(of(3), 9).size).toBe(3);
  });
  it('keep rows and labels together when shuffled', () => {
    const { x, y } = shuffle(of(50), 3);
    expect(Array.from(y.data, (v, i) => [x.data[2 * i], x.data[2 * i + 1], v])).toEqual(Array.from(y.data, (v) => [v / 5, v / 5 + 1, v]));
    expect([...y.data]).not.toEqual([...of(50).y.data]);
  });
  it('come in batches, the last one smaller', () => {
    expect([...batches(of(5), 2)].map((b) => Array.from(b.y.data))).toEqual([[0, 10], [20, 30], [40]]);
    const seen = [...batches(of(5), 2, { seed: 1 })].flatMap((b) => Array.from(b.y.data));
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 10, 20, 30, 40]);
    expect(seen).toEqual([...batches(of(5), 2, { seed: 1 })].flatMap((b) => Array.from(b.y.data)));
  });
  it('refuse what does not belong together', () => {
    const code = (r: E.Either<readonly { readonly code: string; readonly message: string }[], unknown>): string => (E.isLeft(r) ? `${r.left[0].code} ${r.left[0].message}` : '');
    expect(code(dataset(array([1, 2], [2]), intArray([1], [1])))).toBe('FX6008 dataset: x holds 2 examples, but y holds 1');
    expect(code(dataset(array([1], []), intArray([1], [1])))).toMatch(/^FX6008 dataset: x is \[\] and y is \[1\]/);
    expect(code(dataset(array([], [0]), intArray([], [0])))).toMatch(/^FX6007/);
    expect(() => [...batches(of(3), 0)]).toThrow(/FX6009.*a batch size of 0/);
    expect(() => [...batches(of(3), 4)]).toThrow(/FX6009.*more than the 3 examples/);
  });
});

describe('the order of shuffling', () => {
  it('is a permutation that the seed and the epoch decide', () => {
    fc.assert(fc.property(fc.nat(300), fc.integer(), fc.nat(5), (n, seed, epoch) => {
      const order = shuffledOrder(n, seed, epoch);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(shuffledOrder(n, seed, epoch)).toEqual(order);
    }), runs(50, 72));
    expect(shuffledOrder(20, 1, 0)).not.toEqual(shuffledOrder(20, 1, 1));
    expect(shuffledOrder(20, 1, 0)).not.toEqual(shuffledOrder(20, 2, 0));
  });
  it('favours no place: chi-square of where the first goes, over seeds', () => {
    const n = 8, runs = 4000, counts = new Array<number>(n).fill(0);
    for (let seed = 0; seed < runs; seed++) counts[shuffledOrder(n, seed).indexOf(0)]++;
    const chi2 = counts.reduce((sum, c) => sum + (c - runs / n) ** 2 / (runs / n), 0);
    // 7 degrees of freedom: beyond 24.3 with probability 0.001
    expect(chi2).toBeLessThan(24.3);
  });
});
