import type { TensorType } from '../core/dim.ts';
import type { Origin } from '../core/origin.ts';
import { make, type Expr, type Problem } from './expr.ts';

/**
 * What can only be written once the sizes of axes of the first operand are known: at once where they are, else when a function is
 * compiled at its sizes. `build` uses its operands alone, which then have the sizes.
 */
export const sized = (at: Origin, op: string, inputs: readonly Expr[], axes: readonly number[], type: TensorType, build: (at: Origin, inputs: readonly Expr[]) => Expr | Problem): Expr | Problem =>
  (axes.every((axis) => typeof inputs[0].shape[axis] === 'number') ? build(at, inputs) : make(at, 'sized', { op, axes, build }, inputs, [type]));
