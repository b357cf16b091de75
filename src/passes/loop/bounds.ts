import { range, type AxisId, type Bounds, type Index, type Range, type SymId } from '../../core/affine.ts';

/** What is known of axes and sizes inside some loops; of the axes of the steps around a kernel, that they count from 0. */
export interface Known { readonly syms: ReadonlyMap<SymId, number>; readonly axes: ReadonlyMap<AxisId, Range> }

export const boundsOf = ({ syms, axes }: Known): Bounds => (leaf) => {
  switch (leaf.kind) {
    case 'axis': return axes.get(leaf.axis) ?? { lo: 0, hi: Infinity };
    case 'size': return { lo: 0, hi: syms.get(leaf.sym) ?? Infinity };
    case 'data': return { lo: leaf.lo, hi: leaf.hi };
  }
};
/** inside a loop over the axis, which runs at least once there */
export const inLoop = (known: Known, axis: AxisId, extent: Index): Known => {
  const hi = Math.max(0, range(extent, boundsOf(known)).hi - 1);
  return { ...known, axes: new Map(known.axes).set(axis, { lo: 0, hi }) };
};
