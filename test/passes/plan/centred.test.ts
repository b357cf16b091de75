import { describe, expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import { add, div, exp, f32, fn, matmul, mean, mul, rsqrt, square, sub, sum, transpose, variance, type F32 } from '../../../src/index.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

type X = F32<[number, number]>;
const keep = { keepdims: true } as const;
const sizes: readonly [number, number, number] = [7, 41, 3], [, columns] = sizes;
/** wide scores between two products, normalised in between and then bent, so that nothing of that leaves the second product */
const between = (normalised: (scores: X) => X, [rows, columns, width] = sizes) => fn([f32([rows, width]), f32([columns, width]), f32([columns, width])], (q, k, v) => matmul(exp(mul(normalised(matmul(q, transpose(k))), 0.1)), v));
const layerNorm = (x: X): X => mul(sub(x, mean(x, -1, keep)), rsqrt(add(variance(x, -1, keep), 0.1)));

const passes = (f: unknown): readonly unknown[] => staged(moduleOf(f), js(), 400).plan.groups.map(({ nest }) => (nest.kind === 'blocks' && nest.stream !== undefined ? nest.parts.filter((p) => p.streamed).length : nest.kind));
const expectMeanings = (module: Module): void => { for (const scratchBytes of [1 << 16, 400, 200, 0]) expectMeaning(module, scratchBytes); };

describe('a mean and the squares about it run over the columns together', () => {
  it('so that a row too long for scratch takes two passes to be normalised', () => {
    expect(passes(between(layerNorm))).toEqual([2]);
    expectMeanings(moduleOf(between(layerNorm)));
  });
  it('at every size around blocks of columns', () => { for (const n of [1, 2, 4, 5, 8, 9, 31, 65]) expectMeanings(moduleOf(between(layerNorm, [5, n, 2]))); });
  it.each<readonly [string, (x: X) => X]>([
    ['with the mean as a quotient', (x) => { const c = sub(x, div(sum(x, -1, keep), columns)); return mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))); }],
    ['with the mean and what is relative to it read elsewhere too', (x) => { const m = div(sum(x, -1, keep), columns), c = sub(x, m); return add(mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))), add(exp(mul(c, 0.1)), m)); }],
    ['of values that are computed on the way', (x) => layerNorm(exp(mul(x, 0.1)))],
  ])('%s', (_, f) => {
    expect(passes(between(f))).toEqual([2]);
    expectMeanings(moduleOf(between(f)));
  });
  it.each<readonly [string, (x: X) => X]>([
    ['of other numbers', (x) => { const c = sub(x, mean(square(x), -1, keep)); return mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))); }],
    ['that is none: of one number more', (x) => { const c = sub(x, div(sum(x, -1, keep), columns + 1)); return mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))); }],
    ['in something else than squares', (x) => { const c = sub(x, mean(x, -1, keep)); return mul(c, rsqrt(add(sum(mul(c, mul(c, c)), -1, keep), 100))); }],
  ])('but not about a mean %s', (_, f) => {
    expect(passes(between(f))).toEqual([3]);
    expectMeanings(moduleOf(between(f)));
  });
});
