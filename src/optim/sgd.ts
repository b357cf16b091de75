import { add, mul, treeMap } from '../index.ts';
import { optimizer, type Leaf, type Optimizer, type Propose } from './optimizer.ts';
import { rateFor } from './rate.ts';
import type { Rate } from './schedules.ts';
import { badRate, badSetting, badSettings, share } from './settings.ts';

/**
 * Stochastic gradient descent: w − α·g. With momentum μ (Polyak 1964) a velocity is carried, v ← μ·v + α·g, and the step
 * is w − v; in Nesterov's form (1983) w − (μ·v + α·g). The rate is 0.01 unless told otherwise. Bad settings are FX6301.
 * @example sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })
 */
export const sgd = ({ learningRate = 0.01, momentum = 0, nesterov = false }: { readonly learningRate?: Rate; readonly momentum?: number; readonly nesterov?: boolean } = {}): Optimizer => {
  const bad = [...badRate('sgd', learningRate), ...badSettings('sgd', { momentum: [momentum, share] }),
    ...(nesterov && momentum === 0 ? [badSetting('sgd: nesterov needs a momentum', 'sgd({ momentum: 0.9, nesterov: true })')] : [])];
  return optimizer('sgd', momentum === 0 ? { carries: 0, propose: plain(learningRate) } : { carries: 1, propose: heavy(learningRate, momentum, nesterov) }, bad);
};
const plain = (learningRate: Rate): Propose => (grads, { step }) => {
  const rate = rateFor(learningRate, step);
  return { delta: treeMap((g) => mul(g, rate(g)), grads), trees: [] };
};
const heavy = (learningRate: Rate, momentum: number, nesterov: boolean): Propose => (grads, { step, trees: [before] }) => {
  const rate = rateFor(learningRate, step), pushed = (v: Leaf, g: Leaf): Leaf => add(mul(v, momentum), mul(g, rate(g)));
  const velocity = treeMap(pushed, before, grads);
  return { delta: nesterov ? treeMap(pushed, velocity, grads) : velocity, trees: [velocity] };
};
