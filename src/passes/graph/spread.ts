import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';

/** Parts and paddings along one axis, and windows of what is padded. */

export type Overlap = Node<'overlapAdd'>;

/** `count` windows of `size` elements, that are to overlap in `length` places */
export interface Lie { readonly count: number; readonly size: number; readonly length: number; readonly stride: number; readonly dilation: number }
export const lieOf = ({ inputs: [y], attrs: { axis, length, stride, dilation } }: Overlap): Lie =>
  ({ count: Number(y.type.shape[axis]), size: Number(y.type.shape[axis + 1]), length, stride, dilation });

const along = (x: Node, axis: number, here: number, elsewhere = 0): readonly number[] => x.type.shape.map((_, i) => (i === axis ? here : elsewhere));
export const padded = (b: Builder, x: Node, axis: number, low: number, high: number, interior: number): Node =>
  b.pad(x, b.constant({ dtype: x.type.dtype, shape: [] }, 0), along(x, axis, low), along(x, axis, high), along(x, axis, interior));
export const cut = (b: Builder, x: Node, axis: number, start: number, limit: number, stride: number): Node =>
  b.slice(x, along(x, axis, start), x.type.shape.map((d, i) => (i === axis ? limit : typeof d === 'number' ? d : -1)), along(x, axis, stride, 1));

/** The axis becomes two, [length, size]: what lies at place − k·dilation of x spread out by the stride, from the last k to the first, and 0 beside it. */
export const spreadWindows = (b: Builder, x: Node, axis: number, { count, size, length, stride, dilation }: Lie): Node =>
  b.window(padded(b, x, axis, (size - 1) * dilation, length - (count - 1) * stride - 1, stride - 1), { axis, size, stride: 1, dilation });
