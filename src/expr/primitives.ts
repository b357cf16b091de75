import type { TensorType } from '../core/dim.ts';
import type { DType, TypedArray } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { monoidRow, type MonoidName } from '../ir/monoids.ts';
import { scalarRow, type ScalarOp } from '../ir/scalars.ts';
import type { DotDims } from '../ir/graph/syntax.ts';
import { make, toIr, typeOf, type Expr } from './expr.ts';
import type { Dim } from './types/shape.ts';

/** The operations of the IR as expressions. Their callers have checked the operands. */

export const scalar = (at: Origin, value: number, dtype: DType): Expr => filled(at, value, { dtype, shape: [] });
/** one number for every element */
export const filled = (at: Origin, value: number | TypedArray, type: TensorType): Expr => make(at, 'constant', { value }, [], [type]);
export const iotaOf = (at: Origin, type: TensorType, axis: number): Expr => make(at, 'iota', { axis }, [], [type]);

/** operands of one shape; `dtype` only for convert */
export const map = (at: Origin, fn: ScalarOp, inputs: readonly Expr[], dtype?: DType): Expr => {
  const operand = inputs[fn === 'select' ? 1 : 0].type;
  const gives = typeof fn === 'string' ? scalarRow(fn).gives : 'same';
  const result = gives === 'bool' ? 'bool' : gives === 'attribute' ? dtype ?? operand.dtype : operand.dtype;
  return make(at, 'map', { fn, dtype: result }, inputs, [{ dtype: result, shape: operand.shape }]);
};
export const convertTo = (at: Origin, x: Expr, dtype: DType): Expr => (x.dtype === dtype ? x : map(at, 'convert', [x], dtype));

const sameDims = (a: readonly Dim[], b: readonly Dim[]): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
/** operand axis i becomes result axis dims[i] */
export const broadcastInDim = (at: Origin, x: Expr, shape: readonly Dim[], dims: readonly number[]): Expr =>
  make(at, 'broadcastInDim', { dims }, [x], [typeOf(x.dtype, shape)]);
/** aligned at the last axes, as NumPy does */
export const stretch = (at: Origin, x: Expr, shape: readonly Dim[]): Expr => {
  if (sameDims(x.shape, shape)) return x;
  if (x.op === 'constant' && typeof x.attrs.value === 'number') return filled(at, x.attrs.value, typeOf(x.dtype, shape));
  return broadcastInDim(at, x, shape, x.shape.map((_, i) => i + shape.length - x.shape.length));
};
export const reshaped = (at: Origin, x: Expr, shape: readonly Dim[]): Expr =>
  sameDims(x.shape, shape) ? x : make(at, 'reshape', {}, [x], [typeOf(x.dtype, shape)]);
export const transposed = (at: Origin, x: Expr, perm: readonly number[]): Expr =>
  perm.every((p, i) => p === i) ? x : make(at, 'transpose', { perm }, [x], [{ dtype: x.dtype, shape: perm.map((p) => x.type.shape[p]) }]);
/** along one axis; `to` may be negative or Infinity, `size` is that of the result */
export const sliced = (at: Origin, x: Expr, axis: number, from: number, to: number, stride: number, size: Dim): Expr => {
  const along = (here: number, elsewhere: number): readonly number[] => x.shape.map((_, i) => (i === axis ? here : elsewhere));
  const shape = x.type.shape.map((d, i) => (i === axis ? toIr(size) : d));
  return make(at, 'slice', { starts: along(from, 0), limits: along(to, Infinity), strides: along(stride, 1) }, [x], [{ dtype: x.dtype, shape }]);
};
export const concatenated = (at: Origin, xs: readonly Expr[], axis: number, size: Dim): Expr =>
  make(at, 'concatenate', { axis }, xs, [{ dtype: xs[0].dtype, shape: xs[0].type.shape.map((d, i) => (i === axis ? toIr(size) : d)) }]);

export const dot = (at: Origin, a: Expr, b: Expr, dims: DotDims): Expr => {
  const free = (x: Expr, side: 0 | 1): readonly Dim[] => x.shape.filter((_, i) => !dims.batch[side].includes(i) && !dims.contract[side].includes(i));
  return make(at, 'dotGeneral', dims, [a, b], [typeOf(a.dtype, [...dims.batch[0].map((i) => a.shape[i]), ...free(a, 0), ...free(b, 1)])]);
};
export const reduced = (at: Origin, monoid: MonoidName, x: Expr, axes: readonly number[]): Expr => {
  if (axes.length === 0 && monoidRow(monoid).gives === 'same') return x;
  const dtype = monoidRow(monoid).gives === 'i32' ? 'i32' : x.dtype;
  return make(at, 'reduce', { monoid, axes: [...axes].sort((p, q) => p - q) }, [x], [{ dtype, shape: x.type.shape.filter((_, i) => !axes.includes(i)) }]);
};
export const gathered = (at: Origin, table: Expr, ids: Expr): Expr =>
  make(at, 'gather', {}, [table, ids], [{ dtype: table.dtype, shape: [...ids.type.shape, ...table.type.shape.slice(1)] }]);
/** the size of an axis as an i32 scalar */
export const dimensionSize = (at: Origin, x: Expr, axis: number): Expr => {
  const d = x.shape[axis];
  return typeof d === 'number' ? scalar(at, d, 'i32') : make(at, 'getDimensionSize', { axis }, [x], [{ dtype: 'i32', shape: [] }]);
};
/** the results of an operation that has several */
export const resultsOf = (at: Origin, e: Expr): readonly Expr[] =>
  e.results.length === 1 ? [e] : e.results.map((type, index) => make(at, 'get', { index }, [e], [type]));
