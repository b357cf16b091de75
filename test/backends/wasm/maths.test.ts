import { describe, expect, it } from 'vitest';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { typedArray, type DType, type Float } from '../../../src/core/dtype.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import { evaluatorFor, scalarRow, type ScalarName } from '../../../src/ir/scalars.ts';
import { generator } from '../../../src/testing/random.ts';
import { runGraph } from '../../laws/run.ts';
import { ulps } from '../../ulps.ts';

/** the function of each number, through a program of its own */
const apply = (fn: ScalarName, dtype: Exclude<DType, 'bool'>, ...operands: readonly (readonly number[])[]): readonly number[] => {
  const b = createBuilder(), params = operands.map((xs, i) => b.parameter('main', i, `x${i}`, { dtype, shape: [xs.length] }));
  b.addGraph({ name: 'main', params, results: [b.map(fn, params)] });
  return Array.from(runGraph(wasm(), b.graph('main'), operands.map((xs) => typedArray(dtype, xs)))?.[0] ?? []);
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

/** whole numbers at the ends of their ranges, and what is done with them */
const whole = [0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, 2 ** 30, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1];
const ofIntegers = ['div', 'rem', 'shiftLeft', 'shiftRightLogical', 'shiftRightArithmetic', 'popcount', 'countLeadingZeros', 'sign', 'abs'] as const;
const pairsOf = (xs: readonly number[]): readonly (readonly [number, number])[] => xs.flatMap((x) => xs.map((y) => [x, y] as const));

/** where e^x overflows, fades out and is nothing; denormals and the largest number */
const edges64 = [709.78, 709.7827128933841, 709.79, 709.9, 1e300, -708.3, -708.5, -745.13, -745.14, -745.3, -746, -747, -1e300, 5e-324, -5e-324, 1e-310, -1e-310, 2 ** -1022, 2 ** 1023, Number.MAX_VALUE, -Number.MAX_VALUE];

/** every 65,521st f32 of all: both signs, denormals, infinities and NaN */
const dense = Array.from(new Float32Array(Uint32Array.from({ length: 65551 }, (_, i) => i * 65521).buffer));
/** as far apart from each other, of the f64 */
const dense64 = Array.from(new Float64Array(BigUint64Array.from({ length: 65551 }, (_, i) => BigInt(i) * 281406257233917n).buffer));
/** angles next to whole quarters of a turn, where almost all digits cancel, and ones so large that a turn is less than a unit in their last place */
const angles = [...Array.from({ length: 2000 }, (_, i) => (i * i + 1) * (Math.PI / 2)), ...magnitudes(14, 127, both), ...magnitudes(127, 1023, both), 1e22, 6381956970095103 * 2 ** 797, 2 ** 15, 2 ** 20, 2 ** 23, 2 ** 32, 2 ** 63, 2 ** 64, 2 ** 500];

/** domain, and at most how many units in the last place off: of f32, of f64 */
const functions: readonly (readonly [fn: ScalarName, xs: readonly number[], f32: number, f64: number])[] = [
  ['exp', between(-104, 89), 1, 3], ['log', magnitudes(-126, 127, [1]), 1, 3], ['tanh', magnitudes(-30, 5, both), 6, 4], ['logistic', between(-110, 90), 3, 4], ['erf', magnitudes(-30, 3, both), 6, 16],
  ['expm1', magnitudes(-30, 6, both), 2, 6], ['log1p', [...magnitudes(-30, 20, [1]), ...between(-1, 1)], 2, 6], ['sin', between(-100, 100), 2, 1], ['cos', between(-100, 100), 2, 1],
  ['sqrt', magnitudes(-126, 127, [1]), 0, 0], ['rsqrt', magnitudes(-126, 127, [1]), 1, 1],
];

describe('functions that WebAssembly lacks', () => {
  it.each(functions)('%s of f32', (fn, xs, allowed) => { const w = worst(fn, 'f32', xs); expect(w.ulps, w.at).toBeLessThanOrEqual(allowed); });
  it.each(functions)('%s of f64', (fn, xs, _, allowed) => { const w = worst(fn, 'f64', xs); expect(w.ulps, w.at).toBeLessThanOrEqual(allowed); });
  it.each(functions)('%s of f32 from end to end', (fn, _, allowed) => { const w = worst(fn, 'f32', dense); expect(w.ulps, w.at).toBeLessThanOrEqual(allowed); });
  it.each(functions)('%s of f64 from end to end', (fn, _, __, allowed) => { const w = worst(fn, 'f64', dense64); expect(w.ulps, w.at).toBeLessThanOrEqual(allowed); });
  it.each(['sin', 'cos'] as const)('%s of any angle', (fn) => {
    const w = [worst(fn, 'f32', angles.filter((x) => x < 3e38)), worst(fn, 'f64', angles)];
    expect(w[0].ulps, w[0].at).toBeLessThanOrEqual(2);
    expect(w[1].ulps, w[1].at).toBeLessThanOrEqual(1);
  });
  it.each(functions)('%s of special numbers', (fn, _, f32, f64) => {
    const w = [worst(fn, 'f32', [...special, ...edges]), worst(fn, 'f64', [...special, ...edges, ...edges64])];
    expect(w[0].ulps, w[0].at).toBeLessThanOrEqual(f32);
    expect(w[1].ulps, w[1].at).toBeLessThanOrEqual(f64);
  });
  it.each(['f32', 'f64'] as const)('zeros keep their sign (%s)', (dtype) => {
    const odd = ['expm1', 'log1p', 'sin', 'tanh', 'erf', 'sign', 'sqrt', 'round', 'ceil', 'floor'] as const;
    expect(odd.map((fn) => apply(fn, dtype, [0, -0, 0, -0, -0]))).toEqual(odd.map(() => [0, -0, 0, -0, -0]));
  });
  it('signs', () => {
    const numbers = [...special, ...edges, 7, -7];
    expect(apply('sign', 'f32', numbers)).toEqual(numbers.map(Math.sign));
    expect(apply('sign', 'f64', numbers)).toEqual(numbers.map(Math.sign));
  });
  it('remainders, exactly, whatever the quotient', () => {
    const numbers = [...special, 7.5, -7.5, 0.1, 1e30, 3e-39, 5e-324], near = between(-1e6, 1e6), small = between(-2, 2);
    const pairs = [...numbers.flatMap((x) => numbers.map((y) => [x, y] as const)), ...near.map((x, i) => [x, small[i]] as const), ...near.map((x) => [Math.round(x), 3] as const)];
    for (const dtype of ['f32', 'f64'] as const) {
      const round = dtype === 'f32' ? Math.fround : (x: number): number => x, actual = apply('rem', dtype, pairs.map(([x]) => x), pairs.map(([, y]) => y));
      expect(actual).toEqual(pairs.map(([x, y]) => round(round(x) % round(y))));
    }
  });
  it('atan2 of every quadrant, magnitude and special case', () => {
    const numbers = [...special, ...edges, ...edges64, 2, -3, Math.SQRT2 - 1, Math.SQRT2 + 1], near = between(-8, 8), other = between(-8, 8), far = magnitudes(-140, 127, both), away = magnitudes(-140, 127, both);
    const ratios = magnitudes(-30, 30, both), eighths = between(0.4142, 0.41422);
    const pairs = [...numbers.flatMap((y) => numbers.map((x) => [y, x] as const)), ...near.map((y, i) => [y, other[i]] as const), ...far.map((y, i) => [y, away[i]] as const),
      ...ratios.map((r, i) => [r * other[i], other[i]] as const), ...eighths.map((r, i) => [r * near[i], near[i]] as const), ...dense.map((y, i) => [y, dense[(7919 * i) % dense.length]] as const)];
    const wide = dense64.map((y, i) => [y, dense64[(7919 * i) % dense64.length]] as const);
    for (const dtype of ['f32', 'f64'] as const) {
      const round = dtype === 'f32' ? Math.fround : (x: number): number => x, points = (dtype === 'f32' ? pairs : [...pairs, ...wide]).map(([y, x]) => [round(y), round(x)] as const);
      const actual = apply('atan2', dtype, points.map(([y]) => y), points.map(([, x]) => x));
      const unlike = points.flatMap(([y, x], i) => { const wanted = Math.atan2(y, x); return ulps(dtype, actual[i], wanted) <= 2 && Object.is(Math.sign(actual[i]) < 0 || Object.is(actual[i], -0), wanted < 0 || Object.is(round(wanted), -0)) ? [] : [`atan2(${y}, ${x}) = ${actual[i]}, not ${wanted} (${dtype})`]; });
      expect(unlike).toEqual([]);
    }
  });
  it.each(['i32', 'u32'] as const)('%s in lanes: division by anything, shifts by any number of bits', (dtype) => {
    const some = between(-30, 30).map((e) => Math.trunc(Math.sign(e) * 2 ** Math.abs(e)));
    const pairs = [...pairsOf(whole), ...some.map((x, i) => [x, some[(7 * i + 3) % some.length]] as const)];
    const operands = [0, 1].map((i) => Array.from(typedArray(dtype, pairs.map((p) => (dtype === 'i32' ? p[i] | 0 : p[i] >>> 0)))));
    for (const fn of ofIntegers) {
      const { arity } = scalarRow(fn), args = operands.slice(0, arity), evaluate = evaluatorFor(fn, dtype);
      expect(apply(fn, dtype, ...args), fn).toEqual(Array.from(typedArray(dtype, args[0].map((x, i) => (arity === 1 ? evaluate(x) : evaluate(x, args[1][i]))))));
    }
  });
  it.each(['i32', 'u32'] as const)('%s one by one', (dtype) => {
    const pairs = pairsOf(whole), n = pairs.length, operands = [0, 1].map((i) => typedArray(dtype, pairs.map((p) => (dtype === 'i32' ? p[i] | 0 : p[i] >>> 0))));
    for (const fn of ofIntegers) {
      // elements that lie apart go in no vectors
      const b = createBuilder(), { arity } = scalarRow(fn), args = operands.slice(0, arity), params = args.map((_, i) => b.parameter('main', i, `x${i}`, { dtype, shape: [2 * n] })), evaluate = evaluatorFor(fn, dtype);
      b.addGraph({ name: 'main', params, results: [b.map(fn, params.map((x) => b.slice(x, [0], [2 * n], [2])))] });
      const results = runGraph(wasm(), b.graph('main'), args.map((xs) => typedArray(dtype, Array.from(xs).flatMap((x) => [x, 5]))))?.[0] ?? [];
      expect(Array.from(results), fn).toEqual(Array.from(typedArray(dtype, pairs.map((_, i) => evaluate(...args.map((xs) => xs[i]))))));
    }
  });
  it.each(['f32', 'f64'] as const)('%s to integers, which wrap', (dtype) => {
    const numbers = [...special, 2 ** 31, -(2 ** 31) - 512, 3e9, 1e15, 2 ** 64 + 2 ** 41, 1e30, -1.9], b = createBuilder(), x = b.parameter('main', 0, 'x', { dtype, shape: [numbers.length] });
    b.addGraph({ name: 'main', params: [x], results: [b.convert(x, 'i32')] });
    const given = typedArray(dtype, numbers);
    expect(Array.from(runGraph(wasm(), b.graph('main'), [given])?.[0] ?? [])).toEqual(Array.from(given, (v) => v | 0));
  });
  it('pow, with every special case of ECMAScript', () => {
    const numbers = [...special, ...edges, 2, -2, 3, -3, 1e30, 0.3333], bases = magnitudes(-3, 3, both), powers = between(-40, 40), near = between(0.999, 1.001);
    const pairs = [...numbers.flatMap((x) => numbers.map((y) => [x, y] as const)), ...bases.map((x, i) => [x, i % 2 === 0 ? Math.round(powers[i]) : powers[i]] as const), ...near.map((x, i) => [x, powers[i] * 1000] as const)];
    for (const dtype of ['f32', 'f64'] as const) {
      const actual = apply('pow', dtype, pairs.map(([x]) => x), pairs.map(([, y]) => y));
      const unlike = pairs.flatMap(([x, y], i) => { const [a, b] = dtype === 'f32' ? [Math.fround(x), Math.fround(y)] : [x, y]; return ulps(dtype, actual[i], a ** b) <= (dtype === 'f32' ? 1 : 2 + Math.abs(b * Math.log(Math.abs(a)) || 0) / 64) ? [] : [`${a} ** ${b} = ${actual[i]}, not ${a ** b} (${dtype})`]; });
      expect(unlike).toEqual([]);
    }
  });
});
