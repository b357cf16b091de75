import { isSym, type Dim } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import type { ScalarName } from '../../ir/scalars.ts';
import { applies, splatOf } from './facts.ts';
import type { Example } from './rewrite.ts';

/** A sum that picks one element of each row, or none: Σ select(iota = index, x, 0), the index constant along the row. */
export interface Pick { readonly mask: Node; readonly of: Node; readonly axis: number; readonly index: Node<'broadcastInDim'> }
export const pickOf = (n: Node): Pick | undefined => {
  if (n.op !== 'reduce' || n.attrs.monoid !== 'add' || n.attrs.axes.length !== 1 || n.inputs.length !== 1) return undefined;
  const [axis] = n.attrs.axes, [chosen] = n.inputs;
  if (!applies(chosen, 'select')) return undefined;
  const [mask, of, zero] = chosen.inputs, index = oneHotIndex(mask, axis);
  return index !== undefined && splatOf(zero) === 0 ? { mask, of, axis, index } : undefined;
};
/** the index of a one-hot mask along an axis */
const oneHotIndex = (mask: Node, axis: number): Node<'broadcastInDim'> | undefined => {
  if (!applies(mask, 'eq')) return undefined;
  for (const [places, index] of [mask.inputs, [mask.inputs[1], mask.inputs[0]]]) {
    if (places.op !== 'iota' || places.attrs.axis !== axis || index.op !== 'broadcastInDim' || index.attrs.dims.includes(axis)) continue;
    return index;
  }
  return undefined;
};

/** Which rows of a pick pick something; undefined where all do. */
export const inRange = (b: Builder, { index, axis, of }: Pick): Node | undefined => {
  const size = of.type.shape[axis];
  if (!isSym(size) && isClamped(index.inputs[0], size)) return undefined;
  const rows = alongRest(b, index.inputs[0], index, axis);
  const end = isSym(size) ? alongRest(b, b.convert(b.getDimensionSize(of, axis), rows.type.dtype), undefined, axis, rows) : b.like(rows, size);
  return b.map('and', [b.map('ge', [rows, b.like(rows, 0)]), b.map('lt', [rows, end])]);
};
/** what was spread over all axes, over those of a row's result: without the pick's own */
const alongRest = (b: Builder, x: Node, spread: Node<'broadcastInDim'> | undefined, axis: number, like?: Node): Node => {
  if (spread === undefined) return b.broadcastInDim(x, like?.type.shape ?? [], []);
  const shape = spread.attrs.shape.filter((_, i) => i !== axis);
  return b.broadcastInDim(x, shape, spread.attrs.dims.map((d) => (d > axis ? d - 1 : d)));
};

/** whether a clamp, its bounds in either order, keeps the index in 0 … n − 1 */
const isClamped = (index: Node, n: Dim): boolean =>
  bounded(index, 'max', 'min', 0, Number(n) - 1) || bounded(index, 'min', 'max', Number(n) - 1, 0);
const bounded = (index: Node, outer: ScalarName, inner: ScalarName, outerBound: number, innerBound: number): boolean =>
  operands(index, outer).some(([x, bound]) => splatOf(bound) === outerBound && operands(x, inner).some(([, other]) => splatOf(other) === innerBound));
const operands = (x: Node, fn: ScalarName): readonly (readonly [Node, Node])[] =>
  (applies(x, fn) ? [[x.inputs[0], x.inputs[1]], [x.inputs[1], x.inputs[0]]] : []);

/** for each of 3 rows of 4 the element at its index, some out of range; and at a clamped one */
export const pickExamples = (of: (b: Builder, p: Parameters<Example>[1]) => Node, wrap: (b: Builder, x: Node) => Node): readonly Example[] => {
  const pick = (b: Builder, x: Node, index: Node): Node => {
    const mask = b.map('eq', [b.iota({ dtype: 'i32', shape: [3, 4] }, 1), b.broadcastInDim(index, [3, 4], [0])]);
    return wrap(b, b.reduce('add', b.map('select', [mask, x, b.like(x, 0)]), [1]));
  };
  const clamped = (b: Builder, x: Node): Node => b.map('max', [b.map('min', [x, b.like(x, 3)]), b.like(x, 0)]);
  return [(b, p) => pick(b, of(b, p), p([3], 'i32')), (b, p) => pick(b, of(b, p), clamped(b, p([3], 'i32')))];
};
