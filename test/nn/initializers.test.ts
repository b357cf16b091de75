import { describe, expect, it } from 'vitest';
import { compute, key, mul, normal, orThrow, split, uniform, type Dim, type Key } from 'fluxion';
import * as nn from 'fluxion/nn';
import { erf } from '../../src/core/special.ts';
import { fansOf } from '../../src/nn/initializers.ts';

const drawn = (how: nn.Initializer, shape: readonly number[], k: Key = key(7)): Float32Array => orThrow(compute(how.draw(k, shape))).data;
const meanOf = (xs: Float32Array): number => xs.reduce((n, x) => n + x, 0) / xs.length;
const varianceOf = (xs: Float32Array): number => { const m = meanOf(xs); return xs.reduce((n, x) => n + (x - m) ** 2, 0) / xs.length; };

/** the Kolmogorov–Smirnov statistic: the largest distance between the share of numbers up to x and what it should be */
const distance = (xs: Float32Array, share: (x: Float64Array) => ArrayLike<number>): number => {
  const sorted = Float64Array.from(xs).sort(), wanted = share(sorted), n = xs.length;
  return sorted.reduce((d, _, i) => Math.max(d, Math.abs(wanted[i] - i / n), Math.abs(wanted[i] - (i + 1) / n)), 0);
};
const evenly = (limit: number) => (xs: Float64Array): ArrayLike<number> => xs.map((x) => Math.min(1, Math.max(0, (x + limit) / (2 * limit))));
const normally = (mean: number, deviation: number) => (xs: Float64Array): ArrayLike<number> => xs.map((x) => (1 + erf((x - mean) / deviation / Math.SQRT2)) / 2);
/** exceeded by chance in one of 10,000 samples: √(−log(α/2)/2) / √n (Massey 1951) */
const critical = (n: number): number => Math.sqrt(-Math.log(1e-4 / 2) / 2) / Math.sqrt(n);

const shape = [120, 80], n = 120 * 80;
const scaled: readonly (readonly [string, nn.Initializer, variance: number, 'even' | 'normal'])[] = [
  ['glorotUniform', nn.glorotUniform(), 2 / 200, 'even'], ['glorotNormal', nn.glorotNormal(), 2 / 200, 'normal'], ['heUniform', nn.heUniform(), 2 / 120, 'even'],
  ['heNormal', nn.heNormal(), 2 / 120, 'normal'], ['lecunUniform', nn.lecunUniform(), 1 / 120, 'even'], ['lecunNormal', nn.lecunNormal(), 1 / 120, 'normal'],
  ['uniform', nn.randomUniform({ low: -0.2, high: 0.2 }), 0.04 / 3, 'even'], ['normal', nn.randomNormal({ deviation: 0.3 }), 0.09, 'normal'],
];

describe('initialisers', () => {
  it.each(scaled)('%s has its mean, variance, bounds and distribution', (_, how, variance, kind) => {
    const xs = drawn(how, shape), limit = Math.sqrt(3 * variance), deviation = Math.sqrt(variance);
    // four standard errors, of the mean and of the variance
    expect(Math.abs(meanOf(xs))).toBeLessThan(4 * deviation / Math.sqrt(n));
    expect(Math.abs(varianceOf(xs) / variance - 1)).toBeLessThan(4 * Math.sqrt((kind === 'even' ? 0.8 : 2) / n));
    expect(distance(xs, kind === 'even' ? evenly(limit) : normally(0, deviation))).toBeLessThan(critical(n));
    if (kind === 'even') expect(xs.every((x) => Math.abs(x) <= Math.fround(limit))).toBe(true);
    else expect(Math.max(...xs.map(Math.abs))).toBeGreaterThan(3 * deviation);
  });
  it('the test of distributions tells others apart', () => {
    const deviation = Math.sqrt(2 / 200);
    expect(distance(drawn(nn.glorotUniform(), shape), normally(0, deviation))).toBeGreaterThan(critical(n));
    expect(distance(drawn(nn.glorotNormal(), shape), normally(0, 1.15 * deviation))).toBeGreaterThan(critical(n));
  });
  it('with bounds and means of one’s own', () => {
    const xs = drawn(nn.randomUniform({ low: 1, high: 3 }), [4000]);
    expect([xs.every((x) => x >= 1 && x <= 3), Math.abs(meanOf(xs) - 2) < 4 / Math.sqrt(3 * 4000)]).toEqual([true, true]);
    const ys = drawn(nn.randomNormal({ mean: -5, deviation: 2 }), [4000]);
    expect(distance(ys, normally(-5, 2))).toBeLessThan(critical(4000));
  });
  it('constants are what they are', () => {
    expect([...drawn(nn.constantly(0), [3]), ...drawn(nn.constantly(1), [2]), ...drawn(nn.constantly(0.25), [1])]).toEqual([0, 0, 0, 1, 1, 0.25]);
    expect([nn.constantly(0), nn.constantly(1), nn.constantly(2)].map((i) => i.name)).toEqual(['zeros', 'ones', 'constantly(2)']);
  });
  it('draw the same from the same key, and other numbers from another', () => {
    const [a, b] = split(key(3));
    expect(drawn(nn.heNormal(), [50], key(9))).toEqual(drawn(nn.heNormal(), [50], key(9)));
    expect(drawn(nn.heNormal(), [50], a)).not.toEqual(drawn(nn.heNormal(), [50], b));
  });
  it('go by their names', () => {
    for (const [name, how] of Object.entries(nn.initializers)) expect(how.name).toBe(name);
    expect(Object.keys(nn.initializers)).toEqual(['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunUniform', 'lecunNormal', 'uniform', 'normal', 'zeros', 'ones']);
    expect(drawn(nn.initializers.uniform, [1000]).every((x) => Math.abs(x) <= Math.fround(0.05))).toBe(true);
  });
  it('count connections: a window’s places times its channels', () => {
    expect([fansOf([784, 128]), fansOf([3, 3, 16, 32]), fansOf([5, 4, 6]), fansOf([7]), fansOf([])]).toEqual([{ in: 784, out: 128 }, { in: 144, out: 288 }, { in: 20, out: 30 }, { in: 7, out: 7 }, { in: 1, out: 1 }]);
  });
});

describe('layers draw their first parameters', () => {
  const first = (options: nn.DenseOptions<Dim, true>): { readonly kernel: Float32Array; readonly bias: Float32Array } => {
    const { params: [dense] } = orThrow(compute(nn.init(nn.sequential(nn.input([60]), nn.dense(40, options)), key(5))));
    return { kernel: dense.kernel.data, bias: dense.bias.data };
  };
  it('glorotUniform and zeros, unless told otherwise', () => {
    const { kernel, bias } = first({});
    expect([varianceOf(kernel) / (2 / 100) > 0.9, varianceOf(kernel) / (2 / 100) < 1.1, Math.max(...kernel) <= Math.sqrt(6 / 100), [...new Set(bias)]]).toEqual([true, true, true, [0]]);
  });
  it('by name, by value, or by a function of one’s own', () => {
    expect(varianceOf(first({ kernelInit: 'heNormal' }).kernel) / (2 / 60)).toBeCloseTo(1, 0.5);
    expect([...new Set(first({ biasInit: nn.constantly(0.5) }).bias)]).toEqual([0.5]);
    expect(Math.max(...first({ kernelInit: nn.initializer('tiny', (k, s) => mul(normal(k, [...s]), 1e-3)) }).kernel)).toBeLessThan(1e-2);
  });
  it('no two layers, and no kernel and bias, alike', () => {
    const model = nn.sequential(nn.input([30]), nn.dense(30, { biasInit: 'normal' }), nn.dense(30), nn.residual(nn.dense(30)), nn.block('b', example(), { a: nn.dense(30), b: nn.dense(30) }, (l, x) => l.b(l.a(x))));
    const { params } = orThrow(compute(nn.init(model, key(1)))), kernels = [params[0].kernel, params[1].kernel, params[2].kernel, params[3].a.kernel, params[3].b.kernel].map((k) => k.data);
    expect(new Set(kernels.map((k) => k.slice(0, 4).join())).size).toBe(5);
    expect(new Set(params[0].bias.data).size).toBeGreaterThan(25);
  });
});
const example = () => uniform(key(0), ['n', 30]);
