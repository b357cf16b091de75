import { describe, expect, it } from 'vitest';
import {
  add, array, arrayOf, bernoulli, broadcastTo, categorical, compile, compute, convert, exponential, f32, fn, foldIn, gumbel, intArray, key, laplace, less, mul, normal, orThrow, randint, randomBits, truncatedNormal, uniform, type CompileOptions, type Key, type Tensor,
} from 'fluxion';
import { js, reference, wasm } from 'fluxion/backends';
import { gpujs } from 'fluxion/gpujs';
import { erf } from '../../src/core/special.ts';
import { threefryNumbers } from '../../src/expr/threefry.ts';
import { valueOf } from './run.ts';

const n = 20_000;
const backends: { readonly [K in 'reference' | 'js' | 'wasm']: NonNullable<CompileOptions['backend']> } = { reference: reference(), js: js(), wasm: wasm() };
const drawn = (make: () => Tensor<unknown>, backend = backends.wasm): readonly number[] => Array.from(orThrow(compute(make(), { backend })).data as Iterable<number>);
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const variance = (xs: readonly number[]): number => { const m = mean(xs); return xs.reduce((a, x) => a + (x - m) ** 2, 0) / xs.length; };

/** the largest distance between the share of numbers up to x and the distribution's probability (Kolmogorov 1933) */
const distance = (xs: readonly number[], distribution: (x: number) => number): number => [...xs].sort((a, b) => a - b)
  .reduce((most, x, i) => Math.max(most, (i + 1) / xs.length - distribution(x), distribution(x) - i / xs.length), 0);
/** which it passes once in a thousand times: √(−½·log(0.001/2)) / √n (Smirnov 1948) */
const critical = Math.sqrt(-0.5 * Math.log(0.0005) / n);
/** Σ (found − expected)²/expected, which lies beyond this once in a thousand times (Wilson and Hilferty 1931; 3.0902 is the normal quantile) */
const chiSquare = (found: readonly number[], expected: readonly number[]): number => found.reduce((sum, f, i) => sum + (f - expected[i]) ** 2 / expected[i], 0);
const chiCritical = (freedom: number): number => freedom * (1 - 2 / (9 * freedom) + 3.0902 * Math.sqrt(2 / (9 * freedom))) ** 3;
const countsOf = (xs: readonly number[], values: number): readonly number[] => { const counts = Array<number>(values).fill(0); for (const x of xs) counts[x]++; return counts; };

const Phi = (x: number): number => 0.5 * (1 + erf(x * Math.SQRT1_2)), euler = 0.5772156649015329;
const between = (low: number, high: number) => (x: number): number => (Phi(x) - Phi(low)) / (Phi(high) - Phi(low));
/** the density of the normal distribution, and mean and variance of what is between two bounds (Johnson and Kotz 1970) */
const phi = (x: number): number => (Number.isFinite(x) ? Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) : 0), times = (x: number, p: number): number => (p === 0 ? 0 : x * p);
const momentsBetween = (a: number, b: number): readonly [number, number] => {
  const z = Phi(b) - Phi(a), m = (phi(a) - phi(b)) / z;
  return [m, 1 + (times(a, phi(a)) - times(b, phi(b))) / z - m * m];
};
interface Row { readonly draw: (k: Key, shape: readonly [number]) => Tensor<unknown>; readonly distribution: (x: number) => number; readonly mean: number; readonly variance: number; readonly within: readonly [number, number]; /** how far backends may be apart, 4 units unless told */ readonly units?: number }
const truncated = (low: number, high: number): Row => {
  const [m, v] = momentsBetween(low, high);
  return { draw: (k, shape) => truncatedNormal(k, low, high, shape), distribution: between(low, high), mean: m, variance: v, within: [low, high] };
};
const inf = Infinity;
const rows: { readonly [name: string]: Row } = {
  uniform: { draw: uniform, distribution: (x) => x, mean: 0.5, variance: 1 / 12, within: [0, 1] },
  normal: { draw: normal, distribution: Phi, mean: 0, variance: 1, within: [-inf, inf], units: 16 },
  exponential: { draw: exponential, distribution: (x) => -Math.expm1(-x), mean: 1, variance: 1, within: [0, inf] },
  gumbel: { draw: gumbel, distribution: (x) => Math.exp(-Math.exp(-x)), mean: euler, variance: Math.PI ** 2 / 6, within: [-inf, inf] },
  laplace: { draw: laplace, distribution: (x) => (x < 0 ? 0.5 * Math.exp(x) : 1 - 0.5 * Math.exp(-x)), mean: 0, variance: 2, within: [-inf, inf] },
  'truncatedNormal on both sides': truncated(-2, 2), 'truncatedNormal of half': truncated(0, inf), 'truncatedNormal of a tail': truncated(2.5, inf), 'truncatedNormal of the other': truncated(-inf, -1), 'truncatedNormal of a slice': truncated(-0.01, 0.02), 'truncatedNormal of all': truncated(-inf, inf),
};

describe.each(Object.entries(rows))('%s', (_, row) => {
  const xs = drawn(() => row.draw(key(17), [n]));
  it('has its distribution (Kolmogorov and Smirnov)', () => expect(distance(xs, row.distribution)).toBeLessThan(critical));
  it('has its mean and its variance', () => {
    expect(Math.abs(mean(xs) - row.mean)).toBeLessThan(4 * Math.sqrt(row.variance / n));
    expect(Math.abs(variance(xs) / row.variance - 1)).toBeLessThan(0.1);
  });
  it('stays finite and within its bounds', () => {
    expect(xs.every((x) => Number.isFinite(x) && x >= Math.fround(row.within[0]) && x <= Math.fround(row.within[1]))).toBe(true);
  });
  it('agrees between backends within so many units in the last place of the larger of 1 and itself', () => {
    const wanted = drawn(() => row.draw(key(17), [n]), backends.reference);
    for (const got of [xs, drawn(() => row.draw(key(17), [n]), backends.js)]) expect(Math.max(...got.map((x, i) => Math.abs(x - wanted[i]) / Math.max(1, Math.abs(wanted[i]))))).toBeLessThanOrEqual((row.units ?? 4) * 2 ** -23);
  });
});
it('a distribution that is another is told apart', () => {
  expect(distance(drawn(() => normal(key(17), [n])), (x) => Phi(x / 1.05))).toBeGreaterThan(critical);
  expect(chiSquare(countsOf(drawn(() => randint(key(17), [n], 0, 6)), 6), [1.1, 0.9, 1, 1, 1, 1].map((p) => p * n / 6))).toBeGreaterThan(chiCritical(5));
});

describe('bits, uniform numbers and integers are the same on every backend', () => {
  const makes: { readonly [name: string]: () => Tensor<unknown> } = {
    bits: () => randomBits(key(5), [999]), uniform: () => uniform(key(5), [999], { low: -1, high: 3 }), dice: () => randint(key(5), [999], 1, 7), 'integers of a large range': () => randint(key(5), [999], -(2 ** 31), 2 ** 31 - 7), 'all integers': () => randint(key(5), [999], -(2 ** 31), 2 ** 31),
  };
  it.each(Object.entries(makes))('%s', (_, make) => {
    const wanted = drawn(make, backends.reference);
    expect(new Set(wanted).size).toBeGreaterThan(5);
    for (const backend of [backends.js, backends.wasm]) expect(drawn(make, backend)).toEqual(wanted);
  });
});

describe('uniform', () => {
  it.each([[1000, 1001], [-1, -0.9999999], [-1e-3, 0], [16777215, 16777217], [0.1, 0.7], [5, 5.0000001], [3, 3]])('from %d up to %d never gives the upper bound, on any backend', (low, high) => {
    const least = Math.fround(low), isOne = Math.fround(high) === least;
    for (const backend of Object.values(backends)) {
      const xs = drawn(() => uniform(key(0), [n], { low, high }), backend);
      expect([Math.min(...xs) >= least, isOne ? Math.max(...xs) === least : Math.max(...xs) < high]).toEqual([true, true]);
    }
  });
  const ranges = [[0, 1], [0, 3], [-1, 1], [-1, 2], [0.1, 0.7], [-0.05, 0.05], [1e-3, 7], [-1e30, 3e30], [5, 5.3], [-7.7, -0.3], [0, 1e-40], [1000, 1001]] as const;
  const everywhere = { ...backends, 'wasm of two threads': wasm({ threads: 2 }), gpujs: gpujs({ mode: 'cpu' }) };
  it.each(ranges)('from %d up to %d: the same bits on every backend, also as they are computed with', (low, high) => {
    const draws = (backend: (typeof everywhere)['js'], f64: boolean) => compute((() => {
      const u = uniform(key(6), [4099], { low, high });
      return { u, shifted: add(u, 1), less: less(mul(u, 3), 0.7), ...(f64 && { wide: mul(convert(u, 'f64'), 0.1), half: convert(u, 'f16') }) };
    })(), { backend });
    const numbers = (of: ReturnType<typeof draws>): unknown => Object.entries(orThrow(of)).map(([name, x]) => [name, Array.from(x.data as Iterable<number>)]);
    for (const [name, backend] of Object.entries(everywhere)) expect(numbers(draws(backend, name !== 'gpujs')), name).toEqual(numbers(draws(backends.reference, name !== 'gpujs')));
  });
  it('which rounding would give: the same numbers on every backend', () => {
    const [wanted, ...others] = Object.values(backends).map((backend) => drawn(() => uniform(key(0), [n], { low: 1000, high: 1001 }), backend));
    expect(Math.max(...wanted)).toBe(1001 - 2 ** -14);
    for (const got of others) expect(got).toEqual(wanted);
  });
});
describe('bernoulli', () => {
  it('takes a probability for each element, which broadcasts', () => {
    for (const backend of Object.values(backends)) {
      const hits = drawn(() => bernoulli(key(4), array([0, 0.25, 1], [3]), [4000, 3]), backend), counts = [0, 1, 2].map((c) => hits.filter((hit, i) => i % 3 === c && hit === 1).length);
      expect([counts[0], counts[2]]).toEqual([0, 4000]);
      expect(Math.abs(counts[1] - 1000)).toBeLessThan(4 * Math.sqrt(4000 * 0.25 * 0.75));
    }
    expect(drawn(() => bernoulli(key(4), array([0.3], []), [99]))).toEqual(drawn(() => bernoulli(key(4), 0.3, [99])));
  });
});

describe('randint', () => {
  it.each([[0, 6], [-3, 4], [5, 6]])('from %d up to %d: every integer as often (χ²)', (low, high) => {
    const size = high - low, counts = countsOf(drawn(() => randint(key(8), [n], low, high)).map((x) => x - low), size);
    expect(counts.length).toBe(size);
    expect(chiSquare(counts, counts.map(() => n / size))).toBeLessThan(chiCritical(Math.max(1, size - 1)));
  });
  it('is the upper word of 64 bits times the range', () => {
    for (const [low, high] of [[0, 10], [-(2 ** 31), 2 ** 31 - 1], [7, 2 ** 30 + 12345], [0, 65536], [0, 65537]] as const) {
      const words = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => threefry(i)), wanted = words.map(([x, y]) => Number((((BigInt(x) << 32n) | BigInt(y)) * BigInt(high - low)) >> 64n) + low);
      expect(valueOf(() => randint(key(9), [8], low, high))).toEqual(wanted);
    }
  });
  it('refuses what is no range', () => {
    for (const [low, high] of [[3, 3], [0.5, 2], [0, 2 ** 31 + 1]] as const) expect(() => orThrow(compute(randint(key(0), [2], low, high)))).toThrow(/FX1017: randint: there are no integers/);
  });
});
/** both words of the draw with key(9) at a position, of which `randomBits` gives the first */
const threefry = (i: number): readonly [number, number] => threefryNumbers([0, 9], [0, i]);

describe('categorical', () => {
  const logits = [0.5, -1, 2, -Infinity, 0], weights = logits.map(Math.exp), total = weights.reduce((a, b) => a + b, 0);
  it('chooses with the probabilities of the softmax (χ²), and never what has none', () => {
    const rows = fn([f32([5])], (x) => categorical(key(21), broadcastTo(x, [n, 5]))), xs = Array.from(orThrow(compile(rows))(logits).data), counts = countsOf(xs, 5), possible = [0, 1, 2, 4];
    expect(counts[3]).toBe(0);
    expect(chiSquare(possible.map((i) => counts[i]), possible.map((i) => n * weights[i] / total))).toBeLessThan(chiCritical(3));
  });
  it('gives one index for each row, of either float', () => {
    const sure = [[0, 200, 0], [200, 0, 0]];
    expect(drawn(() => categorical(key(1), array(sure)))).toEqual([1, 0]);
    const wide = orThrow(compute(categorical(key(1), arrayOf('f64', Float64Array.from(sure.flat()), [2, 3]))));
    expect([wide.dtype, wide.shape, Array.from(wide.data)]).toEqual(['i32', [2], [1, 0]]);
  });
  it('chooses anew for every key', () => {
    const flat = array(Array<number>(64).fill(0)), chosen = new Set(Array.from({ length: 8 }, (_, i) => drawn(() => categorical(foldIn(key(3), i), flat))[0]));
    expect(chosen.size).toBeGreaterThan(4);
  });
  it('takes floats of rank 1 and more', () => {
    expect(() => orThrow(compute(categorical(key(0), intArray([1, 2], [2]) as never)))).toThrow('categorical: does not take i32');
    expect(() => orThrow(compute(categorical(key(0), array(1) as never)))).toThrow('categorical: axis -1');
  });
});

describe('truncatedNormal', () => {
  it('refuses bounds with nothing between them, and those too far out', () => {
    expect(() => orThrow(compute(truncatedNormal(key(0), 1, 1, [2])))).toThrow(/FX1017: truncatedNormal: the bounds 1 and 1 leave nothing/);
    expect(() => orThrow(compute(truncatedNormal(key(0), 5, Infinity, [2])))).toThrow(/FX1017: truncatedNormal: between 5 and Infinity f32 has too few/);
    expect(drawn(() => truncatedNormal(key(0), 4, Infinity, [4])).every((x) => x >= 4 && x < 6)).toBe(true);
  });
});
