import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { avgPool, compile, conv2d, convolution, f32, fn, grad, maxPool, mul, orThrow, reduceWindow, sin, sum, array, type ConvolutionOptions, type Tensor } from '../../src/index.ts';
import { checkGradients } from '../../src/testing/index.ts';

type Any = Tensor<number[], 'f32'>;
const numbers = (count: number, phase: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));
const count = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
const run = (f: (...xs: Any[]) => unknown, shapes: readonly (readonly number[])[], backend: Backend<'sync'>): readonly number[] => {
  // SAFETY: a function of as many tensors as there are shapes
  const program = fn(shapes.map((s) => f32([...s])) as [Any, Any], f as (x: Any, w: Any) => Any), call = orThrow(compile(program, { backend }));
  const args = shapes.map((s, i) => array(numbers(count(s), i), [...s])) as unknown as [never, never];
  return Array.from((call(...args) as { readonly data: Float32Array }).data);
};
/** on every backend within rounding of the numbers given, if they are, or of the reference's */
const everywhere = (f: (...xs: Any[]) => unknown, shapes: readonly (readonly number[])[], wanted = run(f, shapes, reference({ precision: 'f64' }))): void => {
  for (const backend of [reference(), js(), wasm({ threads: 1 })]) run(f, shapes, backend).forEach((y, i) => expect(y, `element ${i} on ${backend.name}`).toBeCloseTo(wanted[i], 4));
};

/** StableHLO's convolution of [n, …spatial, c] with [...spatial, c/g, f] element by element, from its specification */
interface Case { readonly x: readonly number[]; readonly w: readonly number[]; readonly strides: readonly number[]; readonly low: readonly number[]; readonly high: readonly number[]; readonly lhs: readonly number[]; readonly rhs: readonly number[]; readonly groups: number; readonly batchGroups: number }
const outOf = ({ x, w, strides, low, high, lhs, rhs }: Case): readonly number[] => strides.map((s, i) => {
  const length = x[i + 1] === 0 ? 0 : (x[i + 1] - 1) * lhs[i] + 1;
  return Math.floor((length + low[i] + high[i] - ((w[i] - 1) * rhs[i] + 1)) / s) + 1;
});
const byDefinition = (c: Case): readonly number[] => {
  const { x, w, strides, low, lhs, rhs, groups, batchGroups } = c, rank = strides.length, features = w[rank + 1], channels = w[rank], batch = x[0] / batchGroups, out = outOf(c), data = numbers(count(x), 0), filter = numbers(count(w), 1);
  const flat = (at: readonly number[], shape: readonly number[]): number => at.reduce((n, i, k) => n * shape[k] + i, 0);
  const unflat = (n: number, shape: readonly number[]): readonly number[] => shape.map((d, i) => Math.floor(n / count(shape.slice(i + 1))) % d);
  return Array.from({ length: batch * count(out) * features }, (_, n) => {
    const at = unflat(n, [batch, ...out, features]), f = at[rank + 1];
    let total = 0;
    for (let k = 0; k < count(w.slice(0, rank)) * channels; k++) {
      const inside = unflat(k, [...w.slice(0, rank), channels]);
      const spatial = strides.map((s, i) => (at[i + 1] * s + inside[i] * rhs[i] - low[i]) / lhs[i]);
      if (spatial.some((i, axis) => !Number.isInteger(i) || i < 0 || i >= x[axis + 1])) continue;
      const group = Math.floor(f / (features / groups)), image = at[0] + batch * Math.floor(f / (features / batchGroups));
      total += data[flat([image, ...spatial, inside[rank] + group * channels], x)] * filter[flat([...inside, f], w)];
    }
    return total;
  });
};
const optionsOf = (c: Case): ConvolutionOptions => ({ strides: c.strides, padding: c.low.map((l, i) => [l, c.high[i]] as const), inputDilation: c.lhs, kernelDilation: c.rhs, groups: c.groups, batchGroups: c.batchGroups });
const cases: fc.Arbitrary<Case> = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }), fc.boolean(), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 5 })).chain(([rank, groups, other, ofBatch, channels, features]) => {
  const each = (min: number, max: number): fc.Arbitrary<number[]> => fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank }), g = ofBatch ? 1 : groups, bg = ofBatch ? groups : 1;
  return fc.record({ spatial: each(1, rank > 2 ? 3 : 6), kernel: each(1, 3), strides: each(1, 3), low: each(-1, 2), high: each(-1, 2), lhs: each(1, 2), rhs: each(1, 2) }).map(({ spatial, kernel, ...more }): Case =>
    ({ x: [bg * other, ...spatial, g * channels], w: [...kernel, channels, g * bg * features], ...more, groups: g, batchGroups: bg }));
}).filter((c) => outOf(c).every((d) => d >= 1));

describe('convolution', () => {
  it('is what StableHLO specifies, at any rank, stride, padding, dilation and grouping', () => {
    fc.assert(fc.property(cases, (c) => {
      const wanted = byDefinition(c);
      for (const backend of [reference(), js(), wasm({ threads: 1 })]) {
        run((x, w) => convolution(x, w, optionsOf(c)), [c.x, c.w], backend).forEach((y, i) => expect(y).toBeCloseTo(wanted[i], 4));
      }
    }), { numRuns: 60, seed: 71 });
  });
  it('has the derivatives that differences show', () => {
    fc.assert(fc.property(cases.filter((c) => count(c.x) * count(c.w) < 3000), (c) => {
      const inputs = [array(numbers(count(c.x), 0), [...c.x]), array(numbers(count(c.w), 1), [...c.w])];
      const { compared } = orThrow(checkGradients((x: Any, w: Any) => sum(sin(convolution(x, w, optionsOf(c)))) as never, inputs as never));
      expect(compared).toBeGreaterThan(0);
    }), { numRuns: 25, seed: 72 });
  });
  it('by names of axes in any order', () => {
    const nchw = { input: { batch: 0, feature: 1, spatial: [2, 3] }, kernel: { output: 0, input: 1, spatial: [2, 3] }, output: { batch: 0, feature: 1, spatial: [2, 3] } } as const;
    const x = [2, 3, 5, 4], w = [6, 3, 2, 3];
    const got = run((a, b) => convolution(a, b, { dims: nchw, padding: 'same' }), [x, w], js());
    const data = numbers(count(x), 0), filter = numbers(count(w), 1);
    for (const [n, f, i, j] of [[0, 0, 0, 0], [1, 5, 4, 3], [0, 3, 2, 1]] as const) {
      let total = 0;
      for (let c = 0; c < 3; c++) for (let p = 0; p < 2; p++) for (let q = 0; q < 3; q++) if (i + p < 5 && j + q - 1 >= 0 && j + q - 1 < 4) total += data[((n * 3 + c) * 5 + i + p) * 4 + j + q - 1] * filter[((f * 3 + c) * 2 + p) * 3 + q];
      expect(got[((n * 6 + f) * 5 + i) * 4 + j]).toBeCloseTo(total, 4);
    }
  });
  it('over images pads as TensorFlow does: the odd zero behind', () => {
    everywhere((x, w) => conv2d(x as Tensor<[1, 4, 4, 1], 'f32'>, w as Tensor<[3, 3, 1, 1], 'f32'>, { stride: 2, padding: 'same' }), [[1, 4, 4, 1], [3, 3, 1, 1]],
      byDefinition({ x: [1, 4, 4, 1], w: [3, 3, 1, 1], strides: [2, 2], low: [0, 0], high: [1, 1], lhs: [1, 1], rhs: [1, 1], groups: 1, batchGroups: 1 }));
  });
});

describe('pooling', () => {
  const image = [2, 5, 6, 3] as const;
  const pools = { max: (x: Any) => maxPool(x as Tensor<[2, 5, 6, 3], 'f32'>, 2), 'max, overlapping': (x: Any) => maxPool(x as Tensor<[2, 5, 6, 3], 'f32'>, 3, { stride: 2, padding: 'same' }), mean: (x: Any) => avgPool(x as Tensor<[2, 5, 6, 3], 'f32'>, 3, { stride: 1, padding: 'same' }), 'by hand': (x: Any) => reduceWindow(x, 'min', { size: [1, 2, 1, 2], dilations: [1, 2, 1, 1], padding: [[0, 0], [1, 0], [0, 0], [0, 1]] }) };
  it.each(Object.entries(pools))('%s and its gradient are the same everywhere', (_, pool) => {
    everywhere((x) => pool(x), [image]);
    everywhere((x) => grad((y: Any) => sum(sin(pool(y) as Any)) as never)(x), [image]);
  });
  it('takes the elements that are there', () => {
    const data = [1, 2, 3, 4, 5, 6, 7, 8, 9], square = (f: (x: Tensor<[1, 3, 3, 1], 'f32'>) => unknown): readonly number[] => {
      const call = orThrow(compile(fn([f32([1, 3, 3, 1])], (x) => f(x) as Any), { backend: js() }));
      return Array.from((call(array(data, [1, 3, 3, 1])) as { readonly data: Float32Array }).data);
    };
    expect(square((x) => maxPool(x, 2))).toEqual([5]);
    expect(square((x) => maxPool(x, 2, { padding: 'same' }))).toEqual([5, 6, 8, 9]);
    expect(square((x) => avgPool(x, 2, { padding: 'same' }))).toEqual([3, 4.5, 7.5, 9]);
    expect(square((x) => reduceWindow(x, 'sum', { size: [1, 3, 3, 1], padding: 'same' }))).toEqual([12, 21, 16, 27, 45, 33, 24, 39, 28]);
  });
  it('gives the derivative of equal elements to the first', () => {
    const call = orThrow(compile(fn([f32([1, 4, 4, 1])], (x) => grad((y: Tensor<[1, 4, 4, 1], 'f32'>) => sum(mul(maxPool(y, 2), 3)) as never)(x)), { backend: js() }));
    expect(Array.from((call(array(new Float32Array(16), [1, 4, 4, 1])) as { readonly data: Float32Array }).data)).toEqual([3, 0, 3, 0, 0, 0, 0, 0, 3, 0, 3, 0, 0, 0, 0, 0]);
  });
});
