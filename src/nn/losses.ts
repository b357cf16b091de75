import { isInteger } from '../core/dtype.ts';
import { abs, add, equal, isSpoiled, log, logSigmoid, logSoftmax, mean, mul, neg, pick, sameShape, spoil, square, sub, sum, where, type Dim, type DType, type Dyn, type F32, type Mistake, type Shape, type Tensor } from '../index.ts';
import { declared, shapeOf, showShape, untyped } from './layer.ts';
import { mistake } from './mistake.ts';

/**
 * How far a prediction is from its labels, one number for each example. It is called like a function, and names the
 * dtype of its labels, so that `fit` can type the data set.
 */
export interface Loss<Y extends DType> {
  readonly kind: 'loss';
  readonly lossName: string;
  readonly labels: Y;
  /** whether the prediction is before the sigmoid or softmax */
  readonly logits: boolean;
  /** how many classes the labels may name: one more than the largest; undefined where they are no classes */
  readonly classes: (prediction: readonly Dim[]) => number | undefined;
}
/** of what has the shape of the prediction: the mean over all axes but the first */
type PerExample<S extends Shape> = S extends readonly [infer B extends Dim, ...Shape] ? [B] : S extends readonly [] ? [] : Dyn;
export interface SparseLoss extends Loss<'i32'> { <B extends Dim, C extends Dim>(prediction: F32<[B, C]>, labels: Tensor<[NoInfer<B>], 'i32'>): F32<[B]> }
export interface DenseLoss extends Loss<'f32'> { <S extends Shape>(prediction: F32<S>, target: F32<NoInfer<S>>): F32<PerExample<S>> }

type F = F32<Dyn>;
const last = (shape: readonly Dim[]): number | undefined => { const d = shape.at(-1); return typeof d === 'number' ? d : undefined; };
const noClasses = (): undefined => undefined;

/** the mean over all axes but the first */
const perExample = (x: F): F => {
  const axes = x.shape.map((_, i) => i).slice(1);
  return axes.length === 0 ? x : untyped(mean(x, axes));
};

const asLoss = <L extends Loss<DType>>(f: (prediction: F, target: never) => F, own: Omit<Loss<DType>, 'kind'>): L => {
  // SAFETY: the function and the fields are what the loss is declared to be
  return Object.assign((prediction: F, target: never) => f(prediction, target), { kind: 'loss' as const, ...own }) as unknown as L;
};
/** a loss of a target with the prediction's own shape, which must not be broadcast: [n, 1] and [n] would make [n, n] */
const ofAlike = (lossName: string, logits: boolean, f: (prediction: F, target: F) => F, rank = 0): DenseLoss =>
  asLoss((prediction, target: F) => {
    const wrong = alikeProblem(lossName, prediction, target) ?? rankProblem(lossName, prediction, rank);
    return wrong === undefined ? perExample(f(prediction, target)) : spoil([prediction, target], wrong);
  }, { lossName, labels: 'f32', logits, classes: noClasses });
const alikeProblem = (name: string, prediction: F, target: F): Mistake | undefined => {
  if (isSpoiled(prediction) || isSpoiled(target)) return undefined;
  const shapes = [prediction, target].map((x) => showShape(shapeOf(x)));
  return !sameShape(prediction.shape, target.shape)
    ? mistake('targets', `${name}: the prediction is ${shapes[0]}, but the target is ${shapes[1]}`, { shapes, hint: 'give the target the prediction’s shape with reshape' }) : undefined;
};
const rankProblem = (name: string, prediction: F, rank: number): Mistake | undefined => (isSpoiled(prediction) || prediction.shape.length >= rank ? undefined
  : mistake('targets', `${name}: the prediction is ${showShape(shapeOf(prediction))}, but must be one row of classes for each example`, { shapes: [showShape(shapeOf(prediction))] }));
/** a loss of class numbers: one for each row of the prediction */
const ofClasses = (lossName: string, logits: boolean, logProbabilityOf: (prediction: F, labels: Tensor<Dyn, 'i32'>) => F): SparseLoss =>
  asLoss((prediction, labels: Tensor<Dyn, 'i32'>) => {
    const wrong = classProblem(lossName, prediction, labels);
    return wrong === undefined ? perExample(neg(logProbabilityOf(prediction, labels))) : spoil([prediction, labels], wrong);
  }, { lossName, labels: 'i32', logits, classes: last });
const classProblem = (name: string, prediction: F, labels: Tensor<Dyn>): Mistake | undefined => {
  if (isSpoiled(prediction) || isSpoiled(labels)) return undefined;
  const shapes = [prediction, labels].map((x) => showShape(shapeOf(x)));
  if (!isInteger(labels.dtype)) return mistake('targets', `${name}: the labels must be class numbers (i32), but are ${labels.dtype}`, { shapes, hint: "convert(labels, 'i32')" });
  return prediction.shape.length === 0 || !sameShape(prediction.shape.slice(0, -1), labels.shape)
    ? mistake('targets', `${name}: the prediction is ${shapes[0]}, but the labels are ${shapes[1]}; they must be one class number for each row`, { shapes, hint: 'categoricalCrossentropy takes one-hot rows' }) : undefined;
};

/** (prediction − target)², the mean over an example. */
export const meanSquaredError: DenseLoss = ofAlike('meanSquaredError', false, (p, t) => square(sub(p, t)));
/** |prediction − target|, the mean over an example. */
export const meanAbsoluteError: DenseLoss = ofAlike('meanAbsoluteError', false, (p, t) => abs(sub(p, t)));

/** x · log p where 0 · log 0 = 0, its slope there too */
const times = (x: F, p: F, isNone: Tensor<Dyn, 'bool'>): F => mul(x, log(where(isNone, 1, p)));
/**
 * −(t log p + (1 − t) log (1 − p)), log loss, of probabilities in 0 … 1. Nothing is clipped: after a sigmoid it is
 * computed from what went into that, so that it and its gradient are accurate however sure the prediction is.
 */
export const binaryCrossentropy: DenseLoss = ofAlike('binaryCrossentropy', false, (p, t) =>
  neg(add(times(t, p, equal(t, 0)), times(sub(1, t), sub(1, p), equal(t, 1)))));
/** The same of what would go into a sigmoid: two terms of one sign, so that neither takes the digits of the other. */
export const binaryCrossentropyFromLogits: DenseLoss = ofAlike('binaryCrossentropyFromLogits', true, (z, t) =>
  neg(add(mul(t, logSigmoid(z)), mul(sub(1, t), logSigmoid(neg(z))))));

const overClasses = (x: F): F => untyped(sum(x, -1));
/** −Σ t log p over the last axis, of probabilities and one-hot rows (or any distribution). */
export const categoricalCrossentropy: DenseLoss = ofAlike('categoricalCrossentropy', false, (p, t) => neg(overClasses(times(t, p, equal(t, 0)))), 2);
/** The same of what would go into a softmax. */
export const categoricalCrossentropyFromLogits: DenseLoss = ofAlike('categoricalCrossentropyFromLogits', true, (z, t) => neg(overClasses(mul(t, logSoftmax(z)))), 2);
/**
 * −log p of the labelled class, of probabilities [batch, classes] and class numbers [batch]. A class that is not there
 * has the probability 0.
 */
export const sparseCategoricalCrossentropy: SparseLoss = ofClasses('sparseCategoricalCrossentropy', false, (p, y) => log(pick(p, y)));
/** The same of what would go into a softmax; but a class that is not there costs nothing: `fit` refuses such labels. */
export const sparseCategoricalCrossentropyFromLogits: SparseLoss = ofClasses('sparseCategoricalCrossentropyFromLogits', true, (z, y) => pick(untyped(logSoftmax(z)), y));

/**
 * A loss of one's own: a function of predictions and labels, with at least the examples' axis left in its result.
 * @example loss('f32', (prediction, target) => square(sub(prediction, target)))
 */
export const loss = <Y extends DType, L extends (prediction: never, target: never) => F32<Shape>>(labels: Y, f: L, options: { readonly name?: string; readonly logits?: boolean; readonly classes?: number } = {}): Loss<Y> & L => {
  const own: Omit<Loss<Y>, 'kind'> = { lossName: options.name ?? (f.name === '' ? 'loss' : f.name), labels, logits: options.logits ?? false, classes: () => options.classes };
  return declared(asLoss((prediction, target) => untyped(f(declared(prediction), target)), own));
};
