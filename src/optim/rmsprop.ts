import { add, div, maximum, mul, sqrt, square, sub, treeMap } from '../index.ts';
import { optimizer, type Leaf, type Optimizer, type Propose } from './optimizer.ts';
import { rateFor } from './rate.ts';
import type { Rate } from './schedules.ts';
import { badRate, badSettings, notNegative, share } from './settings.ts';

export interface RmspropOptions {
  /** 1e-3 unless told otherwise */
  readonly learningRate?: Rate;
  /** how much of the mean square is kept: 0.9 */
  readonly rho?: number;
  /** 0 unless told otherwise */
  readonly momentum?: number;
  /** added to the mean square, under the root: 1e-7 */
  readonly eps?: number;
  /** divide by the deviation rather than by the root of the mean square */
  readonly centered?: boolean;
}
type Settings = Required<RmspropOptions>;

/**
 * RMSProp (Tieleman and Hinton 2012) as Keras computes it: v ← ρ·v + (1 − ρ)·g², w ← w − α·g / √(v + ε). Centered, the
 * square of the mean gradient is taken from v; with momentum μ a velocity u ← μ·u + α·g / √(…) is subtracted instead.
 * Bad settings are FX6301.
 * @example rmsprop({ learningRate: 1e-3, momentum: 0.9 })
 */
export const rmsprop = ({ learningRate = 1e-3, rho = 0.9, momentum = 0, eps = 1e-7, centered = false }: RmspropOptions = {}): Optimizer => {
  const bad = [...badRate('rmsprop', learningRate), ...badSettings('rmsprop', { rho: [rho, share], momentum: [momentum, share], eps: [eps, notNegative] })];
  return optimizer('rmsprop', { carries: 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0), propose: scaled({ learningRate, rho, momentum, eps, centered }) }, bad);
};
/** the trees carried: mean square, then mean gradient and velocity where there are any */
const scaled = ({ learningRate, rho, momentum, eps, centered }: Settings): Propose => (grads, { step, trees }) => {
  const rate = rateFor(learningRate, step), mixed = (old: Leaf, x: Leaf): Leaf => add(mul(old, rho), mul(x, 1 - rho));
  const meanSquare = treeMap((old: Leaf, g: Leaf) => mixed(old, square(g)), trees[0], grads);
  const mean = centered ? [treeMap(mixed, trees[1], grads)] : [];
  // a variance, which rounding must not make negative
  const power = mean.reduce((v, m) => treeMap((x: Leaf, y: Leaf) => maximum(sub(x, square(y)), 0), v, m), meanSquare);
  const delta = treeMap((g: Leaf, v: Leaf) => div(mul(g, rate(g)), sqrt(add(v, eps))), grads, power);
  if (momentum === 0) return { delta, trees: [meanSquare, ...mean] };
  const velocity = treeMap((u: Leaf, d: Leaf) => add(mul(u, momentum), d), trees[1 + mean.length], delta);
  return { delta: velocity, trees: [meanSquare, ...mean, velocity] };
};
