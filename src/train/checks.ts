import type { Diagnostic } from '../core/diagnostic.ts';
import { isFloat } from '../core/dtype.ts';
import { sizesOf, type ArrayDataset } from '../data/dataset.ts';
import type { Dim, NDArray } from '../index.ts';
import { shapeOf } from '../nn/layer.ts';
import { problem } from './codes.ts';
import type { Trainer } from './trainer.ts';

const show = (shape: readonly Dim[]): string => `[${shape.join(', ')}]`;
const fits = (wanted: readonly Dim[], got: readonly number[]): boolean =>
  wanted.length === got.length && wanted.every((d, i) => i === 0 || typeof d === 'string' || d === got[i]);

/** What is wrong with a data set, before anything is compiled. `what` is the verb: fit, evaluate. */
export const dataProblems = (what: string, t: Trainer, data: ArrayDataset): readonly Diagnostic[] => [
  ...inputProblems(what, t, data.x),
  ...(data.y.dtype === t.loss.labels ? [] : [problem('data', `${what}: ${t.loss.lossName} takes ${t.loss.labels} labels, but data.y is ${data.y.dtype}`)]),
  ...labelProblems(what, t, data.y),
];

export const inputProblems = (what: string, t: Trainer, x: NDArray<unknown>): readonly Diagnostic[] => {
  const wanted = shapeOf(t.model.input), got = sizesOf(x);
  if (x.dtype !== t.model.input.dtype) return [problem('data', `${what}: the model takes ${t.model.input.dtype}, but data.x is ${x.dtype}`)];
  if (fits(wanted, got)) return [];
  const flat = wanted.length === 2 && got.slice(1).reduce((n, d) => n * d, 1) === wanted[1];
  return [problem('data', `${what}: the model takes ${show(wanted)}, but data.x is ${show(got)}`, { shapes: [show(wanted), show(got)], ...(flat && { hint: `reshape each example to ${show(wanted.slice(1))}: mnist({ flat: true })` }) })];
};

/** a class that the prediction does not have would be clamped to one that it has */
const labelProblems = (what: string, t: Trainer, y: NDArray<unknown>): readonly Diagnostic[] => {
  const classes = t.loss.classes(shapeOf(t.model.output));
  if (classes === undefined || y.dtype !== 'i32') return [];
  const at = y.data.findIndex((label) => label < 0 || label >= classes);
  return at < 0 ? [] : [problem('labels', `${what}: label ${at} is ${y.data[at]}, but the model has classes 0 to ${classes - 1}`, { hint: 'give the last layer one unit for each class' })];
};

/** NaN and infinities, where they were asked to be looked for */
export const finiteProblems = (what: string, arrays: Readonly<Record<string, NDArray<unknown>>>): readonly Diagnostic[] => Object.entries(arrays).flatMap(([name, a]) => {
  if (!isFloat(a.dtype)) return [];
  const at = a.data.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return [];
  const row = sizesOf(a).slice(1).reduce((n, d) => n * d, 1);
  return [problem('notFinite', `${what}: ${name} holds ${a.data[at]} in example ${Math.floor(at / Math.max(1, row))}`, { hint: 'leave the example out, or replace the number' })];
});

export const weightProblems = (size: number, weights: NDArray<unknown> | undefined): readonly Diagnostic[] => {
  if (weights === undefined) return [];
  const got = sizesOf(weights);
  return weights.dtype === 'f32' && got.length === 1 && got[0] === size ? [] : [problem('weights', `fit: sampleWeights must be f32 [${size}], one for each example, but are ${weights.dtype} ${show(got)}`)];
};
