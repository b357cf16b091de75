import { isFloat } from '../core/dtype.ts';
import type { DType } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { show } from './dims.ts';
import { define, exprOf, typed, typeOf, type Expr } from './expr.ts';
import { broadcastInDim, convertTo, filled, gathered, map, reduced } from './primitives.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

/** x before y, NaN after all numbers */
const before = (at: Origin, x: Expr, y: Expr): Expr => {
  const less = map(at, 'lt', [x, y]);
  return isFloat(x.dtype) ? map(at, 'or', [less, map(at, 'and', [map(at, 'ne', [y, y]), map(at, 'eq', [x, x])])]) : less;
};
/** whether an element of the table stands before the place of a value */
const precedes = (at: Origin, side: 'left' | 'right', element: Expr, value: Expr): Expr =>
  side === 'left' ? before(at, element, value) : map(at, 'not', [before(at, value, element)]);

/** up to so many, comparing with all is one kernel of comparisons side by side, and faster than steps that wait for each other */
const few = 32;
const counted = (at: Origin, side: 'left' | 'right', table: Expr, values: Expr): Expr => {
  const rank = values.shape.length, shape = [...values.shape, table.shape[0]];
  const each = broadcastInDim(at, values, shape, values.shape.map((_, i) => i)), all = broadcastInDim(at, table, shape, [rank]);
  return reduced(at, 'add', convertTo(at, precedes(at, side, all, each), 'i32'), [rank]);
};
/** ⌊log₂ n⌋ + 1 gathers: the place is the largest sum of powers of two whose last element still precedes */
const bisected = (at: Origin, side: 'left' | 'right', table: Expr, values: Expr, n: number): Expr => {
  const like = (value: number): Expr => filled(at, value, typeOf('i32', values.shape));
  let place = like(0);
  for (let step = 2 ** Math.floor(Math.log2(n)); step >= 1; step /= 2) {
    const next = map(at, 'add', [place, like(step)]), last = gathered(at, table, map(at, 'sub', [next, like(1)]));
    const goes = map(at, 'and', [map(at, 'le', [next, like(n)]), precedes(at, side, last, values)]);
    place = map(at, 'select', [goes, next, place]);
  }
  return place;
};

/**
 * Where each value would stand in a sorted vector, as i32: before equal elements (`left`, unless told otherwise) or behind
 * them. NaN stands last. In log₂ n steps over the values; where n is small, or named, by counting what precedes.
 * @example searchSorted(cumulative, uniform(k, [100]))
 */
export function searchSorted<N extends Dim, D extends DType, V extends Shape>(sorted: Tensor<readonly [N], D>, values: Tensor<V, NoInfer<D>>, side: 'left' | 'right' = 'left'): Tensor<V, 'i32'> {
  const e = exprOf(sorted), v = exprOf(values);
  return typed(define([e, v], (at) => {
    if (e.shape.length !== 1) return problem('rank', `searchSorted: the sorted must be a vector, but are ${show(e.shape)}`, { shapes: [show(e.shape), show(v.shape)] });
    if (e.dtype !== v.dtype) return problem('dtypes', `searchSorted: dtypes differ: ${e.dtype} and ${v.dtype}`, { hint: `convert(values, '${e.dtype}')` });
    if (e.dtype === 'bool') return problem('notTaken', 'searchSorted: does not take bool', { hint: "convert(x, 'i32')" });
    // SAFETY: a program without types may give anything
    if (side !== 'left' && side !== 'right') return problem('value', `searchSorted: there is no side '${String(side as unknown)}'`, { hint: "'left' or 'right'" });
    const [n] = e.shape;
    return typeof n === 'number' && n > few ? bisected(at, side, e, v, n) : counted(at, side, e, v);
  }));
}
