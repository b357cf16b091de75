import type { Diagnostic } from '../core/diagnostic.ts';
import type { DType, Shape, Tensor } from '../index.ts';
import type { Layer } from '../nn/layer.ts';
import type { Loss } from '../nn/losses.ts';
import type { Model } from '../nn/model.ts';
import type { LayerType } from '../nn/types.ts';
import type { Optimizer } from '../optim/index.ts';
import { problem } from './codes.ts';
import { isMetricName, metrics as named, type Metric, type MetricName, type MetricOf } from './metrics.ts';

/** A model with all that training it needs: plain data, made by `trainer`. */
export interface Trainer<M extends AnyModel = AnyModel, Y extends DType = DType, N extends string = string> {
  readonly kind: 'trainer';
  readonly model: M;
  readonly optimizer: Optimizer;
  readonly loss: Loss<Y>;
  readonly metrics: readonly { readonly name: N; readonly of: MetricOf }[];
  readonly seed: number;
  /** what is wrong with it: told by `fit` before the first step */
  readonly problems: readonly Diagnostic[];
}
export interface AnyModel { readonly kind: 'model'; readonly input: Tensor<unknown>; readonly output: Tensor<unknown>; readonly params: unknown; readonly state: unknown; readonly layer: Layer }

export interface TrainerOptions<S extends Shape, D extends DType, F extends LayerType, Y extends DType, N extends MetricName | Metric> {
  readonly model: Model<S, D, F>;
  readonly optimizer: Optimizer;
  readonly loss: Loss<Y>;
  readonly metrics?: readonly N[];
  /** decides first weights, order and random numbers; 0 unless told otherwise */
  readonly seed?: number;
}
type NameOf<N> = N extends string ? N : string;

/**
 * Puts a model, an optimiser, a loss and metrics together (what Keras does in `compile`). An unknown metric is FX6401.
 * @example trainer({ model, optimizer: adam(), loss: sparseCategoricalCrossentropy, metrics: ['accuracy'] })
 */
export const trainer = <S extends Shape, D extends DType, F extends LayerType, Y extends DType, N extends MetricName | Metric = never>(o: TrainerOptions<S, D, F, Y, N>): Trainer<Model<S, D, F>, Y, NameOf<N>> => {
  const asked: readonly (string | Metric)[] = o.metrics ?? [];
  const found = asked.map((m) => (typeof m === 'string' ? { name: m, of: isMetricName(m) ? named[m] : undefined } : m));
  const problems = found.flatMap(({ name, of }) => (of === undefined ? [problem('metric', `trainer: no metric is called '${name}'`, { hint: `the names are ${Object.keys(named).join(', ')}; metric(name, f) makes others` })] : []));
  const twice = found.find(({ name }, i) => name === 'loss' || found.findIndex((other) => other.name === name) < i);
  if (twice) problems.push(problem('metric', `trainer: '${twice.name}' is the name of two numbers`, { hint: 'give each metric its own name, other than loss' }));
  const metrics = found.flatMap(({ name, of }) => (of === undefined ? [] : [{ name: declaredName<N>(name), of }]));
  return { kind: 'trainer', model: o.model, optimizer: o.optimizer, loss: o.loss, metrics, seed: o.seed ?? 0, problems };
};
const declaredName = <N>(name: string): NameOf<N> => {
  // SAFETY: a name that was asked for
  return name as NameOf<N>;
};
