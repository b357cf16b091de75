import { isFloat, isHalf, type DType, type Float } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { monoidRow, type MonoidName } from '../ir/monoids.ts';
import { problem } from './codes.ts';
import { axisIndex, axisList, badAxis } from './dims.ts';
import { define, exprOf, typed, type Expr, type Problem } from './expr.ts';
import { convertTo, dimensionSize, filled, map, reduced, reshaped, stretch } from './primitives.ts';
import type { AxisArg, Red } from './types/operations.ts';
import type { Dim } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

/** the indices of the named axes (all, if none is named), or what is wrong */
export const axesOf = (op: string, shape: readonly Dim[], axis: AxisArg | undefined): readonly number[] | Problem => {
  if (axis === undefined) return shape.map((_, i) => i);
  const list = axisList(axis), axes = list.map((a) => axisIndex(shape, a)), bad = axes.indexOf(undefined);
  if (bad >= 0) return problem('axis', badAxis(op, shape, list[bad]), { hint: `axes run from 0 to ${shape.length - 1}, or are counted from the end, or named` });
  return [...new Set(axes)].filter((a) => a !== undefined);
};
/** the shape with the axes kept at size 1 */
export const keptShape = (shape: readonly Dim[], axes: readonly number[]): readonly Dim[] => shape.map((d, i) => (axes.includes(i) ? 1 : d));

type Rule = (at: Origin, x: Expr, axes: readonly number[]) => Expr;
interface Options { readonly keepdims?: boolean }
type Accepts = 'number' | 'float' | 'bool' | 'any';
const accepts: { readonly [K in Accepts]: (d: DType) => boolean } = { number: (d) => d !== 'bool', float: isFloat, bool: (d) => d === 'bool', any: () => true };

const reduction = (op: string, wants: Accepts, rule: Rule) => (x: Tensor, axis?: unknown, options: Options = {}): never => {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    if (!accepts[wants](e.dtype)) return problem('notTaken', `${op}: does not take ${e.dtype}`, { hint: wants === 'bool' ? 'notEqual(x, 0)' : "convert(x, 'f32')" });
    // SAFETY: the overloads let an axis, a list of axes or nothing through
    const axes = axesOf(op, e.shape, axis as AxisArg | undefined);
    if (!isAxes(axes)) return axes;
    const made = rule(at, e, axes);
    return options.keepdims ? reshaped(at, made, keptShape(e.shape, axes)) : made;
  }));
};
const isAxes = (x: readonly number[] | Problem): x is readonly number[] => Array.isArray(x);
const monoid = (op: string, name: MonoidName): ((x: Tensor, axis?: unknown, options?: Options) => never) =>
  reduction(op, monoidRow(name).takes, (at, x, axes) => reduced(at, name, x, axes));

/** how many elements the axes hold, as a scalar of x's dtype */
const countAlong = (at: Origin, x: Expr, axes: readonly number[]): Expr => {
  const known = axes.reduce((n, i) => n * (typeof x.shape[i] === 'number' ? x.shape[i] : 1), 1);
  const named = axes.filter((i) => typeof x.shape[i] === 'string').map((i) => convertTo(at, dimensionSize(at, x, i), x.dtype));
  const factors = known === 1 && named.length > 0 ? named : [filled(at, known, { dtype: x.dtype, shape: [] }), ...named];
  return factors.reduce((n, size) => map(at, 'mul', [n, size]));
};
/** what is computed on the way of more digits than a half has, or of larger numbers: of halves as f32, which is rounded once */
export const inFloats = (at: Origin, x: Expr, compute: (x: Expr) => Expr): Expr => (isHalf(x.dtype) ? convertTo(at, compute(convertTo(at, x, 'f32')), x.dtype) : compute(x));
/** the sum divided by the real number of elements */
const meanOf: Rule = (at, x, axes) => {
  const total = reduced(at, 'add', x, axes);
  return map(at, 'div', [total, stretch(at, countAlong(at, x, axes), total.shape)]);
};
const varianceOf: Rule = (at, x, axes) => {
  const centre = stretch(at, reshaped(at, meanOf(at, x, axes), keptShape(x.shape, axes)), x.shape);
  const rest = map(at, 'sub', [x, centre]);
  return meanOf(at, map(at, 'mul', [rest, rest]), axes);
};

/** The sum along axes (all by default). @example sum(x, -1, { keepdims: true }) */
export const sum: Red<'sum'> = monoid('sum', 'add');
/** The product along axes. */
export const prod: Red<'prod'> = monoid('prod', 'mul');
/** The largest along axes; NaN if there is one. */
export const max: Red<'max'> = monoid('max', 'max');
/** The smallest along axes; NaN if there is one. */
export const min: Red<'min'> = monoid('min', 'min');
/** All true. */
export const all: Red<'all', 'bool'> = monoid('all', 'and');
/** At least one true. */
export const any: Red<'any', 'bool'> = monoid('any', 'or');
/** The arithmetic mean; a named dimension counts at its size in the run. */
export const mean: Red<'mean', Float> = reduction('mean', 'float', (at, x, axes) => inFloats(at, x, (v) => meanOf(at, v, axes)));
/** The mean of the squared distances from the mean. */
export const variance: Red<'variance', Float> = reduction('variance', 'float', (at, x, axes) => inFloats(at, x, (v) => varianceOf(at, v, axes)));
/** Where the largest stands along an axis, as i32; the first of equals. */
export const argmax: Red<'argmax', DType, 'i32'> = monoid('argmax', 'argMax');
/** Where the smallest stands along an axis, as i32; the first of equals. */
export const argmin: Red<'argmin', DType, 'i32'> = monoid('argmin', 'argMin');

/** one axis of x, the last by default */
export const oneAxis = (op: string, x: Expr, axis: Dim): number | Problem => {
  const axes = axesOf(op, x.shape, axis);
  return isAxes(axes) ? axes[0] : axes;
};
export const isIndex = (x: number | Problem): x is number => typeof x === 'number';
