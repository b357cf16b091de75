import { describe, expect, it } from 'vitest';
import type { TypedArray } from '../../../src/core/dtype.ts';
import type { Program, Step } from '../../../src/ir/loop/syntax.ts';
import { golden, list, numbers, runLoop, smaller, total, unlike } from './golden.ts';

// The training step at 12-16-16-10 instead of 784-128-128-10.
interface Layer { readonly w: Float64Array; readonly b: Float64Array }
interface Network { readonly layers: readonly Layer[]; readonly m: readonly Layer[]; readonly v: readonly Layer[] }
const sizes = [12, 16, 16, 10];

const doubles = (seed: number, n: number, change: (x: number) => number): Float64Array => Float64Array.from(numbers(seed, n), change);
const layersFrom = (seed: number, change: (x: number) => number): readonly Layer[] => list(3, (l) => ({
  w: doubles(seed + 2 * l, sizes[l] * sizes[l + 1], change), b: doubles(seed + 2 * l + 1, sizes[l + 1], change),
}));
const network: Network = { layers: layersFrom(60, (x) => x / 2), m: layersFrom(70, (x) => x / 10), v: layersFrom(80, (x) => x * x / 10) };

/** Adam as Keras computes it, at the step that ends with t */
const adam = (t: number, g: number, w: number, m: number, v: number): readonly [w: number, m: number, v: number] => {
  const first = m + (g - m) * (1 - 0.9), second = v + (g * g - v) * (1 - 0.999);
  return [w - 0.001 * Math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t) * first / (Math.sqrt(second) + 1e-7), first, second];
};

interface Result { readonly network: Network; readonly loss: number; readonly accuracy: number }

/** the input and what each layer gives, one number after another */
const forward = ({ layers }: Network, x: ArrayLike<number>, n: number): readonly ArrayLike<number>[] => {
  const activations: ArrayLike<number>[] = [x];
  layers.forEach(({ w, b }, l) => {
    const [from, to, a] = [sizes[l], sizes[l + 1], activations[l]];
    const z = list(n * to, (e) => b[e % to] + total(from, (p) => a[from * Math.floor(e / to) + p] * w[to * p + (e % to)]));
    activations.push(l < 2 ? z.map((s) => Math.max(s, 0)) : z);
  });
  return activations;
};
const rowsOf = (z: ArrayLike<number>, n: number): readonly (readonly number[])[] => list(n, (i) => list(10, (j) => z[10 * i + j]));
const top = (row: readonly number[]): number => row.indexOf(Math.max(...row));

/** one step from t − 1 to t */
const trained = (before: Network, t: number, x: ArrayLike<number>, labels: ArrayLike<number>): Result => {
  const { layers, m, v } = before, n = labels.length, activations = forward(before, x, n);
  const rows = rowsOf(activations[3], n);
  const sums = rows.map((row) => row.reduce((s, s1) => s + Math.exp(s1), 0));
  let delta: readonly number[] = rows.flatMap((row, i) => row.map((s, j) => (Math.exp(s) / sums[i] - (j === labels[i] ? 1 : 0)) / n));
  const gradients: Layer[] = [];
  for (let l = 2; l >= 0; l--) {
    const [from, to, a, d] = [sizes[l], sizes[l + 1], activations[l], delta];
    gradients.unshift({
      w: Float64Array.from({ length: from * to }, (_, e) => total(n, (i) => a[from * i + Math.floor(e / to)] * d[to * i + (e % to)])),
      b: Float64Array.from({ length: to }, (_, j) => total(n, (i) => d[to * i + j])),
    });
    delta = list(n * from, (e) => (a[e] > 0 ? total(to, (j) => d[to * Math.floor(e / from) + j] * layers[l].w[to * (e % from) + j]) : 0));
  }
  const updated = (which: 0 | 1 | 2): readonly Layer[] => layers.map((_, l) => {
    const part = (p: 'w' | 'b'): Float64Array => layers[l][p].map((w, e) => adam(t, gradients[l][p][e], w, m[l][p][e], v[l][p][e])[which]);
    return { w: part('w'), b: part('b') };
  });
  return {
    network: { layers: updated(0), m: updated(1), v: updated(2) },
    loss: total(n, (i) => Math.log(sums[i]) - rows[i][labels[i]]) / n,
    accuracy: total(n, (i) => (top(rows[i]) === labels[i] ? 1 : 0)) / n,
  };
};

/** the network's arrays by the names of the program's buffers */
const named = ({ layers, m, v }: Network, prefix = ''): Record<string, Float64Array> => Object.fromEntries(
  [['', layers] as const, ['.m', m] as const, ['.v', v] as const].flatMap(([suffix, from]) =>
    from.flatMap(({ w, b }, l) => [[`${prefix}w${l + 1}${suffix}`, w], [`${prefix}b${l + 1}${suffix}`, b]])));

/** labels of which the network knows every other one */
const labelsOf = (x: ArrayLike<number>, n: number): Int32Array =>
  Int32Array.from(rowsOf(forward(network, x, n)[3], n), (row, i) => (top(row) + (i % 2)) % 10);

describe.each(['naive', 'tiled'])('trainStep.%s', (stage) => {
  const most = 5;
  const program = golden(`trainStep.${stage}`, smaller.trainStep);
  const x = numbers(50, most * 12), y = labelsOf(x, most);
  it.each([1, 2, 4, 5])('a batch of %i', (batch) => {
    const expected = trained(network, 7, x.subarray(0, 12 * batch), y.subarray(0, batch));
    const inputs: Record<string, TypedArray> = { x, y, t: Int32Array.of(6), ...named(network) };
    const actual = runLoop(program, inputs, { precision: 'f64', sizes: { batch } });
    expect(unlike(actual, { 'next.t': [7], ...named(expected.network, 'next.'), loss: [expected.loss], accuracy: [expected.accuracy] })).toEqual([]);
    expect(Object.keys(actual)).toHaveLength(21);
    expect(expected.accuracy).toBe(Math.ceil(batch / 2) / batch);
  });
});

describe('trainStepThreads.tiled', () => {
  const program = golden('trainStepThreads.tiled', smaller.trainStepThreads), n = 128;
  const x = numbers(50, n * 12), y = labelsOf(x, n);

  /** the arrays in the order of the packed state: rows of ten get two more columns */
  const packed = (layers: readonly Layer[], beyond: number): Float64Array => {
    const wide = (a: ArrayLike<number>, fill: number): readonly number[] => list(a.length * 1.2, (e) => (e % 12 < 10 ? a[10 * Math.floor(e / 12) + (e % 12)] : fill));
    const parts = layers.flatMap(({ w, b }, l) => (l < 2 ? [...w, ...b] : [...wide(w, 0), ...wide(b, beyond)]));
    return Float64Array.from({ length: 768 }, (_, e) => parts[e] ?? 0);
  };
  const pack = (of: Network, prefix = ''): Record<string, Float64Array> =>
    ({ [`${prefix}p`]: packed(of.layers, -1e30), [`${prefix}m`]: packed(of.m, 0), [`${prefix}v`]: packed(of.v, 0) });
  const inputs = { x, y, t: Int32Array.of(6), ...pack(network) };
  const run = (p: Program, backward: boolean): ReturnType<typeof runLoop> => runLoop(p, inputs, { precision: 'f64', backward });

  /** the steps between barriers */
  const phases = program.steps.reduce<readonly (readonly Step[])[]>((done, step) =>
    (step.kind === 'barrier' ? [...done, []] : [...done.slice(0, -1), [...done[done.length - 1], step]]), [[]]).filter((phase) => phase.length > 0);
  const inPhases = (parts: readonly (readonly Step[])[]): Program => ({ ...program, steps: parts.flat() });

  it('is one step of training', () => {
    const expected = trained(network, 7, x, y);
    expect(unlike(run(program, false), { 'next.t': [7], ...pack(expected.network, 'next.'), loss: [expected.loss], accuracy: [expected.accuracy] })).toEqual([]);
    expect(expected.accuracy).toBe(0.5);
  });
  it('has three phases, whose kernels and blocks may run in any order', () => {
    expect(phases.map((phase) => phase.length)).toEqual([1, 4, 1]);
    expect(program.steps.at(-1)).toEqual({ kind: 'barrier' });
    expect(run(inPhases(phases.map((phase) => [...phase].reverse())), true)).toEqual(run(program, false));
  });
  it('needs its barriers', () => {
    const [examples, gradients, adams] = phases;
    expect(() => run(inPhases([[...examples, ...gradients].reverse(), adams]), false)).toThrow('is read before it is written');
    expect(() => run(inPhases([examples, [...gradients, ...adams].reverse()]), false)).toThrow('is read before it is written');
  });
  it('would be found out if a block read what another block writes', () => {
    const racing = golden('trainStepThreads.tiled', (text) => smaller.trainStepThreads(text.replace('h1[128*(64*b + 4*i + r) + k]', 'h1[128*(4*i + r) + k]')));
    expect(() => run(racing, false)).not.toThrow();
    expect(() => run(racing, true)).toThrow('h1[0] is read before it is written');
  });
});
