import * as ix from '../../core/affine.ts';
import type { Guard, Index } from '../../core/affine.ts';
import { isSym, maxSize, type Dim, type Dims } from '../../core/dim.ts';
import { invariant } from '../../core/invariant.ts';
import type { Node, OpName } from '../../ir/graph/syntax.ts';

/** One operand of a view, read at an index where the guard holds. */
export interface Piece { readonly x: Node; readonly at: readonly Index[]; readonly guard: Guard }
/** A view as index arithmetic: the first piece whose guard holds, else the fallback (a padding value). */
export interface View { readonly pieces: readonly Piece[]; readonly fallback?: Node }
export type Bounds = ix.Bounds;

export const extentOf = (d: Dim): Index => (isSym(d) ? ix.scale(ix.size(d.name), d.by) : ix.constant(d));

/** row-major strides in elements; a symbolic axis counts with its largest size, an empty one as if it had an element */
export const stridesOf = (shape: Dims): readonly number[] => {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * Math.max(1, maxSize(shape[i + 1]));
  return strides;
};
export const flatten = (at: readonly Index[], shape: Dims, strides = stridesOf(shape)): Index =>
  strides.reduce((sum, stride, i) => ix.add(sum, ix.scale(at[i], stride)), ix.constant(0));
/** the reverse of flatten */
export const unflatten = (linear: Index, shape: Dims, bounds: Bounds): readonly Index[] =>
  stridesOf(shape).map((stride, i) => {
    const above = ix.floorDiv(linear, stride, bounds);
    return i === 0 ? above : ix.mod(above, Math.max(1, maxSize(shape[i])), bounds);
  });

type ViewOp = 'broadcastInDim' | 'reshape' | 'transpose' | 'slice' | 'pad' | 'reverse' | 'window' | 'concatenate';
type ViewRule<K extends OpName> = (node: Node<K>, at: readonly Index[], bounds: Bounds) => View;
const whole = (x: Node, at: readonly Index[]): View => ({ pieces: [{ x, at, guard: [] }] });

const within = (index: Index, size: Dim): Guard => [
  { is: 'ge0', of: index },
  { is: 'ge0', of: ix.sub(ix.sub(extentOf(size), ix.constant(1)), index) },
];

const views: { readonly [K in ViewOp]: ViewRule<K> } = {
  broadcastInDim: (n, at) => {
    const x = n.inputs[0];
    return whole(x, x.type.shape.map((size, i) => (size === 1 ? ix.constant(0) : at[n.attrs.dims[i]])));
  },
  reshape: (n, at, bounds) => {
    const x = n.inputs[0];
    return whole(x, unflatten(flatten(at, n.type.shape), x.type.shape, bounds));
  },
  transpose: (n, at) => {
    const from = new Array<Index>(at.length);
    n.attrs.perm.forEach((axis, i) => { from[axis] = at[i]; });
    return whole(n.inputs[0], from);
  },
  slice: (n, at) => whole(n.inputs[0], at.map((i, axis) => ix.add(ix.scale(i, n.attrs.strides[axis]), ix.constant(n.attrs.starts[axis])))),
  reverse: (n, at) => whole(n.inputs[0], at.map((i, axis) =>
    n.attrs.axes.includes(axis) ? ix.sub(ix.sub(extentOf(n.type.shape[axis]), ix.constant(1)), i) : i)),
  window: (n, at) => {
    const { axis, stride, dilation } = n.attrs, from = ix.add(ix.scale(at[axis], stride), ix.scale(at[axis + 1], dilation));
    return whole(n.inputs[0], [...at.slice(0, axis), from, ...at.slice(axis + 2)]);
  },
  pad: (n, at, bounds) => {
    const [x, fallback] = n.inputs;
    const guard: Guard[number][] = [];
    const from = at.map((i, axis) => {
      const low = n.attrs.low[axis], step = n.attrs.interior[axis] + 1, size = x.type.shape[axis];
      if (low === 0 && n.attrs.high[axis] === 0 && step === 1) return i;
      const shifted = ix.sub(i, ix.constant(low));
      if (step > 1) guard.push({ is: 'eq0', of: ix.mod(shifted, step, bounds) });
      const index = ix.floorDiv(shifted, step, bounds);
      guard.push(...within(index, size));
      return index;
    });
    return { pieces: [{ x, at: from, guard }], fallback };
  },
  concatenate: (n, at) => {
    const axis = n.attrs.axis;
    let start = 0;
    const pieces = n.inputs.map((x, k): Piece => {
      const index = ix.sub(at[axis], ix.constant(start)), size = maxSize(x.type.shape[axis]);
      start += size;
      const guard: Guard[number][] = [];
      if (k > 0) guard.push({ is: 'ge0', of: index });
      if (k < n.inputs.length - 1) guard.push({ is: 'ge0', of: ix.sub(ix.constant(size - 1), index) });
      return { x, at: at.map((i, a) => (a === axis ? index : i)), guard };
    });
    return { pieces };
  },
};

export const isView = (node: Node): node is Node<ViewOp> => Object.hasOwn(views, node.op);
const applyView = <K extends ViewOp>(node: Node<K>, at: readonly Index[], bounds: Bounds): View => {
  // SAFETY: the table is total over ViewOp and its row is picked by the node's own op
  const rule = views[node.op as K] as ViewRule<K>;
  return rule(node, at, bounds);
};
/** Where a view reads its operands for one of its own indices. */
export const viewAt = (node: Node, at: readonly Index[], bounds: Bounds): View => {
  invariant(isView(node), `${node.op} is not a view`);
  return applyView(node, at, bounds);
};
