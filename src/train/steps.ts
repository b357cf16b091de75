import { add, bf16, bool, constant, f16, f32, f64, fn, foldIn, i32, key, mean, mul, sum, u32, valueAndGradAux, type Dim, type DType, type Dyn, type F32, type Fn, type Key, type Tensor } from '../index.ts';
import { declared, shapeOf, untyped } from '../nn/layer.ts';
import type { Loss } from '../nn/losses.ts';
import { apply, applyTrain, init, type Model } from '../nn/model.ts';
import type { Slots } from '../optim/index.ts';
import { ofExamples, valueOf } from './metrics.ts';
import type { Trainer } from './trainer.ts';

/** The programs of training, as functions of the state and a batch: what `fit`, `evaluate` and `predict` compile. */

type F = F32<Dyn>;
export interface Variables { readonly params: unknown; readonly state: unknown }
/** Sums over the examples since the epoch began, of loss and each metric. They stay where the training runs. */
export interface Totals { readonly [name: string]: F32 }
export interface TrainState { readonly variables: Variables; readonly slots: Slots<unknown>; readonly totals: Totals }

export const totalNames = (t: Trainer): readonly string[] => ['loss', ...t.metrics.map((m) => m.name)];
const totalsExample = (t: Trainer): Totals => Object.fromEntries(totalNames(t).map((name) => [name, f32()]));

const leaves: { readonly [D in DType]: (shape: readonly Dim[]) => Tensor<Dyn, D> } = {
  f32: (s) => untyped(f32([...s])), f64: (s) => untyped(f64([...s])), f16: (s) => untyped(f16([...s])), bf16: (s) => untyped(bf16([...s])), i32: (s) => untyped(i32([...s])), u32: (s) => untyped(u32([...s])), bool: (s) => untyped(bool([...s])),
};
/** A batch's targets. `example`: the sizes of one target, where the data tell them; else those that the loss asks for. */
const targetExample = (t: Trainer, example?: readonly Dim[]): Tensor<Dyn> => {
  const output = shapeOf(t.model.output), own = t.loss.labels === 'i32' ? output.slice(1, -1) : output.slice(1);
  return leaves[t.loss.labels](['batch', ...(example ?? own)]);
};
const examples = (t: Trainer): { readonly variables: Variables; readonly x: Tensor<Dyn> } =>
  ({ variables: { params: t.model.params, state: t.model.state }, x: untyped(t.model.input) });

/** what the layers below take: the model without its types */
const modelOf = (t: Trainer): Model => {
  // SAFETY: a trainer's model is a model; what its types say was checked where it was made
  return t.model as unknown as Model;
};
const lossesOf = (loss: Loss<DType>, prediction: F, target: Tensor<Dyn>): F => {
  // SAFETY: a loss is a function of a prediction and labels of its dtype
  return ofExamples(`the loss '${loss.lossName}'`, (loss as unknown as (p: F, t: Tensor<Dyn>) => F)(prediction, target), target);
};

/** the sums with a batch's own added */
const plusBatch = (t: Trainer, totals: Totals, prediction: F, target: Tensor<Dyn>, losses: F): Totals => {
  const batch: readonly (readonly [string, F])[] = [
    ['loss', losses], ...t.metrics.map(({ name, of }) => [name, ofExamples(`the metric '${name}'`, valueOf(of, prediction, target, t.loss.logits), target)] as const),
  ];
  return Object.fromEntries(batch.map(([name, x]) => [name, add(totals[name], declared(sum(x)))]));
};

/** The arguments of a training step; weights of the examples last, where there are any. */
type StepArgs = [state: TrainState, x: Tensor<Dyn>, y: Tensor<Dyn>, key: Key, ...weights: F[]];

/**
 * One step of training as a function: state, a batch and a key in; the next state and the batch's mean loss out. A loss
 * of weighted examples is their weighted sum over their count. Donate the first argument.
 * @example const step = orThrow(compile(stepOf(trainer), { donate: [0], dims: { batch: { max: 128 } } }));
 */
export const stepOf = (t: Trainer, options: { readonly target?: readonly Dim[]; readonly weighted?: boolean } = {}): Fn<StepArgs, { readonly state: TrainState; readonly loss: F32 }> => {
  const { variables, x } = examples(t), slots: Slots<unknown> = t.optimizer.init(t.model.params);
  const args: StepArgs = [{ variables, slots, totals: totalsExample(t) }, x, targetExample(t, options.target), key(0), ...(options.weighted === true ? [untyped(f32(['batch']))] : [])];
  return fn(args, (state, input, target, stepKey, ...[weights]) => {
    const { params } = state.variables, own = foldIn(stepKey, state.slots.step);
    const lossOf = (p: unknown): readonly [F32, readonly [F, F, unknown]] => {
      const [prediction, next] = applyTrain(modelOf(t), declared({ params: p, state: state.variables.state }), declared(input), own);
      const losses = lossesOf(t.loss, prediction, target), weighed: F = weights === undefined ? losses : untyped(mul(losses, weights));
      return [declared(mean(weighed)), [prediction, weighed, next]];
    };
    const [loss, grads, [prediction, losses, next]] = valueAndGradAux(lossOf)(params);
    const [updated, slotsNext] = t.optimizer.update(grads, state.slots, params);
    return { state: { variables: { params: updated, state: next }, slots: slotsNext, totals: plusBatch(t, state.totals, prediction, target, losses) }, loss };
  }, { name: 'step', args: ['state', 'x', 'y', 'key', 'weights'] });
};

/**
 * The state that a training begins with, out of a random key: drawn weights, empty slots, sums of nothing.
 * @example const state = orThrow(compile(initialOf(trainer)))(key(0));
 */
export const initialOf = (t: Trainer): Fn<[Key], TrainState> => fn([key(0)], (seed) => {
  const variables: Variables = init(modelOf(t), seed);
  return { variables, slots: t.optimizer.init(variables.params), totals: Object.fromEntries(totalNames(t).map((name) => [name, constant(0)])) };
}, { name: 'init', args: ['key'] });

/** The sums with those of a batch added, at inference. Donate the second argument. */
export const evaluationOf = (t: Trainer, target?: readonly Dim[]): Fn<[Variables, Totals, Tensor<Dyn>, Tensor<Dyn>], Totals> => {
  const { variables, x } = examples(t);
  return fn([variables, totalsExample(t), x, targetExample(t, target)], (own, totals, input, wanted) => {
    const prediction: F = untyped(apply(modelOf(t), declared(own), declared(input)));
    return plusBatch(t, totals, prediction, wanted, lossesOf(t.loss, prediction, wanted));
  }, { name: 'evaluate', args: ['variables', 'totals', 'x', 'y'] });
};

/** The model's output at inference. */
export const inferenceOf = (t: Trainer): Fn<[Variables, Tensor<Dyn>], F> => {
  const { variables, x } = examples(t);
  return fn([variables, x], (own, input) => untyped(apply(modelOf(t), declared(own), declared(input))), { name: 'infer', args: ['variables', 'x'] });
};
