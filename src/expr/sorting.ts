import type { DType } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { show, unify } from './dims.ts';
import { define, exprOf, invalid, make, typed, type Expr, type Problem } from './expr.ts';
import { convertTo, sliced } from './primitives.ts';
import { isIndex, oneAxis } from './reduction.ts';
import { takenAlong } from './scatter.ts';
import { sized } from './sized.ts';
import type * as T from './types/shape.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

export interface SortOptions { /** the largest first; NaN stands last all the same */ readonly descending?: boolean }

/** keys of one shape, and an axis of theirs */
const sortable = (op: string, keys: readonly Expr[], axis: Dim): number | Problem => {
  const [first] = keys, place = oneAxis(op, first, axis);
  if (!isIndex(place)) return place;
  const other = keys.find((k) => k.shape.length !== first.shape.length || k.shape.some((d, i) => unify(d, first.shape[i]) === undefined));
  if (other !== undefined) return problem('join', `${op}: shapes differ: ${show(first.shape)} and ${show(other.shape)}`, { shapes: keys.map((k) => show(k.shape)) });
  return place;
};
const resized = (x: Expr, axis: number, n: number): Expr['type']['shape'] => x.type.shape.map((d, i) => (i === axis ? n : d));
/** the places of the elements in their order */
export const ordered = (at: Origin, keys: readonly Expr[], axis: number, descending: boolean): Expr =>
  make(at, 'argsort', { axis, descending }, keys.map((k) => (k.dtype === 'bool' ? convertTo(at, k, 'i32') : k)), [{ dtype: 'i32', shape: keys[0].type.shape }]);

/**
 * The places of the elements along an axis, the last by default, in their order, as i32: a merge sort of each row, n log₂ n
 * steps. Equal elements stay in the order of their places, NaN stands last. @example takeAlong(x, argsort(x), -1)
 */
export function argsort<A extends Shape, D extends DType, X extends Dim = -1>(x: Tensor<A, D>, axis?: Check<T.Reduce<A, X, false, 'argsort'>, X>, options: SortOptions = {}): Tensor<A, 'i32'> {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    // SAFETY: a message as the parameter's type has no values
    const place = sortable('argsort', [e], (axis ?? -1) as Dim);
    return isIndex(place) ? sized(at, 'argsort', [e], [place], { dtype: 'i32', shape: e.type.shape }, (here, xs) => ordered(here, xs, place, options.descending ?? false)) : place;
  }));
}

/**
 * The elements along an axis, the last by default, from the smallest on: stable, NaN last. The derivative goes with each
 * element to where it stood. @example sort(x, 0, { descending: true })
 */
export function sort<A extends Shape, D extends DType, X extends Dim = -1>(x: Tensor<A, D>, axis?: Check<T.Reduce<A, X, false, 'sort'>, X>, options: SortOptions = {}): Tensor<A, D> {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    // SAFETY: a message as the parameter's type has no values
    const place = sortable('sort', [e], (axis ?? -1) as Dim);
    return isIndex(place) ? sized(at, 'sort', [e], [place], e.type, (here, [v]) => takenAlong(here, v, ordered(here, [v], place, options.descending ?? false), place)) : place;
  }));
}

/**
 * Several tensors of one shape, ordered alike along an axis (the last by default): by the first of them, where its elements
 * are equal by the next, up to `keys` of them (1 unless told otherwise). The others go along.
 * @example const [distance, name] = sortTogether([distances, names])
 */
export function sortTogether<const L extends readonly Tensor[]>(xs: L, options: SortOptions & { readonly axis?: Dim; readonly keys?: number } = {}): { readonly [K in keyof L]: L[K] } {
  const es = xs.map(exprOf), keys = options.keys ?? 1;
  const each = xs.map((_, i) => define(es, (at) => {
    if (!Number.isInteger(keys) || keys < 1 || keys > es.length) return problem('value', `sortTogether: ${keys} of ${es.length} tensors cannot be the keys`, { hint: 'at least one key, and no more than there are tensors' });
    const place = sortable('sortTogether', es, options.axis ?? -1);
    return isIndex(place) ? sized(at, 'sortTogether', es, [place], es[i].type, (here, vs) => takenAlong(here, vs[i], ordered(here, vs.slice(0, keys), place, options.descending ?? false), place)) : place;
  }));
  // SAFETY: one tensor of the same type for each
  return each.map(typed) as unknown as { readonly [K in keyof L]: L[K] };
}

/**
 * The k largest elements along an axis (the last by default), from the largest on, and their places, as i32. Equal ones in
 * the order of their places; NaN counts as the smallest. @example topK(logits, 5).indices
 */
export function topK<A extends Shape, D extends DType, K extends number, X extends Dim = -1>(x: Tensor<A, D>, k: Check<T.Most<A, X, K, 'topK'>, K>, axis?: Check<T.Reduce<A, X, false, 'topK'>, X>): { readonly values: Tensor<Ok<T.Resized<A, X, K>>, D>; readonly indices: Tensor<Ok<T.Resized<A, X, K>>, 'i32'> };
export function topK(x: Tensor, k: number, axis?: unknown): { readonly values: never; readonly indices: never } {
  const e = exprOf(x);
  const indices = define([e], (at) => {
    // SAFETY: a message as the parameter's type has no values
    const along = (axis ?? -1) as Dim, place = sortable('topK', [e], along);
    if (!isIndex(place)) return place;
    return sized(at, 'topK', [e], [place], { dtype: 'i32', shape: resized(e, place, k) }, (here, [v]) => {
      const fits = Number.isInteger(k) && k >= 0 && k <= Number(v.shape[place]);
      return fits ? sliced(here, ordered(here, [v], place, true), place, 0, k, 1, k) : problem('slice', `topK: axis ${along} of ${show(v.shape)} has no ${k} elements`, { shapes: [show(v.shape)] });
    });
  });
  const values = define([e, indices], (at) => {
    // SAFETY: as above
    const place = sortable('topK', [e], (axis ?? -1) as Dim);
    return isIndex(place) ? sized(at, 'topK', [e, indices], [place], { dtype: e.dtype, shape: resized(e, place, k) }, (here, [v, i]) => takenAlong(here, v, i, place)) : place;
  });
  return { values: typed(indices.poisoned ? invalid(indices.origin, [indices], e.type) : values), indices: typed(indices) };
}
