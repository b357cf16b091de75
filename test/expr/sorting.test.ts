import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { argsort, array, arrayOf, compile, f32, f64, fn, orThrow, searchSorted, sin, sort, sortTogether, sum, topK, type Tensor } from '../../src/index.ts';
import { checkGradients } from '../../src/testing/index.ts';

type V = Tensor<[number], 'f32'>;
const backends: readonly Backend<'sync'>[] = [reference(), js(), wasm({ threads: 1 }), gpujs({ mode: 'cpu' })];
const run = (f: (x: V) => Tensor<unknown>, data: readonly number[], backend: Backend<'sync'>): readonly number[] =>
  Array.from<number>((orThrow(compile(fn([f32([data.length])], f), { backend }))(array(Float32Array.from(data), [data.length])) as { readonly data: Float32Array }).data);
const rank = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0);

/** few values, so that many are equal, and the special ones */
const values = fc.array(fc.constantFrom(0, -0, 1, -1, 2, 0.5, Infinity, -Infinity, NaN, 3, 7), { minLength: 1, maxLength: 40 });
describe('argsort', () => {
  it.each(backends.map((b) => [b.name, b] as const))('is stable, NaN last, at any length: %s', (_, backend) => {
    fc.assert(fc.property(values, fc.boolean(), (data, descending) => {
      const key = data.map((x) => (Number.isFinite(x) || Number.isNaN(x) ? x : Math.sign(x) * 1e30));
      const wanted = data.map((__, i) => i).sort((i, j) => (descending && !Number.isNaN(key[i]) && !Number.isNaN(key[j]) ? -1 : 1) * rank(key[i], key[j]) || i - j);
      expect(run((x) => argsort(x, 0, { descending }), data, backend)).toEqual(wanted);
    }), { numRuns: 40, seed: 91 });
  });
  it.each(backends.slice(1, 3).map((b) => [b.name, b] as const))('of a long row is one kernel that sorts it: %s', (_, backend) => {
    const data = Array.from({ length: 5000 }, (__, i) => Math.fround(Math.sin(1.3 * i) * 50)), wanted = data.map((__, i) => i).sort((i, j) => data[i] - data[j] || i - j);
    expect(run((x) => argsort(x), data, backend)).toEqual(wanted);
  });
});
describe('sort', () => {
  it('goes along any axis, with others by several keys', () => {
    for (const backend of backends) {
      const program = fn([f64([2, 3]), f64([2, 3])], (x, y) => [sort(x, 0), sort(x, 1, { descending: true }), ...sortTogether([x, y], { keys: 2 }), ...sortTogether([y, x], { axis: 0 })]);
      if (backend.name === 'gpujs') continue;
      const got = orThrow(compile(program, { backend }))(arrayOf('f64', Float64Array.of(2, 1, 2, 0, 5, 3), [2, 3]), arrayOf('f64', Float64Array.of(9, 8, 7, 6, 5, 4), [2, 3]));
      expect(got.map((a) => Array.from(a.data)), backend.name).toEqual([[0, 1, 2, 2, 5, 3], [2, 2, 1, 5, 3, 0], [1, 2, 2, 0, 3, 5], [8, 7, 9, 6, 4, 5], [6, 5, 4, 9, 8, 7], [0, 5, 3, 2, 1, 2]]);
    }
  });
  it('has the derivatives that differences show', () => {
    const weights = arrayOf('f64', Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]), x = arrayOf('f64', Float64Array.of(0.3, -1, 2, 0.7, 0.1, -0.4), [2, 3]);
    expect(orThrow(checkGradients((v: Tensor<[2, 3], 'f64'>) => sum(sin(sortTogether([v, weights])[0])), [x])).compared).toBeGreaterThan(3);
    expect(orThrow(checkGradients((v: Tensor<[2, 3], 'f64'>) => sum(sin(topK(v, 2).values)), [x])).compared).toBeGreaterThan(3);
  });
  it('topK gives the largest and their places', () => {
    for (const backend of backends) {
      expect(run((x) => topK(x, 3).values, [1, NaN, 5, 2, 5], backend), backend.name).toEqual([5, 5, 2]);
      expect(run((x) => topK(x, 3).indices, [1, NaN, 5, 2, 5], backend), backend.name).toEqual([2, 4, 3]);
      expect(run((x) => topK(x, 0).values, [1, 2], backend), backend.name).toEqual([]);
    }
  });
});
describe('searchSorted', () => {
  it.each([5, 32, 33, 100])('is how many of %d elements precede, on either side', (n) => {
    const table = Float32Array.from({ length: n }, (_, i) => Math.floor(i / 3)), at = [-1, 0, 0.5, 1, Math.floor((n - 1) / 3), n, NaN];
    for (const backend of backends) for (const side of ['left', 'right'] as const) {
      const wanted = at.map((v) => table.filter((t) => (Number.isNaN(v) ? true : side === 'left' ? t < v : t <= v)).length);
      expect(run((x) => searchSorted(array(table, [n]), x, side), at, backend), `${backend.name}, ${side}`).toEqual(wanted);
    }
  });
});
