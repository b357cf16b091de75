import { describe, expect, it } from 'vitest';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { typedArray, type DType } from '../../../src/core/dtype.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { scalarRow, type ScalarName } from '../../../src/ir/scalars.ts';
import { generator } from '../../../src/testing/random.ts';
import { runGraph } from '../../laws/run.ts';

type Float = Extract<DType, 'f32' | 'f64'>;
/** the function of each number, through a program of its own */
const apply = (fn: ScalarName, dtype: Float, ...operands: readonly (readonly number[])[]): readonly number[] => {
  const b = createBuilder(), params = operands.map((xs, i) => b.parameter('main', i, `x${i}`, { dtype, shape: [xs.length] }));
  b.addGraph({ name: 'main', params, results: [b.map(fn, params)] });
  return Array.from(runGraph(wasm(), b.graph('main'), operands.map((xs) => typedArray(dtype, xs)))?.[0] ?? []);
};
const bits = new DataView(new ArrayBuffer(8));
/** the number's place among all of its dtype */
const order = (dtype: Float, x: number): bigint => {
  if (dtype === 'f32') { bits.setFloat32(0, x); const n = BigInt(bits.getInt32(0)); return n < 0n ? -(2n ** 31n) - n : n; }
  bits.setFloat64(0, x);
  const n = bits.getBigInt64(0);
  return n < 0n ? -(2n ** 63n) - n : n;
};
const ulps = (dtype: Float, actual: number, wanted: number): number => {
  if (Number.isNaN(wanted) || Number.isNaN(actual)) return Number.isNaN(wanted) && Number.isNaN(actual) ? 0 : Infinity;
  const apart = order(dtype, actual) - order(dtype, dtype === 'f32' ? Math.fround(wanted) : wanted);
  return Number(apart < 0n ? -apart : apart);
};
/** the worst of many, and where */
const worst = (fn: ScalarName, dtype: Float, xs: readonly number[]): { readonly ulps: number; readonly at: string } => {
  const actual = apply(fn, dtype, xs), { evaluate } = scalarRow(fn);
  return xs.reduce<{ readonly ulps: number; readonly at: string }>((most, x, i) => {
    const given = dtype === 'f32' ? Math.fround(x) : x, apart = ulps(dtype, actual[i], evaluate(given));
    return apart > most.ulps ? { ulps: apart, at: `${fn}(${given}) = ${actual[i]}, not ${evaluate(given)}` } : most;
  }, { ulps: 0, at: '' });
};

const random = generator(11);
const between = (lo: number, hi: number): readonly number[] => Array.from({ length: 4000 }, () => lo + (hi - lo) * random());
/** every magnitude, both signs where the function has them */
const magnitudes = (lo: number, hi: number, signs: readonly number[]): readonly number[] => Array.from({ length: 4000 }, () => signs[Math.floor(random() * signs.length)] * 2 ** (lo + (hi - lo) * random()));
const both = [1, -1], special = [0, -0, 1, -1, 0.5, -0.5, Infinity, -Infinity, NaN];
const edges = [1e-45, -1e-45, 1e-39, -1e-39, 2 ** -126, 3.4e38, -3.4e38, 88.7228, 88.73, -87.3, -87.5, -100, -103.9, -104, -110];

/** domain, and at most how many units in the last place off: of four f32 in polynomials, of one f64 */
const functions: readonly (readonly [fn: ScalarName, xs: readonly number[], f32: number, f64: number])[] = [
  ['exp', between(-104, 89), 1, 3], ['log', magnitudes(-126, 127, [1]), 1, 3], ['tanh', magnitudes(-30, 5, both), 6, 4], ['logistic', between(-86, 90), 3, 4], ['erf', magnitudes(-30, 3, both), 6, 16],
  ['expm1', magnitudes(-30, 6, both), 1, 6], ['log1p', magnitudes(-30, 20, [1]), 1, 6], ['sin', between(-100, 100), 1, 64], ['cos', between(-100, 100), 1, 64],
  ['sqrt', magnitudes(-126, 127, [1]), 0, 0], ['rsqrt', magnitudes(-126, 127, [1]), 1, 1],
];

describe('functions that WebAssembly lacks', () => {
  it.each(functions)('%s of f32', (fn, xs, allowed) => { const w = worst(fn, 'f32', xs); expect(w.ulps, w.at).toBeLessThanOrEqual(allowed); });
  it.each(functions)('%s of f64', (fn, xs, _, allowed) => { const w = worst(fn, 'f64', xs); expect(w.ulps, w.at).toBeLessThanOrEqual(allowed); });
  it.each(functions)('%s of special numbers', (fn, _, f32, f64) => {
    const finite = fn === 'sin' || fn === 'cos' ? [] : edges, w = [worst(fn, 'f32', [...special, ...finite]), worst(fn, 'f64', [...special, ...finite])];
    expect(w[0].ulps, w[0].at).toBeLessThanOrEqual(f32);
    expect(w[1].ulps, w[1].at).toBeLessThanOrEqual(f64);
  });
  it('remainders, exactly, whatever the quotient', () => {
    const numbers = [...special, 7.5, -7.5, 0.1, 1e30, 3e-39, 5e-324], pairs = numbers.flatMap((x) => numbers.map((y) => [x, y] as const));
    for (const dtype of ['f32', 'f64'] as const) {
      const round = dtype === 'f32' ? Math.fround : (x: number): number => x, actual = apply('rem', dtype, pairs.map(([x]) => x), pairs.map(([, y]) => y));
      expect(actual).toEqual(pairs.map(([x, y]) => round(round(x) % round(y))));
    }
  });
  it.each(['f32', 'f64'] as const)('%s to integers, which wrap', (dtype) => {
    const numbers = [...special, 2 ** 31, -(2 ** 31) - 512, 3e9, 1e15, 2 ** 64 + 2 ** 41, 1e30, -1.9], b = createBuilder(), x = b.parameter('main', 0, 'x', { dtype, shape: [numbers.length] });
    b.addGraph({ name: 'main', params: [x], results: [b.convert(x, 'i32')] });
    const given = typedArray(dtype, numbers);
    expect(Array.from(runGraph(wasm(), b.graph('main'), [given])?.[0] ?? [])).toEqual(Array.from(given, (v) => v | 0));
  });
  it('pow, with every special case of ECMAScript', () => {
    const numbers = [...special, 2, -2, 3, -3, 1e30, 0.3333], pairs = numbers.flatMap((x) => numbers.map((y) => [x, y] as const));
    for (const dtype of ['f32', 'f64'] as const) {
      const actual = apply('pow', dtype, pairs.map(([x]) => x), pairs.map(([, y]) => y));
      const unlike = pairs.flatMap(([x, y], i) => { const [a, b] = dtype === 'f32' ? [Math.fround(x), Math.fround(y)] : [x, y]; return ulps(dtype, actual[i], a ** b) <= (dtype === 'f32' ? 1 : 256) ? [] : [`${a} ** ${b} = ${actual[i]}, not ${a ** b} (${dtype})`]; });
      expect(unlike).toEqual([]);
    }
  });
});
