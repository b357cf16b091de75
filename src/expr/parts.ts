import type { DType } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { show, unify } from './dims.ts';
import { define, exprOf, here, make, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { scalar } from './primitives.ts';
import type * as T from './types/shape.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

/** where a part begins along each axis: numbers, or i32 scalars that a run computes */
export type Starts = readonly (number | Tensor<[], 'i32'>)[];

const startsOf = (starts: Starts): readonly Expr[] => starts.map((s) => (typeof s === 'number' ? scalar(here(), s, 'i32') : exprOf(s)));
const wrongPart = (op: string, x: Expr, part: readonly Dim[], starts: readonly Expr[]): Problem | undefined => {
  const shapes = [show(x.shape), show(part)];
  if (part.length !== x.shape.length || starts.length !== x.shape.length) return problem('rank', `${op}: needs one size and one start for each axis of ${show(x.shape)}`, { shapes });
  const start = starts.find((s) => s.dtype !== 'i32' || s.shape.length > 0);
  if (start !== undefined) return problem('notTaken', `${op}: the starts must be i32[], but one is ${start.dtype}${show(start.shape)}`, { hint: 'one number, or one i32 scalar, for each axis' });
  const bad = x.shape.findIndex((d, i) => { const size = part[i]; return !(typeof d === 'number' && typeof size === 'number' ? Number.isInteger(size) && size >= 0 && size <= d : unify(d, size) !== undefined); });
  return bad < 0 ? undefined : problem('slice', `${op}: a part ${show(part)} does not fit in ${show(x.shape)}`, { shapes, hint: typeof x.shape[bad] === 'string' ? 'a named dimension is taken whole' : 'no size may be larger than that of x' });
};

/**
 * The part of the given sizes that begins at `starts`, which may be computed; starts are moved so that the part fits
 * (StableHLO). It is read where it is used: nothing is copied for it.
 * @example dynamicSlice(tokens, [offset], [128])
 */
export function dynamicSlice<A extends Shape, D extends DType, const S extends Dim[]>(x: Tensor<A, D>, starts: Starts, sizes: Check<T.Part<A, S>, readonly [...S]>): Tensor<Ok<T.Part<A, S>>, D>;
export function dynamicSlice(x: Tensor, starts: Starts, sizes: readonly Dim[]): never {
  const e = exprOf(x), from = startsOf(starts);
  return typed(define([e, ...from], (at) => wrongPart('dynamicSlice', e, sizes, from)
    ?? make(at, 'dynamicSlice', { sizes: sizes.map((d) => (typeof d === 'number' ? d : Infinity)) }, [e, ...from], [typeOf(e.dtype, sizes)])));
}

/**
 * x with `update` in the place of the part that begins at `starts`, which are moved so that it fits (StableHLO).
 * Where x is an argument that a step consumes, or what a loop carries, the result takes over its memory and only the part is written.
 * @example dynamicUpdateSlice(cache, key, [0, position, 0])
 */
export function dynamicUpdateSlice<A extends Shape, D extends DType>(x: Tensor<A, D>, update: Tensor<Shape, NoInfer<D>>, starts: Starts): Tensor<A, D> {
  const e = exprOf(x), u = exprOf(update), from = startsOf(starts);
  return typed(define([e, u, ...from], (at) => (e.dtype === u.dtype ? wrongPart('dynamicUpdateSlice', e, u.shape, from)
    : problem('dtypes', `dynamicUpdateSlice: dtypes differ: ${e.dtype} and ${u.dtype}`, { hint: `convert(update, '${e.dtype}')` }))
    ?? make(at, 'dynamicUpdateSlice', {}, [e, u, ...from], [e.type])));
}
