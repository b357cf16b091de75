import type { DType } from '../core/dtype.ts';
import { kindOf } from '../core/kind.ts';
import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { addDims, axisIndex, axisList, badAxis, broadcast, inserted, isCompound, removed, reshapeTo, show, subtractDims, unify } from './dims.ts';
import { define, exprOf, here, invalid, isValue, make, operandOf, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { concatenated, reshaped, scalar, sliced, stretch, transposed } from './primitives.ts';
import type { Shapes } from './types/operations.ts';
import type * as T from './types/shape.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

/**
 * The same elements in row-major order under another shape; one size may be -1, which is worked out.
 * A different number of elements is a diagnostic (FX1005).
 * @example reshape(x, ['batch', -1])
 */
export function reshape<A extends Shape, D extends DType, const S extends Dim[]>(x: Tensor<A, D>, shape: Check<T.Reshape<A, S>, readonly [...S]>): Tensor<Ok<T.Reshape<A, S>>, D>;
export function reshape(x: Tensor, shape: readonly Dim[]): never {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    const to = reshapeTo(e.shape, shape);
    return 'wrong' in to ? problem('reshape', to.wrong, { shapes: [show(e.shape), show(shape)], hint: 'one size may be -1' }) : reshaped(at, e, to.shape);
  }));
}

/** The last two axes exchanged. @example transpose(w) */
export function transpose<A extends Shape, D extends DType>(x: Check<T.Transpose<A>, Tensor<A, D>>): Tensor<Ok<T.Transpose<A>>, D>;
export function transpose(x: unknown): never {
  // SAFETY: the overload takes a tensor; a message as its type has no values
  const e = exprOf(x as Tensor), n = e.shape.length;
  return typed(define([e], (at) => (n < 2 ? problem('rank', `transpose: needs rank 2 or more, but is ${show(e.shape)}`)
    : transposed(at, e, e.shape.map((_, i) => (i === n - 2 ? n - 1 : i === n - 1 ? n - 2 : i))))));
}

/** The axes in another order: result axis i is axis `axes[i]` of x. @example permute(x, [0, 2, 1, 3]) */
export function permute<A extends Shape, D extends DType, const X extends Dim[]>(x: Tensor<A, D>, axes: Check<T.Permute<A, X>, readonly [...X]>): Tensor<Ok<T.Permute<A, X>>, D>;
export function permute(x: Tensor, axes: readonly Dim[]): never {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    if (axes.length !== e.shape.length) return problem('axis', `permute: ${show(axes)} must list each of the ${e.shape.length} axes of ${show(e.shape)} once`);
    const perm = axes.map((a) => axisIndex(e.shape, a)), bad = perm.indexOf(undefined);
    if (bad >= 0) return problem('axis', badAxis('permute', e.shape, axes[bad]));
    if (new Set(perm).size < perm.length) return problem('axis', `permute: ${show(axes)} repeats an axis of ${show(e.shape)}`);
    return transposed(at, e, perm.filter((p) => p !== undefined));
  }));
}

/** Repeated along new leading axes and axes of size 1, as NumPy does. @example broadcastTo(bias, ['batch', 10]) */
export function broadcastTo<A extends Shape, D extends DType, const S extends Dim[]>(x: Tensor<A, D>, shape: Check<T.BroadcastTo<A, S>, readonly [...S]>): Tensor<Ok<T.BroadcastTo<A, S>>, D>;
export function broadcastTo(x: Tensor, shape: readonly Dim[]): never {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    const both = broadcast(e.shape, shape, 'broadcastTo');
    const fits = !('wrong' in both) && both.shape.length === shape.length && both.shape.every((d, i) => unify(d, shape[i]) !== undefined);
    return fits ? stretch(at, e, shape) : problem('broadcast', `broadcastTo: cannot broadcast ${show(e.shape)} to ${show(shape)}`, { shapes: [show(e.shape), show(shape)] });
  }));
}

/** A new axis of size 1 at the given place. @example expandDims(x, -1) */
export function expandDims<A extends Shape, D extends DType, X extends number>(x: Tensor<A, D>, axis: Check<T.ExpandDims<A, X>, X>): Tensor<Ok<T.ExpandDims<A, X>>, D>;
export function expandDims(x: Tensor, axis: number): never {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    const place = axis < 0 ? axis + e.shape.length + 1 : axis;
    if (!(place >= 0 && place <= e.shape.length)) return problem('axis', badAxis('expandDims', e.shape, axis));
    return reshaped(at, e, inserted(e.shape, place, 1));
  }));
}

/** Without an axis of size 1. @example squeeze(x, 0) */
export function squeeze<A extends Shape, D extends DType, X extends Dim>(x: Tensor<A, D>, axis: Check<T.Reduce<A, X, false, 'squeeze'>, X>): Tensor<Ok<T.Reduce<A, X, false, 'squeeze'>>, D>;
export function squeeze(x: Tensor, axis: Dim): never {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    const place = axisIndex(e.shape, axis);
    if (place === undefined) return problem('axis', badAxis('squeeze', e.shape, axis));
    if (e.shape[place] !== 1 && !isCompound(e.shape[place])) return problem('axis', `squeeze: axis ${axis} of ${show(e.shape)} has size ${e.shape[place]}, not 1`);
    return reshaped(at, e, removed(e.shape, place));
  }));
}

// ── slices

/** the size of `from` to `to` of an axis, or undefined where it is outside */
const span = (d: Dim, from: number, to: number, stride: number): Dim | undefined => {
  if (![from, stride].every(Number.isInteger) || !(Number.isInteger(to) || to === Infinity) || stride < 1) return undefined;
  if (typeof d === 'number') {
    const a = from < 0 ? from + d : from, b = to === Infinity ? d : to < 0 ? to + d : to;
    return a >= 0 && a <= b && b <= d ? Math.ceil((b - a) / stride) : undefined;
  }
  if (from >= 0 && to >= 0 && to !== Infinity) return to >= from ? Math.ceil((to - from) / stride) : undefined;
  const end: Dim = to === Infinity ? d : to < 0 ? subtractDims(d, -to) : to, start: Dim = from < 0 ? subtractDims(d, -from) : from;
  const size = subtractDims(end, start);
  return stride === 1 ? size : `ceil((${size})/${stride})`;
};
const sliceOf = (at: Origin, x: Expr, axis: Dim, from: number, to: number, stride: number): Expr | Problem => {
  const place = axisIndex(x.shape, axis);
  if (place === undefined) return problem('axis', badAxis('slice', x.shape, axis));
  const size = span(x.shape[place], from, to, stride);
  if (size === undefined) return problem('slice', `slice: ${from}:${to} is outside axis ${axis} of ${show(x.shape)}, which has size ${x.shape[place]}`, { shapes: [show(x.shape)] });
  return sliced(at, x, place, from, to, stride, size);
};
/**
 * The elements `from` up to but not including `to` along an axis; both may be negative, counted from the end.
 * @example slice(x, 1, 0, -1)
 */
export function slice<A extends Shape, D extends DType, X extends Dim, F extends number, L extends number>(x: Tensor<A, D>, axis: X, from: F, to: Check<T.Slice<A, X, F, L>, L>): Tensor<Ok<T.Slice<A, X, F, L>>, D>;
export function slice<A extends Shape, D extends DType, X extends Dim>(x: Tensor<A, D>, axis: X, from: number, to: number, stride: number): Tensor<Ok<T.Slice<A, X, number, number>>, D>;
export function slice(x: Tensor, axis: Dim, from: number, to: number, stride = 1): never {
  const e = exprOf(x);
  return typed(define([e], (at) => sliceOf(at, e, axis, from, to, stride)));
}
/** Cut along an axis into parts of the given sizes. @example splitAt(x, 1, [128, 128]) */
export function splitAt<A extends Shape, D extends DType>(x: Tensor<A, D>, axis: Dim, sizes: readonly number[]): readonly Tensor<Dyn, D>[] {
  const e = exprOf(x);
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  return sizes.map((n, i) => typed(define([e], (at) => sliceOf(at, e, axis, starts[i], starts[i] + n, 1))));
}

/**
 * Padded with a value: `low` before, `high` after, `interior` between neighbours, each one number for each axis.
 * @example pad(x, [0, 1], [0, 1])
 */
export function pad<A extends Shape, D extends DType>(x: Tensor<A, D>, low: readonly number[], high: readonly number[], options: { readonly value?: number; readonly interior?: readonly number[] } = {}): Tensor<T.Unknown<A>, D> {
  const e = exprOf(x), interior = options.interior ?? low.map(() => 0);
  return typed(define([e], (at) => {
    if ([low, high, interior].some((a) => a.length !== e.shape.length)) return problem('rank', `pad: needs one amount for each axis of ${show(e.shape)}`);
    const shape = e.shape.map((d, i) => padded(d, low[i], high[i], interior[i])), bad = shape.indexOf(undefined);
    if (bad >= 0) return problem('slice', `pad: axis ${bad} of ${show(e.shape)} cannot be padded by ${low[bad]}, ${high[bad]} and ${interior[bad]} between`);
    const known = shape.filter((d) => d !== undefined);
    return make(at, 'pad', { low, high, interior }, [e, scalar(at, options.value ?? 0, e.dtype)], [typeOf(e.dtype, known)]);
  }));
}
const padded = (d: Dim, low: number, high: number, interior: number): Dim | undefined => {
  if (![low, high, interior].every(Number.isInteger) || interior < 0) return undefined;
  if (typeof d === 'string') {
    const more = low + high - interior, spread = interior === 0 ? d : `${1 + interior}*${isCompound(d) ? `(${d})` : d}`;
    return more < 0 ? subtractDims(spread, -more) : addDims(spread, more);
  }
  const size = d + low + high + Math.max(0, d - 1) * interior;
  return size >= 0 ? size : undefined;
};

/** In the opposite order along the given axes. @example reverse(x, [0]) */
export function reverse<A extends Shape, D extends DType>(x: Tensor<A, D>, axes: Dim | readonly Dim[]): Tensor<A, D> {
  const e = exprOf(x), list = axisList(axes);
  return typed(define([e], (at) => {
    const at0 = list.map((a) => axisIndex(e.shape, a)), bad = at0.indexOf(undefined);
    if (bad >= 0) return problem('axis', badAxis('reverse', e.shape, list[bad]));
    return make(at, 'reverse', { axes: [...new Set(at0)].filter((a) => a !== undefined) }, [e], [e.type]);
  }));
}

// ── joining

const operandsOf = (op: string, xs: unknown): readonly Expr[] => (Array.isArray(xs) ? xs.map(operandOf)
  : [invalid(here(), [], typeOf('f32', []), problem('join', `${op}: needs a list of tensors, but this is ${isValue(xs) ? 'one tensor' : kindOf(xs)}`, { hint: `${op}([a, b], 0)` }))]);
const joinable = (op: string, xs: readonly Expr[]): Problem | undefined => {
  if (xs.length === 0) return problem('join', `${op}: needs at least one tensor`);
  const other = xs.find((x) => x.dtype !== xs[0].dtype);
  return other && problem('dtypes', `${op}: dtypes differ: ${xs[0].dtype} and ${other.dtype}`, { hint: `convert(x, '${xs[0].dtype}')` });
};
const concatOf = (at: Origin, xs: readonly Expr[], axis: Dim): Expr | Problem => {
  const wrong = joinable('concat', xs);
  if (wrong) return wrong;
  const place = axisIndex(xs[0].shape, axis);
  if (place === undefined) return problem('axis', badAxis('concat', xs[0].shape, axis));
  let shape = xs[0].shape;
  for (const x of xs.slice(1)) {
    if (x.shape.length !== shape.length) return problem('join', `concat: ranks differ: ${show(shape)} and ${show(x.shape)}`);
    const dims = shape.map((d, i) => (i === place ? addDims(d, x.shape[i]) : unify(d, x.shape[i])));
    if (dims.includes(undefined)) return problem('join', `concat on axis ${place}: ${show(shape)} and ${show(x.shape)} must agree on every other axis`, { shapes: xs.map((e) => show(e.shape)) });
    shape = dims.filter((d) => d !== undefined);
  }
  return xs.length === 1 ? xs[0] : concatenated(at, xs, place, shape[place]);
};
/** One after another along an axis. @example concat([a, b], 1) */
export function concat<const L extends Tensor[], X extends Dim>(xs: readonly [...L], axis: Check<T.Concat<Shapes<L>, X>, X>): Tensor<Ok<T.Concat<Shapes<L>, X>>, L[0]['dtype']>;
export function concat(xs: readonly Tensor[], axis: Dim): never {
  const es = operandsOf('concat', xs);
  return typed(define(es, (at) => concatOf(at, es, axis)));
}

/** Side by side along a new axis, the first by default. @example stack([a, b]) */
export function stack<const L extends Tensor[], X extends number = 0>(xs: Check<T.Stack<Shapes<L>, X>, readonly [...L]>, axis?: X): Tensor<Ok<T.Stack<Shapes<L>, X>>, L[0]['dtype']>;
export function stack(xs: unknown, axis = 0): never {
  const es = operandsOf('stack', xs);
  return typed(define(es, (at) => stackOf(at, es, axis)));
}
const stackOf = (at: Origin, xs: readonly Expr[], axis: number): Expr | Problem => {
  const wrong = joinable('stack', xs);
  if (wrong) return wrong;
  const [first] = xs, place = axis < 0 ? axis + first.shape.length + 1 : axis;
  const other = xs.find((x) => x.shape.length !== first.shape.length || x.shape.some((d, i) => unify(d, first.shape[i]) === undefined));
  if (other) return problem('join', `stack: shapes differ: ${show(first.shape)} and ${show(other.shape)}`);
  if (!(place >= 0 && place <= first.shape.length)) return problem('axis', badAxis('stack', first.shape, axis));
  return concatOf(at, xs.map((x) => reshaped(at, x, inserted(x.shape, place, 1))), place);
};
