import { isFloat, isInteger, type DType, type Float } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import type { Attrs } from '../ir/graph/syntax.ts';
import { identityIn } from '../ir/monoids.ts';
import { problem } from './codes.ts';
import { reshapeTo, show, unify } from './dims.ts';
import { define, exprOf, make, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { broadcastInDim, convertTo, dimensionSize, filled, gathered, iotaOf, map, reshaped, scalar, stretch, transposed } from './primitives.ts';
import { isIndex, oneAxis } from './reduction.ts';
import type * as T from './types/shape.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

type Monoid = Attrs['scatter']['monoid'];

export const scattered = (at: Origin, monoid: Monoid, x: Expr, ids: Expr, updates: Expr): Expr => make(at, 'scatter', { monoid }, [x, ids, updates], [x.type]);
export const integral = (op: string, ids: Expr): Problem | undefined =>
  isInteger(ids.dtype) ? undefined : problem('notTaken', `${op}: the indices must be integers, but are ${ids.dtype}`, { hint: "convert(ids, 'i32')" });
/** elements are asked for along an axis that has none */
export const noneAlong = (op: string, x: Expr, ids: Expr, axis: number): Problem | undefined =>
  (x.shape[axis] === 0 && !ids.shape.includes(0) ? problem('slice', `${op}: axis ${axis} of ${show(x.shape)} has no elements to take`, { shapes: [show(x.shape), show(ids.shape)] }) : undefined);
const wrongScatter = (op: string, x: Expr, ids: Expr, updates: Expr, anyDtype: boolean): Problem | undefined => {
  const shapes = [x, ids, updates].map((e) => show(e.shape));
  if (x.shape.length === 0) return problem('rank', `${op}: x is a scalar`, { shapes });
  if (updates.dtype !== x.dtype) return problem('dtypes', `${op}: dtypes differ: ${x.dtype} and ${updates.dtype}`, { hint: `convert(updates, '${x.dtype}')` });
  if (x.dtype === 'bool' && !anyDtype) return problem('notTaken', `${op}: does not take bool`, { hint: "convert(x, 'i32')" });
  const wanted = [...ids.shape, ...x.shape.slice(1)], fits = wanted.length === updates.shape.length && wanted.every((d, i) => unify(d, updates.shape[i]) !== undefined);
  return integral(op, ids) ?? (fits ? undefined : problem('join', `${op}: the updates must be ${show(wanted)}, but are ${show(updates.shape)}`, { shapes }));
};
const scatter = (op: string, monoid: Monoid) => (x: Tensor, ids: Tensor, updates: unknown): never => {
  // SAFETY: the type takes a tensor; a message as its type has no values
  const [e, i, u] = [x, ids, updates as Tensor].map(exprOf);
  return typed(define([e, i, u], (at) => wrongScatter(op, e, i, u, monoid === 'set') ?? scattered(at, monoid, e, i, u)));
};
/** x [n, …rest], ids [...i] and updates [...i, …rest] */
type Scatter<Op extends string> = <A extends Shape, D extends DType, I extends Shape, U extends Shape>(x: Tensor<A, D>, ids: Tensor<I, 'i32' | 'u32'>, updates: Check<T.Updates<A, I, U, Op>, Tensor<U, NoInfer<D>>>) => Tensor<A, D>;

/** x with the updates [...i, …rest] added to the rows at ids [...i]; equal ids add up, one out of range is dropped. @example scatterAdd(counts, labels, ones([128])) */
export const scatterAdd: Scatter<'scatterAdd'> = scatter('scatterAdd', 'add');
/**
 * x with the updates in place of the rows at ids. Of several for one row the last in row-major order of the ids stays,
 * and has the row's gradient; an id out of range is dropped.
 */
export const scatterSet: Scatter<'scatterSet'> = scatter('scatterSet', 'set');
/** x with the rows at ids no larger than their updates. It has no derivative: which of several updates wins is not kept. */
export const scatterMin: Scatter<'scatterMin'> = scatter('scatterMin', 'min');
/** x with the rows at ids no smaller than their updates. It has no derivative: which of several updates wins is not kept. */
export const scatterMax: Scatter<'scatterMax'> = scatter('scatterMax', 'max');

/**
 * The elements at ids along an axis: ids have x's shape but for that axis, and the result has theirs. An index out of
 * range is clamped; an axis without elements is FX1012, and one that turns out to have none gives zeros. @example takeAlong(x, argsort(x, 1), 1)
 */
export function takeAlong<A extends Shape, D extends DType, I extends Shape>(x: Tensor<A, D>, ids: Tensor<I, 'i32' | 'u32'>, axis: Dim): Tensor<I, D> {
  const e = exprOf(x), i = exprOf(ids);
  return typed(define([e, i], (at) => {
    const place = oneAxis('takeAlong', e, axis);
    if (!isIndex(place)) return place;
    const fits = e.shape.length === i.shape.length && e.shape.every((d, k) => k === place || unify(d, i.shape[k]) !== undefined);
    return integral('takeAlong', i) ?? (fits ? noneAlong('takeAlong', e, i, place) ?? takenAlong(at, e, i, place) : problem('join', `takeAlong: ids ${show(i.shape)} must have the shape of x but for axis ${place}: ${show(e.shape)}`, { shapes: [show(e.shape), show(i.shape)] }));
  }));
}
/** as i32: a u32 that this does not hold lies beyond the last, and must not come out negative */
const signed = (at: Origin, ids: Expr, last: Expr): Expr => convertTo(at, ids.dtype === 'u32' ? map(at, 'min', [ids, convertTo(at, last, 'u32')]) : ids, 'i32');
/** the axis last, then rows one after the other: of a row's elements, those at row·n + id */
export const takenAlong = (at: Origin, x: Expr, ids: Expr, axis: number): Expr | Problem => {
  const last = x.shape.map((_, k) => k).filter((k) => k !== axis), order = [...last, axis], back = order.map((_, k) => order.indexOf(k));
  const table = transposed(at, x, order), wanted = transposed(at, ids, order), n = table.shape[last.length];
  const [flat, rows] = [reshapeTo(table.shape, [-1]), reshapeTo(wanted.shape, [-1, wanted.shape[last.length]])];
  if ('wrong' in flat || 'wrong' in rows) return problem('reshape', `takeAlong: the rows of ${show(x.shape)} and ${show(ids.shape)} cannot be laid one after the other`);
  const size = stretch(at, dimensionSize(at, table, last.length), rows.shape), end = map(at, 'sub', [size, filled(at, 1, size.type)]);
  const columns = signed(at, reshaped(at, wanted, rows.shape), end), inside = map(at, 'max', [map(at, 'min', [columns, end]), filled(at, 0, columns.type)]);
  const places = map(at, 'add', [map(at, 'mul', [iotaOf(at, columns.type, 0), size]), n === 0 ? columns : inside]);
  return transposed(at, reshaped(at, gathered(at, reshaped(at, table, flat.shape), places), wanted.shape), back);
};

// ── segments: rows that have the same id, reduced

interface Segments { readonly x: Expr; readonly ids: Expr; readonly shape: readonly Dim[] }
const segments = (op: string, floats: boolean, rule: (at: Origin, s: Segments) => Expr) => (x: Tensor, ids: unknown, count: Dim): never => {
  // SAFETY: the type takes a tensor; a message as its type has no values
  const e = exprOf(x), i = exprOf(ids as Tensor);
  return typed(define([e, i], (at) => {
    const rank = i.shape.length, fits = rank <= e.shape.length && i.shape.every((d, k) => unify(d, e.shape[k]) !== undefined);
    if (!fits) return problem('join', `${op}: needs one id for each row of ${show(e.shape)}, but the ids are ${show(i.shape)}`, { shapes: [show(e.shape), show(i.shape)] });
    if (floats ? !isFloat(e.dtype) : e.dtype === 'bool') return problem('notTaken', `${op}: does not take ${e.dtype}`, { hint: "convert(x, 'f32')" });
    return integral(op, i) ?? rule(at, { x: e, ids: i, shape: [count, ...e.shape.slice(rank)] });
  }));
};
const segment = (monoid: Monoid, identity: number) => (at: Origin, { x, ids, shape }: Segments): Expr =>
  scattered(at, monoid, filled(at, identityIn(x.dtype, identity), typeOf(x.dtype, shape)), ids, x);
const meanOf = (at: Origin, s: Segments): Expr => {
  const total = segment('add', 0)(at, s), { dtype } = s.x, each = filled(at, 1, typeOf(dtype, s.ids.shape));
  const counts = scattered(at, 'add', filled(at, 0, typeOf(dtype, s.shape.slice(0, 1))), s.ids, each);
  const present = map(at, 'max', [counts, stretch(at, scalar(at, 1, dtype), counts.shape)]);
  return map(at, 'div', [total, broadcastInDim(at, present, total.shape, [0])]);
};
type Segment<In extends DType = DType> = <A extends Shape, D extends In, I extends Shape, const N extends Dim>(
  x: Tensor<A, D>, ids: Check<T.Segments<A, I, N>, Tensor<I, 'i32' | 'u32'>>, count: N) => Tensor<Ok<T.Segments<A, I, N>>, D>;

/** The sums of the rows of x [...i, …rest] that have the same id of ids [...i]: [count, …rest]. An id out of range is dropped. @example segmentSum(features, nodes, 100) */
export const segmentSum: Segment = segments('segmentSum', false, segment('add', 0));
/** The means of the rows that have the same id; 0 where there is none. */
export const segmentMean: Segment<Float> = segments('segmentMean', true, meanOf);
/** The largest of the rows that have the same id; −∞, or the dtype's least integer, where there is none. No derivative. */
export const segmentMax: Segment = segments('segmentMax', false, segment('max', -Infinity));
/** The smallest of the rows that have the same id; ∞, or the dtype's largest integer, where there is none. No derivative. */
export const segmentMin: Segment = segments('segmentMin', false, segment('min', Infinity));
