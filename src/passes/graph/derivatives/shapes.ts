import { isSym, sameDim, sameShape, type Dim, type Dims } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Node } from '../../../ir/graph/syntax.ts';

export const axesOf = (shape: Dims): readonly number[] => shape.map((_, i) => i);
export const others = (shape: Dims, axes: readonly number[]): readonly number[] => axesOf(shape).filter((i) => !axes.includes(i));
export const reshaped = (b: Builder, x: Node, shape: Dims): Node => (sameShape(x.type.shape, shape) ? x : b.reshape(x, shape));
/** the tensor whose axis order[i] is axis i of x */
export const placed = (b: Builder, x: Node, order: readonly number[]): Node =>
  order.every((axis, i) => axis === i) ? x : b.transpose(x, axesOf(x.type.shape).map((axis) => order.indexOf(axis)));
export const inverse = (perm: readonly number[]): readonly number[] => perm.map((_, i) => perm.indexOf(i));

/** the part of x between start and limit along one axis; the other axes whole */
export const part = (b: Builder, x: Node, axis: number, start: number, limit: number): Node => {
  const whole = (d: Dim): number => (isSym(d) ? -1 : d);
  return b.slice(x, x.type.shape.map((_, i) => (i === axis ? start : 0)), x.type.shape.map((d, i) => (i === axis ? limit : whole(d))));
};
/** x moved along an axis by `by` places (backward if negative), with `fill` coming in */
export const shifted = (b: Builder, x: Node, axis: number, by: number, fill: number): Node => {
  const along = (amount: number): readonly number[] => x.type.shape.map((_, i) => (i === axis ? amount : 0));
  return b.pad(x, b.constant({ dtype: x.type.dtype, shape: [] }, fill), along(by), along(-by));
};
/** the size of an axis as a tensor of x's shape and dtype */
export const sizeLike = (b: Builder, of: Node, axis: number, x: Node): Node => {
  const d = of.type.shape[axis];
  if (!isSym(d)) return b.like(x, d);
  return b.broadcastInDim(b.convert(b.getDimensionSize(of, axis), x.type.dtype), x.type.shape, []);
};
/** the axes of a broadcast's result along which its operand is repeated */
export const repeated = ({ type, inputs: [x], attrs: { dims } }: Node<'broadcastInDim'>): readonly number[] =>
  axesOf(type.shape).filter((axis) => {
    const from = dims.indexOf(axis);
    return from < 0 || !sameDim(x.type.shape[from], type.shape[axis]);
  });
