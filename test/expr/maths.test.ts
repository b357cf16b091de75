import { describe, expect, it } from 'vitest';
import * as t from 'fluxion';
import type { Float, Tensor, Unary } from 'fluxion';
import { js, wasm } from 'fluxion/backends';
import { typedArray } from '../../src/core/dtype.ts';
import { generator } from '../../src/testing/random.ts';
import { ulps } from '../ulps.ts';
import { run } from './run.ts';

type Plain = (x: number) => number;
const compiled = (f: (x: never) => Tensor<unknown>, dtype: Float, xs: readonly number[], backend = wasm()): readonly number[] => {
  // SAFETY: the functions take a vector of floats, of whichever dtype
  const body = f as (x: Tensor<readonly number[]>) => Tensor<unknown>, example: Tensor<readonly number[]> = dtype === 'f32' ? t.f32([xs.length]) : t.f64([xs.length]);
  return Array.from<number>(t.orThrow(t.compile(t.fn([example], body), { backend }))(typedArray(dtype, xs)).data);
};
const worst = (dtype: Float, xs: readonly number[], got: readonly number[], of: Plain): { readonly ulps: number; readonly at: string } => xs.reduce((most, x, i) => {
  const given = dtype === 'f32' ? Math.fround(x) : x, apart = ulps(dtype, got[i], of(given));
  return apart > most.ulps ? { ulps: apart, at: `of ${given}: ${got[i]}, not ${of(given)}` } : most;
}, { ulps: 0, at: '' });

const random = generator(23);
const between = (lo: number, hi: number): readonly number[] => Array.from({ length: 3000 }, () => lo + (hi - lo) * random());
const magnitudes = (lo: number, hi: number, signs: readonly number[]): readonly number[] => Array.from({ length: 3000 }, () => signs[Math.floor(random() * signs.length)] * 2 ** (lo + (hi - lo) * random()));
const both = [1, -1], special = [0, -0, 1, -1, 0.5, -0.5, Infinity, -Infinity, NaN, 1e-45, -1e-45, 2 ** -126, 3.4e38, -3.4e38];
const inside = [...between(-1, 1), ...magnitudes(-60, 0, both), ...magnitudes(-24, -1, [1]).flatMap((x) => [1 - x, x - 1])], everywhere = [...magnitudes(-140, 127, both), ...between(-8, 8)];

interface Row { readonly of: Unary; readonly is: Plain; readonly slope: Plain; readonly xs: readonly number[]; readonly f32: number; readonly f64: number }
/** at most so many units in the last place off, by wasm and by js */
const rows: { readonly [name: string]: Row } = {
  tan: { of: t.tan, is: Math.tan, slope: (x) => 1 + Math.tan(x) ** 2, xs: [...between(-100, 100), ...magnitudes(-40, 20, both)], f32: 4, f64: 3 },
  asin: { of: t.asin, is: Math.asin, slope: (x) => 1 / Math.sqrt((1 - x) * (1 + x)), xs: inside, f32: 3, f64: 3 },
  acos: { of: t.acos, is: Math.acos, slope: (x) => -1 / Math.sqrt((1 - x) * (1 + x)), xs: inside, f32: 3, f64: 4 },
  atan: { of: t.atan, is: Math.atan, slope: (x) => 1 / (1 + x * x), xs: everywhere, f32: 2, f64: 2 },
  sinh: { of: t.sinh, is: Math.sinh, slope: Math.cosh, xs: [...between(-89.4, 89.4), ...magnitudes(-40, 6, both)], f32: 4, f64: 4 },
  cosh: { of: t.cosh, is: Math.cosh, slope: Math.sinh, xs: [...between(-89.4, 89.4), ...magnitudes(-40, 6, both)], f32: 4, f64: 4 },
  asinh: { of: t.asinh, is: Math.asinh, slope: (x) => 1 / Math.hypot(1, x), xs: everywhere, f32: 3, f64: 4 },
  acosh: { of: t.acosh, is: Math.acosh, slope: (x) => 1 / (Math.sqrt(x - 1) * Math.sqrt(x + 1)), xs: [...magnitudes(-24, 126, [1]).map((x) => 1 + x), ...between(1, 8)], f32: 4, f64: 5 },
  atanh: { of: t.atanh, is: Math.atanh, slope: (x) => 1 / ((1 - x) * (1 + x)), xs: inside, f32: 3, f64: 4 },
  exp2: { of: t.exp2, is: (x) => 2 ** x, slope: (x) => Math.LN2 * 2 ** x, xs: [...between(-150, 128), ...magnitudes(-40, 6, both)], f32: 1, f64: 3 },
  log2: { of: t.log2, is: Math.log2, slope: (x) => 1 / (x * Math.LN2), xs: [...magnitudes(-140, 127, [1]), ...between(0.5, 2)], f32: 2, f64: 3 },
  log10: { of: t.log10, is: Math.log10, slope: (x) => 1 / (x * Math.LN10), xs: [...magnitudes(-140, 127, [1]), ...between(0.5, 2)], f32: 2, f64: 3 },
  cbrt: { of: t.cbrt, is: Math.cbrt, slope: (x) => 1 / (3 * Math.cbrt(x) ** 2), xs: everywhere, f32: 1, f64: 2 },
};
const slopeOf = (f: Unary) => (x: never): Tensor<unknown> => t.grad((v: t.F32<[1]>) => t.sum(f(v)))(x);
const curvatureOf = (f: Unary) => slopeOf(slopeOf(f) as never);

describe.each(Object.entries(rows))('%s', (_, { of, is, slope, xs, f32, f64 }) => {
  it.each(['f32', 'f64'] as const)('of %s, by wasm and js', (dtype) => {
    for (const backend of [wasm(), js()]) {
      const all = [...special, ...xs], w = worst(dtype, all, compiled(of as never, dtype, all, backend), is);
      expect(w.ulps, w.at).toBeLessThanOrEqual(dtype === 'f32' ? f32 : f64);
    }
  });
  it.each([['f32', 2 ** -21], ['f64', 2 ** -50]] as const)('its slope (%s)', (dtype, allowed) => {
    const at = xs.filter((x) => x !== 0 && Number.isFinite(slope(dtype === 'f32' ? Math.fround(x) : x))), got = compiled(slopeOf(of), dtype, at);
    const off = at.flatMap((x, i) => {
      const given = dtype === 'f32' ? Math.fround(x) : x, wanted = slope(given), beyond = dtype === 'f32' && Math.abs(wanted) > 1.7e38;
      return beyond || Math.abs(got[i] - wanted) <= allowed * Math.abs(wanted) + 1e-44 ? [] : [`at ${given}: ${got[i]}, not ${wanted}`];
    });
    expect(off).toEqual([]);
  });
});
describe('odd functions at 0', () => {
  const odd = ['tan', 'asin', 'atan', 'sinh', 'asinh', 'atanh'];
  it.each([...odd.map((name) => [name, rows[name].of] as const), ['erfInv', t.erfInv] as const])('%s keeps the sign of zero, has its slope and no curvature there', (name, of) => {
    expect(compiled(of as never, 'f32', [0, -0])).toEqual([0, -0]);
    const slope = name === 'erfInv' ? Math.fround(Math.sqrt(Math.PI) / 2) : 1;
    expect(compiled(slopeOf(of), 'f32', [0, -0])).toEqual([slope, slope]);
    expect(compiled(curvatureOf(of), 'f32', [0, -0]).map(Math.abs)).toEqual([0, 0]);
  });
  it('cosh has slope 0 and curvature 1', () => expect([compiled(slopeOf(t.cosh), 'f32', [0]), compiled(curvatureOf(t.cosh), 'f32', [0])]).toEqual([[0], [1]]));
  it('the cube root keeps the sign of zero and has no finite slope', () => expect([compiled(t.cbrt as never, 'f32', [0, -0]), compiled(slopeOf(t.cbrt), 'f32', [0])]).toEqual([[0, -0], [Infinity]]));
});
describe('where slopes are infinite they are not NaN', () => {
  it.each([['asin', t.asin, [1, -1], [Infinity, Infinity]], ['acos', t.acos, [1, -1], [-Infinity, -Infinity]], ['acosh', t.acosh, [1], [Infinity]], ['atanh', t.atanh, [1, -1], [Infinity, Infinity]], ['erfInv', t.erfInv, [1, -1], [Infinity, Infinity]],
    ['sinh', t.sinh, [1e20, -1e20, Infinity, -Infinity], [Infinity, Infinity, Infinity, Infinity]], ['cosh', t.cosh, [1e20, -1e20, Infinity, -Infinity], [Infinity, -Infinity, Infinity, -Infinity]]] as const)('%s', (_, of, at, wanted) =>
    expect(compiled(slopeOf(of), 'f64', at)).toEqual(wanted));
});
it('a second derivative away from 0: asinh, whose slope is 1/√(1 + x²), has −x/(1 + x²)^1.5', () => {
  const at = [-3, 0.25, 2, 40], got = compiled(curvatureOf(t.asinh), 'f64', at);
  at.forEach((x, i) => expect(got[i]).toBeCloseTo(-x / (1 + x * x) ** 1.5, 14));
});

describe('the inverse of erf', () => {
  // mpmath 1.3 at sixty digits, rounded to double
  const at = [0.5, -0.25, 0.9, -0.99, 0.999999, 1 - 2 ** -24, 1 - 2 ** -40, 1e-10, 0.9999, 2 ** -60, -(1 - 2 ** -53)];
  const wanted = [0.4769362762044699, -0.2253120550121781, 1.1630871536766743, -1.8213863677184494, 3.458910737275499, 3.832506856900711, 5.05125408524939, 8.862269254527581e-11, 2.75106390571208, 7.686793263128236e-19, -5.8635847487551676];
  it('of f64', () => {
    const got = compiled(t.erfInv as never, 'f64', at), off = got.map((y, i) => ulps('f64', y, wanted[i]));
    expect(Math.max(...off)).toBeLessThanOrEqual(4);
  });
  it('of f32, at numbers that f32 holds', () => {
    const exact = at.map((x, i) => [x, wanted[i]] as const).filter(([x]) => Math.fround(x) === x), got = compiled(t.erfInv as never, 'f32', exact.map(([x]) => x));
    expect(exact.length).toBe(4);
    expect(Math.max(...got.map((y, i) => ulps('f32', y, exact[i][1])))).toBeLessThanOrEqual(4);
  });
  it('edges', () => expect(compiled(t.erfInv as never, 'f32', [1, -1, 1.5, -2, NaN])).toEqual([Infinity, -Infinity, NaN, NaN, NaN]));
  it('comes back through erf', () => {
    const xs = [...between(-1, 1), ...magnitudes(-40, -1, both)], back = compiled(((x: t.F32<[1]>) => t.erf(t.erfInv(x))) as never, 'f64', xs);
    xs.forEach((x, i) => expect(Math.abs(back[i] - x)).toBeLessThanOrEqual(1e-14 * Math.abs(x)));
  });
  it('takes both of its rules along where a size has a name', () => {
    const f = t.fn([t.f32(['n'])], (x) => ({ back: t.grad((v: typeof x) => t.sum(t.erfInv(v)))(x), forward: t.jvp((v: typeof x) => t.erfInv(v))([x], [t.onesLike(x)])[1] }));
    const { back, forward } = t.orThrow(t.compile(f))(Float32Array.of(0, 0.5, -0.5)), half = Math.sqrt(Math.PI) / 2 * Math.exp(0.4769362762044699 ** 2);
    for (const got of [back, forward]) [Math.sqrt(Math.PI) / 2, half, half].forEach((wanted, i) => expect(got.data[i]).toBeCloseTo(wanted, 6));
  });
  it('has the slope √π/2·exp(y²), forward and back, and its slope has one', () => {
    const xs = [-0.9, -0.3, 0.5, 0.999], y = compiled(t.erfInv as never, 'f64', xs), slope = y.map((v) => Math.sqrt(Math.PI) / 2 * Math.exp(v * v));
    const forward = compiled(((x: t.F32<[4]>) => t.jvp((v: t.F32<[4]>) => t.erfInv(v))([x], [t.onesLike(x)])[1]) as never, 'f64', xs), curvature = compiled(curvatureOf(t.erfInv), 'f64', xs);
    for (const got of [forward, compiled(slopeOf(t.erfInv), 'f64', xs)]) got.forEach((g, i) => expect(Math.abs(g / slope[i] - 1)).toBeLessThan(1e-14));
    curvature.forEach((c, i) => expect(Math.abs(c / (2 * y[i] * slope[i] ** 2) - 1)).toBeLessThan(1e-13));
  });
});

describe('functions of two', () => {
  const inf = Infinity;
  const pair = (f: (x: never, y: never) => Tensor<unknown>, dtype: t.DType, xs: readonly number[], ys: readonly number[]): readonly number[] =>
    Array.from(t.orThrow(t.compute(f(t.arrayOf(dtype, typedArray<t.DType>(dtype, xs) as never, [xs.length]) as never, t.arrayOf(dtype, typedArray<t.DType>(dtype, ys) as never, [ys.length]) as never))).data as Iterable<number>);
  const slopes = (f: (x: t.F32<[]>, y: t.F32<[]>) => t.F32<[]>, x: number, y: number): readonly number[] =>
    run(t.fn([t.f32(), t.f32()], (p, q) => t.grad((args: readonly [t.F32<[]>, t.F32<[]>]) => f(args[0], args[1]))([p, q])), [Float32Array.of(x), Float32Array.of(y)]).map((r) => r.data[0]);

  it('hypot neither overflows nor vanishes', () => {
    expect(pair(t.hypot as never, 'f32', [3, 3e30, 1e-30, 0, -5, inf, 1, NaN], [4, 4e30, 1e-30, -0, 12, 1, -inf, 1]).map((x, i) => (i === 2 ? Math.fround(x / 1e-30) : x))).toEqual([5, Math.fround(5e30), Math.fround(Math.SQRT2), 0, 13, inf, inf, NaN]);
    const xs = magnitudes(-140, 126, both), ys = xs.map((x, i) => x * between(-3, 3)[i]), got = pair(t.hypot as never, 'f32', xs, ys);
    expect(Math.max(...got.map((h, i) => ulps('f32', h, Math.hypot(Math.fround(xs[i]), Math.fround(ys[i])))))).toBeLessThanOrEqual(2);
  });
  it('the slopes of hypot are x and y over it, at ties and on the axes too, and 0 at the origin', () => {
    const f = (x: t.F32<[]>, y: t.F32<[]>): t.F32<[]> => t.hypot(x, y);
    expect([slopes(f, 3, 4), slopes(f, 0, -2), slopes(f, 5, 0), slopes(f, 0, 0)]).toEqual([[0.6, 0.8].map(Math.fround), [0, -1], [1, 0], [0, 0]]);
    slopes(f, 2, 2).forEach((s) => expect(s).toBeCloseTo(Math.SQRT1_2, 6));
  });
  it('logaddexp', () => {
    expect(pair(t.logaddexp as never, 'f32', [1000, -1000, -inf, -inf, inf, inf, NaN], [1000, 0, -inf, 2, inf, -inf, 1])).toEqual([Math.fround(1000 + Math.LN2), 0, -inf, 2, inf, inf, NaN]);
    const xs = between(-30, 30), ys = between(-30, 30), got = pair(t.logaddexp as never, 'f64', xs, ys);
    got.forEach((v, i) => expect(Math.abs(v - Math.log(Math.exp(xs[i]) + Math.exp(ys[i])))).toBeLessThan(1e-14));
  });
  it('sums of exponentials: what is infinite is so in its own dtype, and what is large in f64 is not', () => {
    const of = (dtype: Float, ...xs: readonly number[]): Tensor<[number], Float> => t.arrayOf(dtype, xs, [xs.length]), got = (x: Tensor<unknown, Float>): readonly number[] => Array.from(t.orThrow(t.compute(x)).data);
    for (const dtype of ['f16', 'bf16', 'f32', 'f64'] as const) {
      expect(got(t.logSumExp(of(dtype, -inf, -inf)))).toEqual([-inf]);
      expect(got(t.logaddexp(of(dtype, -inf, inf, -inf), of(dtype, -inf, inf, 3)))).toEqual([-inf, inf, 3]);
      const running = got(t.cumlogsumexp(of(dtype, -inf, 1, 2)));
      expect(running.slice(0, 2)).toEqual([-inf, 1]);
      expect(running[2]).toBeCloseTo(Math.log(Math.E + Math.E ** 2), 1);
    }
    for (const [dtype, x] of [['f32', Math.fround(3.2e38)], ['f64', 1e39]] as const) {
      expect(got(t.logSumExp(of(dtype, x, 5)))).toEqual([x]);
      expect(got(t.cumlogsumexp(of(dtype, 5, x)))).toEqual([5, x]);
      expect(got(t.logaddexp(of(dtype, x), of(dtype, 5)))).toEqual([x]);
    }
    const logOfSum = t.orThrow(t.compile(t.fn([t.f64([2])], (v) => t.log(t.sum(t.exp(v))))));
    expect(logOfSum([1e39, 5]).item()).toBe(1e39);
  });
  it('the slopes of logaddexp are shares of one', () => {
    const f = (x: t.F32<[]>, y: t.F32<[]>): t.F32<[]> => t.logaddexp(x, y);
    expect([slopes(f, 7, 7), slopes(f, -inf, 3), slopes(f, 1000, -1000), slopes(f, -inf, -inf)]).toEqual([[0.5, 0.5], [0, 1], [1, 0], [0, 1]]);
  });
  it('remainder has the sign of the divisor, as Python’s', () => {
    expect(pair(t.remainder as never, 'i32', [7, -7, 7, -7, 6, -6, 5, -5], [3, 3, -3, -3, 3, 3, 0, 0])).toEqual([1, 2, -2, -1, 0, 0, 5, -5]);
    expect(pair(t.remainder as never, 'u32', [7, 4294967295], [3, 2])).toEqual([1, 1]);
    expect(pair(t.remainder as never, 'f64', [5.5, -5.5, 5.5, -5.5, 5, -5, 1], [2, 2, -2, -2, inf, inf, 0])).toEqual([1.5, 0.5, -0.5, -1.5, 5, inf, NaN]);
    const f = (x: t.F32<[]>, y: t.F32<[]>): t.F32<[]> => t.remainder(x, y);
    // x − y·⌊x/y⌋
    expect([slopes(f, 7.5, 2), slopes(f, -7.5, 2)]).toEqual([[1, -3], [1, 4]]);
  });
  it('a number may stand on either side, and shapes broadcast', () => {
    expect(Array.from(t.orThrow(t.compute(t.hypot(t.array([[3], [5]]), t.array([4, 12])))).data).map(Math.round)).toEqual([5, 12, 6, 13]);
    expect(Array.from(t.orThrow(t.compute(t.remainder(-7, t.intArray([3, -4], [2])))).data)).toEqual([2, -3]);
  });
  it('what they do not take is said', () => {
    expect(() => t.orThrow(t.compute(t.hypot(t.intArray([1], [1]) as never, 2)))).toThrow('hypot: does not take i32');
    expect(() => t.orThrow(t.compute(t.erfInv(t.intArray([1], [1]) as never)))).toThrow('erfInv: does not take i32');
  });
});
