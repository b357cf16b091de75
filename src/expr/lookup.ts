import type { DType } from '../core/dtype.ts';
import { isInteger } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { show } from './dims.ts';
import { define, exprOf, typed, typeOf } from './expr.ts';
import { broadcastInDim, convertTo, gathered, iotaOf, map, reduced, scalar, stretch } from './primitives.ts';
import { noneAlong } from './scatter.ts';
import { ofDtype } from './unavailable.ts';
import type * as T from './types/shape.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

/**
 * Rows of a table by integer index: [n, …rest] and [...i] give [...i, …rest]. An index out of range is clamped;
 * a table without rows is FX1012, and one of which there turn out to be none gives zeros.
 * @example take(embedding, tokens)
 */
export function take<A extends Shape, D extends DType, I extends Shape, E extends 'i32' | 'u32'>(table: Tensor<A, D>, ids: Check<T.Gather<A, I>, Tensor<I, E>>): Tensor<Ok<T.Gather<A, I>>, D>;
export function take(table: Tensor, ids: unknown): never {
  // SAFETY: the overload takes a tensor; a message as its type has no values
  const t = exprOf(table), i = exprOf(ids as Tensor);
  return typed(define([t, i], (at) => {
    if (t.shape.length === 0) return problem('rank', 'gather: the table is a scalar');
    if (!isInteger(i.dtype)) return problem('notTaken', `take: the indices must be integers, but are ${i.dtype}`, { shapes: [show(t.shape), show(i.shape)], hint: "convert(ids, 'i32')" });
    return noneAlong('take', t, i, 0) ?? gathered(at, t, i);
  }));
}

/**
 * 1 at each index along a new last axis, 0 elsewhere; all 0 for an index out of range.
 * @example oneHot(labels, 10) // i32[batch] → f32[batch, 10]
 */
export function oneHot<A extends Shape, const N extends Dim>(ids: Tensor<A, 'i32'>, n: N): Tensor<[...A, N], 'f32'>;
export function oneHot<A extends Shape, const N extends Dim, D extends DType>(ids: Tensor<A, 'i32'>, n: N, dtype: D): Tensor<[...A, N], D>;
export function oneHot(ids: Tensor, n: Dim, dtype: DType = 'f32'): never {
  const e = exprOf(ids);
  return typed(ofDtype('oneHot', dtype, [e], (at) => {
    if (!isInteger(e.dtype)) return problem('notTaken', `oneHot: the indices must be integers, but are ${e.dtype}`, { hint: "convert(ids, 'i32')" });
    const shape = [...e.shape, n], last = e.shape.length;
    const spread = broadcastInDim(at, e, shape, e.shape.map((_, i) => i));
    return convertTo(at, map(at, 'eq', [spread, broadcastInDim(at, iotaOf(at, typeOf(e.dtype, [n]), 0), shape, [last])]), dtype);
  }));
}

/**
 * For each row the element at its index: [...i, n] and [...i] give [...i]. Out of range it is 0.
 * @example pick(logProbabilities, labels)
 */
export function pick<A extends Shape, D extends DType, I extends Shape>(x: Tensor<A, D>, ids: Tensor<I, 'i32'>): Tensor<I, D> {
  const e = exprOf(x), i = exprOf(ids);
  return typed(define([e, i], (at) => {
    if (!isInteger(i.dtype)) return problem('notTaken', `pick: the indices must be integers, but are ${i.dtype}`, { shapes: [show(e.shape), show(i.shape)], hint: "convert(ids, 'i32')" });
    if (e.shape.length !== i.shape.length + 1) return problem('rank', `pick: needs one index for each row of ${show(e.shape)}, but the indices are ${show(i.shape)}`);
    const last = i.shape.length, shape = e.shape;
    const hit = map(at, 'eq', [broadcastInDim(at, i, shape, i.shape.map((_, k) => k)), broadcastInDim(at, iotaOf(at, typeOf(i.dtype, [shape[last]]), 0), shape, [last])]);
    return reduced(at, 'add', map(at, 'select', [hit, e, stretch(at, scalar(at, 0, e.dtype), shape)]), [last]);
  }));
}
