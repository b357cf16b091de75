import { describe, expect, it } from 'vitest';
import { array, compile, f32, fn, grad, i32, intArray, orThrow, sigmoid, softmax, sum, type Dyn, type F32, type NDArray, type Tensor } from 'fluxion';
import * as nn from 'fluxion/nn';
import { close, run } from '../expr/run.ts';
import { unchecked } from '../messages.ts';

type Loose = (prediction: F32<Dyn>, target: Tensor<Dyn>) => F32<Dyn>;
interface Case { readonly prediction: NDArray<Dyn, 'f32'>; readonly target: NDArray<Dyn>; readonly losses: readonly number[]; readonly slopes?: readonly number[] }
const loosely = (f: unknown): Loose => unchecked(f);
const rows = (numbers: readonly number[], shape: readonly number[]): NDArray<Dyn, 'f32'> => unchecked(array([...numbers], [...shape]));
const classes = (...labels: readonly number[]): NDArray<Dyn> => unchecked(intArray([...labels], [labels.length]));

/** losses, and slopes of their sum, as functions of the prediction */
const losses = (f: Loose, c: Case) => fn([f32([...c.prediction.shape]), c.target.dtype === 'i32' ? i32([...c.target.shape]) : f32([...c.target.shape])], (p, t) => f(unchecked(p), t));
const slopes = (f: Loose, c: Case) => fn([f32([...c.prediction.shape]), c.target.dtype === 'i32' ? i32([...c.target.shape]) : f32([...c.target.shape])], (p, t) => grad((q: F32<Dyn>) => sum(f(q, t)))(unchecked(p)));
const onJs = (f: ReturnType<typeof losses>, c: Case): ArrayLike<number> => {
  using run_ = orThrow(compile(f));
  return run_(unchecked(c.prediction), unchecked(c.target)).data;
};
const meaning = (f: ReturnType<typeof losses>, c: Case): ArrayLike<number> => run(f, [c.prediction.data, c.target.data])[0].data;
/** to a few roundings of each number on its own, however small it is while single precision can hold it */
const exactly = (got: ArrayLike<number>, wanted: readonly number[]): void => {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((w, i) => {
    if (Number.isFinite(w)) expect(Math.abs(got[i] - w), `number ${i}: ${got[i]}, not ${w}`).toBeLessThanOrEqual(2e-6 * Math.abs(w) + 1e-37);
    else expect(got[i], `number ${i}`).toBe(w);
  });
};

const log = Math.log, third = -log(1 / 3), e = Math.E;
/** by hand; the mean is over all axes but the first */
const cases: Readonly<Record<string, readonly [loss: unknown, Case]>> = {
  'mean squared error': [nn.meanSquaredError, { prediction: rows([1, 2, 3, 4], [2, 2]), target: rows([1, 0, 0, 4], [2, 2]), losses: [2, 4.5], slopes: [0, 2, 3, 0] }],
  'mean squared error of one number each': [nn.meanSquaredError, { prediction: rows([1, -2], [2]), target: rows([3, 0.5], [2]), losses: [4, 6.25], slopes: [-4, -5] }],
  'mean squared error of images': [nn.meanSquaredError, { prediction: rows([1, 2, 3, 4], [1, 2, 2]), target: rows([0, 0, 0, 0], [1, 2, 2]), losses: [7.5], slopes: [0.5, 1, 1.5, 2] }],
  'mean absolute error': [nn.meanAbsoluteError, { prediction: rows([1, 2, 3, 4], [2, 2]), target: rows([2, 0, 3, 1], [2, 2]), losses: [1.5, 1.5], slopes: [-0.5, 0.5, 0, 0.5] }],
  'log loss': [nn.binaryCrossentropy, { prediction: rows([0.25, 0.5, 0.9, 0.25], [4, 1]), target: rows([1, 0, 1, 0.5], [4, 1]), losses: [log(4), log(2), -log(0.9), (log(4) - log(0.75)) / 2], slopes: [-4, 2, -1 / 0.9, (-4 + 4 / 3) / 2] }],
  'log loss of what is certain': [nn.binaryCrossentropy, { prediction: rows([0, 1, 0, 1], [4, 1]), target: rows([0, 1, 1, 0], [4, 1]), losses: [0, 0, Infinity, Infinity] }],
  'log loss of several labels': [nn.binaryCrossentropy, { prediction: rows([0.5, 0.25], [1, 2]), target: rows([1, 1], [1, 2]), losses: [(log(2) + log(4)) / 2] }],
  'log loss from logits': [nn.binaryCrossentropyFromLogits, { prediction: rows([0, 0, 1, -1, 0], [5, 1]), target: rows([1, 0, 0, 0, 0.25], [5, 1]), losses: [log(2), log(2), log(1 + e), log(1 + 1 / e), log(2)], slopes: [-0.5, 0.5, e / (1 + e), 1 / (1 + e), 0.25] }],
  'categorical crossentropy': [nn.categoricalCrossentropy, { prediction: rows([0.7, 0.2, 0.1, 0.25, 0.25, 0.5], [2, 3]), target: rows([1, 0, 0, 0, 0.5, 0.5], [2, 3]), losses: [-log(0.7), (log(4) + log(2)) / 2], slopes: [-1 / 0.7, 0, 0, 0, -2, -1] }],
  'categorical crossentropy where others are impossible': [nn.categoricalCrossentropy, { prediction: rows([1, 0, 0, 1], [2, 2]), target: rows([1, 0, 1, 0], [2, 2]), losses: [0, Infinity] }],
  'categorical crossentropy of sequences': [nn.categoricalCrossentropy, { prediction: rows([0.5, 0.5, 0.25, 0.75], [1, 2, 2]), target: rows([1, 0, 1, 0], [1, 2, 2]), losses: [(log(2) + log(4)) / 2] }],
  'categorical crossentropy from logits': [nn.categoricalCrossentropyFromLogits, { prediction: rows([0, 0, 0, 1, 2, 3], [2, 3]), target: rows([0, 1, 0, 0, 0, 1], [2, 3]), losses: [third, log(1 + 1 / e + 1 / e ** 2)], slopes: [1 / 3, -2 / 3, 1 / 3, ...[1, 2, 3].map((z) => e ** z / (e + e ** 2 + e ** 3) - (z === 3 ? 1 : 0))] }],
  'sparse crossentropy': [nn.sparseCategoricalCrossentropy, { prediction: rows([0.7, 0.2, 0.1, 0.25, 0.25, 0.5], [2, 3]), target: classes(0, 2), losses: [-log(0.7), log(2)], slopes: [-1 / 0.7, 0, 0, 0, 0, -2] }],
  'sparse crossentropy of a class that is not there': [nn.sparseCategoricalCrossentropy, { prediction: rows([0.5, 0.5], [1, 2]), target: classes(2), losses: [Infinity] }],
  'sparse crossentropy from logits': [nn.sparseCategoricalCrossentropyFromLogits, { prediction: rows([0, 0, 0, 1, 2, 3], [2, 3]), target: classes(1, 2), losses: [third, log(1 + 1 / e + 1 / e ** 2)] }],
  'sparse crossentropy of sequences': [nn.sparseCategoricalCrossentropy, { prediction: rows([0.5, 0.5, 0.25, 0.75], [1, 2, 2]), target: unchecked(intArray([0, 0], [1, 2])), losses: [(log(2) + log(4)) / 2] }],
};

describe('losses', () => {
  it.each(Object.entries(cases))('%s, by hand', (_, [f, c]) => {
    exactly(meaning(losses(loosely(f), c), c), c.losses);
    exactly(onJs(losses(loosely(f), c), c), c.losses);
    if (c.slopes === undefined) return;
    exactly(meaning(slopes(loosely(f), c), c), c.slopes);
    exactly(onJs(slopes(loosely(f), c), c), c.slopes);
  });
  it('name their labels and whether they take logits', () => {
    expect(Object.entries(nn).flatMap(([name, x]) => (typeof x === 'function' && 'kind' in x && x.kind === 'loss' ? [[name, (x as unknown as nn.Loss<'f32' | 'i32'>).labels, (x as unknown as nn.Loss<'f32'>).logits]] : []))).toEqual([
      ['binaryCrossentropy', 'f32', false], ['binaryCrossentropyFromLogits', 'f32', true], ['categoricalCrossentropy', 'f32', false], ['categoricalCrossentropyFromLogits', 'f32', true],
      ['meanAbsoluteError', 'f32', false], ['meanSquaredError', 'f32', false], ['sparseCategoricalCrossentropy', 'i32', false], ['sparseCategoricalCrossentropyFromLogits', 'i32', true],
    ]);
    expect([nn.sparseCategoricalCrossentropy.classes(['batch', 10]), nn.meanSquaredError.classes(['batch', 10])]).toEqual([10, undefined]);
  });
  it('of one’s own are the function, with the labels it names', () => {
    const own = nn.loss('f32', (p: F32<[2]>, t: F32<[2]>) => nn.meanAbsoluteError(p, t), { name: 'own', classes: 3 });
    expect([own.kind, own.lossName, own.labels, own.logits, own.classes([2])]).toEqual(['loss', 'own', 'f32', false, 3]);
    expect(close(run(fn([f32([2]), f32([2])], (p, t) => own(p, t)), [Float32Array.of(1, 5), Float32Array.of(2, 2)])[0].data, [1, 3])).toBe(true);
    const named = (p: F32<[2]>, _t: F32<[2]>): F32<[2]> => p;
    expect(nn.loss('f32', named).lossName).toBe('named');
  });
});

/** what comes before a sigmoid or softmax, as far as it goes in single precision, with what is exact */
describe('losses of sure predictions, through the whole pipeline', () => {
  const z = [1000, -1000, 15, -15, 88.8, -104, 0], soft = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
  const single = z.map(Math.fround);
  const two: readonly (readonly [string, Loose])[] = [
    ['log loss of a sigmoid', loosely((x: F32<[7, 1]>, t: F32<[7, 1]>) => nn.binaryCrossentropy(sigmoid(x), t))], ['log loss from logits', loosely(nn.binaryCrossentropyFromLogits)],
  ];
  it.each(two)('%s', (_, f) => {
    for (const t of [0, 1]) {
      const c: Case = { prediction: rows(z, [7, 1]), target: rows(z.map(() => t), [7, 1]), losses: single.map((x) => soft(t === 1 ? -x : x)) };
      exactly(onJs(losses(f, c), c), c.losses);
      exactly(onJs(slopes(f, c), c), single.map((x) => (t === 1 ? -logistic(-x) : logistic(x))));
    }
  });

  const logits = [1000, 0, -1000, -1000, 1000, 999, 0, 15, -15], logTotal = [0, 3, 6].map((r) => {
    const row = logits.slice(r, r + 3), top = Math.max(...row);
    return top + Math.log(row.reduce((n, x) => n + Math.exp(x - top), 0));
  });
  const nats = (label: readonly number[]): readonly number[] => label.map((k, r) => logTotal[r] - logits[3 * r + k]);
  const softs = logits.map((x, i) => Math.exp(x - logTotal[Math.floor(i / 3)]));
  const hot = (label: readonly number[]): readonly number[] => label.flatMap((k) => [0, 1, 2].map((j) => (j === k ? 1 : 0)));
  const many: readonly (readonly [string, Loose, 'rows' | 'classes'])[] = [
    ['sparse crossentropy of a softmax', loosely((x: F32<[3, 3]>, y: Tensor<[3], 'i32'>) => nn.sparseCategoricalCrossentropy(softmax(x), y)), 'classes'],
    ['sparse crossentropy from logits', loosely(nn.sparseCategoricalCrossentropyFromLogits), 'classes'],
    ['crossentropy of a softmax', loosely((x: F32<[3, 3]>, t: F32<[3, 3]>) => nn.categoricalCrossentropy(softmax(x), t)), 'rows'],
    ['crossentropy from logits', loosely(nn.categoricalCrossentropyFromLogits), 'rows'],
  ];
  it.each(many)('%s', (_, f, kind) => {
    for (const label of [[0, 1, 1], [2, 0, 0], [1, 2, 2]]) {
      const c: Case = { prediction: rows(logits, [3, 3]), target: kind === 'classes' ? classes(...label) : rows(hot(label), [3, 3]), losses: nats(label) };
      const got = onJs(losses(f, c), c), slope = onJs(slopes(f, c), c), wanted = softs.map((p, i) => p - hot(label)[i]);
      c.losses.forEach((w, i) => expect(Math.abs(got[i] - w), `row ${i}: ${got[i]}, not ${w}`).toBeLessThanOrEqual(3e-6 * Math.abs(w) + 2e-7));
      wanted.forEach((w, i) => expect(Math.abs(slope[i] - w), `slope ${i}: ${slope[i]}, not ${w}`).toBeLessThanOrEqual(3e-6 * Math.abs(w) + 2e-7));
    }
  });
});
