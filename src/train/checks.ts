import type { Diagnostic, Diagnostics } from '../core/diagnostic.ts';
import { isFloat } from '../core/dtype.ts';
import { kindOf } from '../core/kind.ts';
import { countProblem, sizesOf, type ArrayDataset } from '../data/dataset.ts';
import { compute, isSpoiled, type Dim, type NDArray } from '../index.ts';
import { shapeOf } from '../nn/layer.ts';
import { problem } from './codes.ts';
import type { Logs } from './trained.ts';
import type { Trainer } from './trainer.ts';

const show = (shape: readonly Dim[]): string => `[${shape.join(', ')}]`;
const fits = (wanted: readonly Dim[], got: readonly number[]): boolean =>
  wanted.length === got.length && wanted.every((d, i) => i === 0 || typeof d === 'string' || d === got[i]);

/** What is no data set of arrays, in programs that are not typed. `what` is the verb: fit, evaluate. */
export const notData = (what: string, data: unknown): readonly Diagnostic[] => (typeof data !== 'object' || data === null ? [problem('data', `${what}: the data are ${kindOf(data)}, not a data set { x, y, size }`, { hint: 'dataset(x, y)' })]
  : ['x', 'y'].flatMap((name) => { const part: unknown = Object(data)[name]; return isArray(part) ? mistakesOf(part) : [problem('data', `${what}: data.${name} is ${kindOf(part)}, not an array of examples`, { hint: 'array(rows, shape), or intArray(labels, shape)' })]; }));
/** the same of what `predict` is given */
export const notArray = (what: string, x: unknown): readonly Diagnostic[] => (isArray(x) ? mistakesOf(x) : [problem('data', `${what}: x is ${kindOf(x)}, not an array of examples`, { hint: 'array(rows, shape)' })]);
const isArray = (x: unknown): x is NDArray<unknown> => typeof x === 'object' && x !== null && 'shape' in x && 'dtype' in x && 'data' in x;

/** an array whose numbers did not fit when it was made */
const mistakesOf = (x: NDArray<unknown>): readonly Diagnostic[] => {
  const made = isSpoiled(x) ? compute(x) : undefined;
  return made?._tag === 'Left' ? made.left : [];
};

/** What is wrong with a data set, before anything is compiled. */
export const dataProblems = (what: string, t: Trainer, data: ArrayDataset): readonly Diagnostic[] => [
  ...[countProblem(what, data)].filter((p) => p !== undefined),
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

/** A warning where the loss of some epoch is NaN or infinite: the parameters are as a rule lost from there on. */
export const divergence = (history: readonly Logs[]): Diagnostics | undefined => {
  const epoch = history.findIndex((logs) => lossesOf(logs).length > 0), [found] = epoch < 0 ? [] : lossesOf(history[epoch]);
  return found && [{ ...problem('diverged', `fit: ${found[0]} is ${found[1]} in epoch ${epoch + 1}`, { hint: 'a smaller learning rate, clipByGlobalNorm, a loss from logits; checkData: true looks for such numbers in the data' }), severity: 'warning' }];
};
const lossesOf = (logs: Logs): readonly (readonly [string, number])[] => Object.entries(logs).filter(([name, x]) => (name === 'loss' || name === 'valLoss') && !Number.isFinite(x));

export const weightProblems = (size: number, weights: NDArray<unknown> | undefined): readonly Diagnostic[] => {
  if (weights === undefined) return [];
  const got = sizesOf(weights);
  return weights.dtype === 'f32' && got.length === 1 && got[0] === size ? [] : [problem('weights', `fit: sampleWeights must be f32 [${size}], one for each example, but are ${weights.dtype} ${show(got)}`)];
};
