import { add, clamp, constant, convert, div, maximum, mul, sqrt, square, sum, treeLeaves, treeMap, type Float, type Tensor } from '../index.ts';
import { optimizer, type Optimizer, type Tree } from './optimizer.ts';
import { badSettings, positive } from './settings.ts';

/**
 * Every number of a gradient brought into −limit … limit. In a `chain`, before what uses the gradients. A limit that is
 * not more than 0 is FX6301.
 * @example chain(clipByValue(0.5), sgd())
 */
export const clipByValue = (limit: number): Optimizer => optimizer('clipByValue', {
  carries: 0, propose: (grads) => ({ delta: treeMap((g) => clamp(g, -limit, limit), grads), trees: [] }),
}, badSettings('clipByValue', { limit: [limit, positive] }));

/**
 * All gradients made shorter by one factor where the root of the sum of all their squares is above `max` (Pascanu, Mikolov
 * and Bengio 2013); below it they stay as they are, bit for bit.
 * @example chain(clipByGlobalNorm(1), adam())
 */
export const clipByGlobalNorm = (max: number): Optimizer => optimizer('clipByGlobalNorm', {
  carries: 0, propose: (grads) => {
    const norm = globalNorm(grads), factor = div(max, maximum(norm, max));
    return { delta: treeMap((g) => mul(g, convert(factor, g.dtype)), grads), trees: [] };
  },
}, badSettings('clipByGlobalNorm', { max: [max, positive] }));

/** √Σ g² over all leaves, in f64 where any of them is */
const globalNorm = (grads: Tree): Tensor<[], Float> => {
  const leaves = treeLeaves(grads), dtype = leaves.some(({ value }) => value.dtype === 'f64') ? 'f64' : 'f32';
  const squares = leaves.map(({ value }) => convert(sum(square(value)), dtype));
  return sqrt(squares.reduce((total, s) => add(total, s), constant(0, dtype)));
};
