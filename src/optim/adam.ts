import { add, constant, convert, div, expm1, mul, neg, sqrt, square, treeMap, type Float, type Tensor } from '../index.ts';
import { optimizer, type Leaf, type Optimizer, type Propose, type State } from './optimizer.ts';
import { rateFor } from './rate.ts';
import type { Rate } from './schedules.ts';
import { badRate, badSettings, notNegative, share, type BadSetting } from './settings.ts';

export interface AdamOptions {
  /** 1e-3 unless told otherwise */
  readonly learningRate?: Rate;
  /** how much of the mean gradient is kept: 0.9 */
  readonly b1?: number;
  /** how much of the mean square is kept: 0.999 */
  readonly b2?: number;
  /** added to the root of the mean square: 1e-7 */
  readonly eps?: number;
}
type Settings = Required<AdamOptions>;
const settings = ({ learningRate = 1e-3, b1 = 0.9, b2 = 0.999, eps = 1e-7 }: AdamOptions): Settings => ({ learningRate, b1, b2, eps });
const badAdam = (what: string, { learningRate, b1, b2, eps }: Settings): readonly BadSetting[] =>
  [...badRate(what, learningRate), ...badSettings(what, { b1: [b1, share], b2: [b2, share], eps: [eps, notNegative] })];

/**
 * Adam (Kingma and Ba 2015), with ε̂ outside the correction, as Keras computes it: at step t = 1, 2, …
 *   m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  w ← w − α·√(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε̂).
 * Bad settings are FX6301.
 * @example adam(); adam({ learningRate: cosineDecay({ init: 1e-3, steps: 4690 }) })
 */
export const adam = (options: AdamOptions = {}): Optimizer => {
  const s = settings(options);
  return optimizer('adam', { carries: 2, propose: moments(s) }, badAdam('adam', s));
};

/**
 * Adam that also draws parameters to zero, by α·λ·w at each step: decay apart from the gradient (Loshchilov and Hutter
 * 2019). λ is `weightDecay`, 0.004 unless told otherwise.
 * @example adamw({ learningRate: 1e-3, weightDecay: 0.01 })
 */
export const adamw = ({ weightDecay = 0.004, ...options }: AdamOptions & { readonly weightDecay?: number } = {}): Optimizer => {
  const s = settings(options), propose = moments(s);
  return optimizer('adamw', { carries: 2, propose: (grads, state) => {
    const { delta, trees } = propose(grads, state), rate = rateFor(s.learningRate, state.step);
    return { delta: treeMap((d, w) => add(d, mul(mul(w, weightDecay), rate(w))), delta, state.params), trees };
  } }, [...badAdam('adamw', s), ...badSettings('adamw', { weightDecay: [weightDecay, notNegative] })]);
};

const moments = ({ learningRate, b1, b2, eps }: Settings): Propose => (grads, { step, trees: [m, v] }) => {
  const mixed = (beta: number, old: Leaf, x: Leaf): Leaf => add(mul(old, beta), mul(x, 1 - beta));
  const first = treeMap((old: Leaf, g: Leaf) => mixed(b1, old, g), m, grads), second = treeMap((old: Leaf, g: Leaf) => mixed(b2, old, square(g)), v, grads);
  const rate = rateFor(learningRate, step), corrected = (like: Leaf): Tensor<[], Float> => div(mul(rate(like), sqrt(gone(b2, step, like))), gone(b1, step, like));
  return { delta: treeMap((mean: Leaf, meanSquare: Leaf) => div(mul(mean, corrected(mean)), add(sqrt(meanSquare), eps)), first, second), trees: [first, second] };
};
/** 1 − βᵗ = −expm1(t·log β), without the cancellation that would cost f32 four digits at β = 0.999 */
const gone = (beta: number, step: State['step'], like: Leaf): Tensor<[], Float> =>
  (beta === 0 ? constant(1, like.dtype) : neg(expm1(mul(convert(add(step, 1), like.dtype), Math.log(beta)))));
