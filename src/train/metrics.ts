import { abs, argmax, convert, equal, expandDims, greater, isSpoiled, less, mean, pick, spoil, square, sub, sum, type DType, type Dyn, type F32, type Tensor } from '../index.ts';
import { declared, showShape, untyped } from '../nn/layer.ts';
import { problem } from './codes.ts';

type F = F32<Dyn>;
/** One number for each example, of which `fit` and `evaluate` give the mean. `logits`: the prediction is before the sigmoid or softmax. */
export type MetricOf = (prediction: F, target: Tensor<Dyn>, logits: boolean) => Tensor<Dyn, DType>;
/** A metric of one's own. @example metric('bias', (p, t) => mean(sub(p, t), -1)) */
export interface Metric { readonly kind: 'metric'; readonly name: string; readonly of: MetricOf }
export const metric = (name: string, of: MetricOf): Metric => ({ kind: 'metric', name, of });

const isSparse = (target: Tensor<Dyn>): target is Tensor<Dyn, 'i32'> => target.dtype === 'i32';
/**
 * The mean over all axes but the first, which must be that of the examples: a number for a whole batch would be taken for
 * one example's in the sums of an epoch.
 */
export const ofExamples = (what: string, x: F, target: Tensor<Dyn>): F => {
  if (isSpoiled(x) || isSpoiled(target)) return x;
  if (x.shape[0] !== target.shape[0]) return spoil([x], problem('perExample', `trainer: ${what} gives ${showShape(x.shape)}, not a number for each example: [${target.shape[0]}]`, { shapes: [showShape(x.shape)], hint: 'leave the first axis as it is: the mean over the examples is taken by fit and evaluate' }));
  const axes = x.shape.map((_, i) => i).slice(1);
  return axes.length === 0 ? x : untyped(mean(x, axes));
};
const floats = (x: Tensor<Dyn>): F => untyped(convert(x, 'f32'));

/**
 * Right or wrong: the most probable class against a class number or a one-hot row; where there is one number for an
 * example, whether it lies on the target's side of the middle.
 */
const accuracy: MetricOf = (p, t, logits) => {
  if (isSparse(t)) return equal(argmax(p, -1), declared(t));
  if (p.shape.length > 1 && p.shape.at(-1) !== 1) return equal(argmax(p, -1), declared(argmax(floats(t), -1)));
  return equal(greater(p, logits ? 0 : 0.5), declared(greater(floats(t), 0.5)));
};
/** whether fewer than five classes are more probable than the right one; of equal ones the right one goes first */
const topKAccuracy: MetricOf = (p, t) => {
  const own = isSparse(t) ? pick(p, declared(t)) : pick(p, declared(argmax(floats(t), -1)));
  return less(sum(convert(greater(p, declared(expandDims(own, -1))), 'i32'), -1), 5);
};
const meanAbsoluteError: MetricOf = (p, t) => abs(sub(p, declared(floats(t))));
const meanSquaredError: MetricOf = (p, t) => square(sub(p, declared(floats(t))));

/** The metrics that have a name. */
export const metrics = { accuracy, topKAccuracy, meanAbsoluteError, meanSquaredError } as const satisfies Record<string, MetricOf>;
export type MetricName = keyof typeof metrics;
export const isMetricName = (name: string): name is MetricName => Object.hasOwn(metrics, name);

/** a metric as f32 */
export const valueOf = (of: MetricOf, prediction: F, target: Tensor<Dyn>, logits: boolean): F => floats(of(prediction, target, logits));
