import { constant, convert, type Float, type Tensor } from '../index.ts';
import type { Leaf } from './optimizer.ts';
import type { Rate } from './schedules.ts';

/** The learning rate of a step as a scalar of a leaf's dtype: a number does not pass through f32 on its way to f64. */
export const rateFor = (rate: Rate, step: Tensor<[], 'i32'>): ((like: Leaf) => Tensor<[], Float>) => {
  if (typeof rate === 'number') return (like) => constant(rate, like.dtype);
  const now = rate(step);
  return (like) => convert(now, like.dtype);
};
