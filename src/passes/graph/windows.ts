import type { Builder } from '../../ir/graph/build.ts';
import { createBuilder } from '../../ir/graph/builder.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { nodesOf, transcribe } from '../../ir/graph/walk.ts';
import type { Pass } from '../pass.ts';
import { axesOf, isIdentity, others, placeOf, sameButUnits } from './facts.ts';
import { procedural, type Rule } from './rewrite.ts';

type Overlap = Node<'overlapAdd'>;
type Dot = Node<'dotGeneral'>;
type Side = 0 | 1;

/** `count` windows of `size` elements, that are to overlap in `length` places */
interface Lie { readonly count: number; readonly size: number; readonly length: number; readonly stride: number; readonly dilation: number }
const lieOf = ({ inputs: [y], attrs: { axis, length, stride, dilation } }: Overlap): Lie =>
  ({ count: Number(y.type.shape[axis]), size: Number(y.type.shape[axis + 1]), length, stride, dilation });

const along = (x: Node, axis: number, here: number, elsewhere = 0): readonly number[] => x.type.shape.map((_, i) => (i === axis ? here : elsewhere));
const padded = (b: Builder, x: Node, axis: number, low: number, high: number, interior: number): Node =>
  b.pad(x, b.constant({ dtype: x.type.dtype, shape: [] }, 0), along(x, axis, low), along(x, axis, high), along(x, axis, interior));
const cut = (b: Builder, x: Node, axis: number, start: number, limit: number, stride: number): Node =>
  b.slice(x, along(x, axis, start), x.type.shape.map((d, i) => (i === axis ? limit : typeof d === 'number' ? d : -1)), along(x, axis, stride, 1));

/** The axis becomes two, [length, size]: what lies at place − k·dilation of x spread out by the stride, from the last k to the first, and 0 beside it. */
const spreadWindows = (b: Builder, x: Node, axis: number, { count, size, length, stride, dilation }: Lie): Node =>
  b.window(padded(b, x, axis, (size - 1) * dilation, length - (count - 1) * stride - 1, stride - 1), { axis, size, stride: 1, dilation });

// ---- Sums of overlapping products. See Note [Overlaps of a contraction]

interface Product { readonly dot: Dot; /** the contraction's axis of each axis of the product; none of an axis of size 1 that it has not */ readonly axes: readonly (number | undefined)[] }
/** through views that only move axes, and put in or leave out axes of size 1 */
const productOf = (y: Node): Product | undefined => {
  let axes: Product['axes'] = axesOf(y.type.shape), x = y;
  const seen = (place: (axis: number) => number | undefined): void => { axes = axes.map((axis) => (axis === undefined ? undefined : place(axis))); [x] = x.inputs; };
  for (;;) {
    if (x.op === 'dotGeneral') return { dot: x, axes };
    if (x.op === 'transpose') { const { perm } = x.attrs; seen((axis) => perm[axis]); }
    else if (x.op === 'reshape' && sameButUnits(x.type.shape, x.inputs[0].type.shape)) { const place = placeOf(x.type.shape, x.inputs[0].type.shape); seen((axis) => place.get(axis)); }
    else return undefined;
  }
};
const freeAxes = (n: Dot, side: Side): readonly number[] => others(n.inputs[side].type.shape, [...n.attrs.batch[side], ...n.attrs.contract[side]]);
/** the operand's axis that a free axis of the result is */
const freeAxis = (n: Dot, axis: number): { readonly side: Side; readonly axis: number } | undefined => {
  const left = freeAxes(n, 0), at = axis - n.attrs.batch[0].length;
  if (at < 0) return undefined;
  return at < left.length ? { side: 0, axis: left[at] } : { side: 1, axis: freeAxes(n, 1)[at - left.length] };
};

const overlapOfDot = (n: Overlap, b: Builder): Node | undefined => {
  const product = productOf(n.inputs[0]), lie = lieOf(n), { axis } = n.attrs;
  if (product === undefined || lie.count === 0) return undefined;
  const { dot, axes: own } = product, [placed, gone] = [own[axis], own[axis + 1]];
  if (placed === undefined || gone === undefined) return undefined;
  const place = freeAxis(dot, placed), element = freeAxis(dot, gone);
  if (place === undefined || element === undefined || place.side === element.side) return undefined;
  if (lie.stride > 1) return lie.dilation === 1 ? interleaved(n, b, lie) : undefined;
  const moved = (i: number): number => (i > place.axis ? i + 1 : i), other: Side = place.side === 0 ? 1 : 0;
  const spread = spreadWindows(b, dot.inputs[place.side], place.axis, lie), turned = b.reverse(dot.inputs[other], [element.axis]);
  const mine = (axes: 'batch' | 'contract'): readonly number[] => dot.attrs[axes][place.side].map(moved);
  const theirs = (axes: 'batch' | 'contract'): readonly number[] => dot.attrs[axes][other];
  const pair = <A>(a: A, c: A): readonly [A, A] => (place.side === 0 ? [a, c] : [c, a]);
  const made = b.dotGeneral(...pair(spread, turned), {
    batch: pair(mine('batch'), theirs('batch')),
    contract: pair([...mine('contract'), place.axis + 1], [...theirs('contract'), element.axis]),
  });
  // what is left of the contraction's axes: those that the product does not show are of size 1
  const shown = own.flatMap((i) => (i === undefined || i === gone ? [] : [i])), order = [...others(dot.type.shape, [...shown, gone]), ...shown].map((i) => (i > gone ? i - 1 : i));
  return b.reshape(isIdentity(order) ? made : b.transpose(made, order), n.type.shape);
};

/** place s·q + r gets what lies at every s-th element from the r-th on: s overlaps that move by one, next to each other */
const interleaved = (n: Overlap, b: Builder, { count, size, length, stride }: Lie): Node => {
  const { axis } = n.attrs, [y] = n.inputs, each = Math.ceil(length / stride);
  const parts = Array.from({ length: stride }, (_, r) => {
    if (r >= size) return emptied(b, y, axis, each);
    const own = cut(b, y, axis + 1, r, size, stride), reach = count + Number(own.type.shape[axis + 1]) - 1;
    return padded(b, b.overlapAdd(own, { axis, length: reach, stride: 1, dilation: 1 }), axis, 0, each - reach, 0);
  });
  const lined = b.concatenate(parts.map((x) => b.reshape(x, x.type.shape.flatMap((d, i) => (i === axis ? [d, 1] : [d])))), axis + 1);
  const joined = b.reshape(lined, n.type.shape.map((d, i) => (i === axis ? each * stride : d)));
  return each * stride === length ? joined : cut(b, joined, axis, 0, length, 1);
};
const emptied = (b: Builder, y: Node, axis: number, length: number): Node =>
  b.constant({ dtype: y.type.dtype, shape: y.type.shape.flatMap((d, i) => (i === axis ? [length] : i === axis + 1 ? [] : [d])) }, 0);

/** a window of one element is every stride-th element */
const singles = (n: Node<'window'>, b: Builder): Node | undefined => {
  const { axis, size, stride } = n.attrs, [x] = n.inputs;
  return size === 1 ? b.reshape(cut(b, x, axis, 0, Number(x.type.shape[axis]), stride), n.type.shape) : undefined;
};

/** windows side by side are the axis in parts */
const tiled = (n: Node<'window'>, b: Builder): Node | undefined => {
  const { axis, size, stride, dilation } = n.attrs, [x] = n.inputs, used = Number(n.type.shape[axis]) * size;
  if (stride !== size || dilation !== 1) return undefined;
  return b.reshape(used === x.type.shape[axis] ? x : cut(b, x, axis, 0, used, 1), n.type.shape);
};
const tiledOverlap = (n: Overlap, b: Builder): Node | undefined => {
  const { count, size, length, stride, dilation } = lieOf(n), { axis } = n.attrs;
  if (stride !== size || dilation !== 1) return undefined;
  const lined = b.reshape(n.inputs[0], n.type.shape.map((d, i) => (i === axis ? count * size : d)));
  return count * size === length ? lined : padded(b, lined, axis, 0, length - count * size, 0);
};

type Amounts = Node<'pad'>['attrs'];
const touches = ({ low, high, interior }: Amounts, axis: number): boolean => low[axis] !== 0 || high[axis] !== 0 || interior[axis] !== 0;
/** padding beside windows is padding of what they are taken from */
const padOfWindow = (n: Node<'pad'>, b: Builder): Node | undefined => {
  const [x, value] = n.inputs;
  if (x.op !== 'window' || touches(n.attrs, x.attrs.axis) || touches(n.attrs, x.attrs.axis + 1)) return undefined;
  const before = (amounts: readonly number[]): readonly number[] => amounts.filter((_, i) => i !== x.attrs.axis + 1), { low, high, interior } = n.attrs;
  return b.window(b.pad(x.inputs[0], value, before(low), before(high), before(interior)), x.attrs);
};
/** two paddings by one value, of different axes */
const padOfPad = (n: Node<'pad'>, b: Builder): Node | undefined => {
  const [x, value] = n.inputs;
  if (x.op !== 'pad' || x.inputs[1] !== value || axesOf(x.type.shape).some((axis) => touches(n.attrs, axis) && touches(x.attrs, axis))) return undefined;
  const both = (part: keyof Amounts): readonly number[] => n.attrs[part].map((amount, i) => amount + x.attrs[part][i]);
  return b.pad(x.inputs[0], value, both('low'), both('high'), both('interior'));
};

const conv = { batch: [[], []], contract: [[2], [1]] } as const;
export const windowRules: readonly Rule[] = [
  procedural('window of single elements = slice', 'window', 'exact', singles, [(b, p) => b.window(p([5, 2]), { axis: 0, size: 1, stride: 2, dilation: 3 })]),
  procedural('window side by side = reshape', 'window', 'exact', tiled, [
    (b, p) => b.window(p([2, 6]), { axis: 1, size: 3, stride: 3, dilation: 1 }), (b, p) => b.window(p([7]), { axis: 0, size: 2, stride: 2, dilation: 1 }),
  ]),
  procedural('overlapAdd side by side = reshape', 'overlapAdd', 'exact', tiledOverlap, [
    (b, p) => b.overlapAdd(p([2, 3, 2]), { axis: 1, length: 6, stride: 2, dilation: 1 }), (b, p) => b.overlapAdd(p([3, 2]), { axis: 0, length: 7, stride: 2, dilation: 1 }),
  ]),
  procedural('pad of window = window of pad', 'pad', 'exact', padOfWindow, [(b, p) => b.pad(b.window(p([3, 5]), { axis: 1, size: 2, stride: 1, dilation: 1 }), p([]), [1, 0, 0], [0, 0, 0], [1, 0, 0])]),
  procedural('pad of pad of other axes', 'pad', 'exact', padOfPad, [(b, p) => { const value = p([]); return b.pad(b.pad(p([3, 5]), value, [0, 1], [0, 2]), value, [1, 0], [0, 0], [2, 0]); }]),
  procedural('overlapAdd of dot = dot of windows', 'overlapAdd', 'reassociates', overlapOfDot, [
    (b, p) => b.overlapAdd(b.transpose(b.dotGeneral(p([2, 4, 3]), p([3, 3, 5]), conv), [0, 1, 2, 3]), { axis: 1, length: 6, stride: 1, dilation: 1 }),
    (b, p) => b.overlapAdd(b.dotGeneral(p([2, 4, 3]), p([2, 3, 5]), conv), { axis: 1, length: 7, stride: 1, dilation: 3 }),
    (b, p) => b.overlapAdd(b.transpose(b.dotGeneral(p([3, 5, 2]), p([2, 6, 3]), { batch: [[], []], contract: [[0], [2]] }), [2, 3, 0, 1]), { axis: 1, length: 10, stride: 1, dilation: 1 }),
    (b, p) => b.overlapAdd(b.dotGeneral(p([2, 4, 3]), p([3, 3, 5]), conv), { axis: 1, length: 10, stride: 2, dilation: 1 }),
    // between them axes of size 1, as where each channel has a filter of its own
    (b, p) => b.overlapAdd(b.reshape(b.transpose(b.reshape(b.dotGeneral(p([2, 4, 3, 1]), p([3, 5, 1]), { batch: [[2], [0]], contract: [[3], [2]] }), [3, 2, 4, 1, 5, 1]), [1, 2, 4, 0, 3, 5]), [2, 4, 5, 3]), { axis: 1, length: 8, stride: 1, dilation: 1 }),
    (b, p) => b.overlapAdd(b.dotGeneral(p([2, 4, 3]), p([2, 3, 5]), conv), { axis: 1, length: 11, stride: 3, dilation: 1 }),
  ]),
];

// ---- Other sums

/**
 * An overlapAdd becomes a sum over windows of its operand spread out: each place gathers what lies there. Overlaps of overlaps,
 * as of windows over several axes, become one sum.
 */
export const gatherOverlaps: Pass = {
  name: 'gatherOverlaps',
  run: (module, fired) => {
    if (![...module.graphs.values()].some((graph) => nodesOf(graph).some((n) => n.op === 'overlapAdd'))) return module;
    const b = createBuilder(), sums = new Map<Node, Sum>();
    transcribe(module, b, (node, [y]) => {
      if (node.op !== 'overlapAdd') return undefined;
      fired('overlapAdd = sum of windows');
      if (lieOf(node).count === 0) return b.like(node, 0);
      const sum = gathered(b, node, sums.get(y) ?? { of: y, axes: [] }), made = b.reduce('add', sum.of, sum.axes);
      sums.set(made, sum);
      return made;
    });
    return b.finish(module.main);
  },
};

/** what is added up along the axes */
interface Sum { readonly of: Node; readonly axes: readonly number[] }
const gathered = (b: Builder, node: Overlap, { of, axes }: Sum): Sum => {
  // where the two axes stand among those that are added up
  const kept = others(of.type.shape, axes), [axis, element] = [kept[node.attrs.axis], kept[node.attrs.axis + 1]], lie = lieOf(node);
  const beside = element === axis + 1 ? of : b.transpose(of, nextTo(of, axis, element)), at = element === axis + 1 ? axes : axes.map((i) => nextTo(of, axis, element).indexOf(i));
  return { of: diagonal(b, spreadWindows(b, b.reverse(beside, [axis + 1]), axis, lie), axis + 1), axes: [...at, axis + 1] };
};
/** the order of axes in which `element` follows `axis`, which comes before it */
const nextTo = (x: Node, axis: number, element: number): readonly number[] => axesOf(x.type.shape).flatMap((i) => (i === element ? [] : i === axis ? [axis, element] : [i]));
/** the elements of two neighbouring axes of one size that have the same place in both */
const diagonal = (b: Builder, x: Node, axis: number): Node => {
  const size = Number(x.type.shape[axis]), { shape } = x.type;
  return cut(b, b.reshape(x, [...shape.slice(0, axis), size * size, ...shape.slice(axis + 2)]), axis, 0, size * size, size + 1);
};

/*
Note [Overlaps of a contraction]
The gradient of a contraction of windows with a filter, in what the windows were taken from, is overlapAdd of a contraction
with the result's cotangent, whose axes o and k come from the one operand and the other: Σ_{o·s + k·d = i} a[o]·f[k]. That is
itself a contraction, of f turned round with windows of a among zeros (a border that makes a product of infinite f a NaN, as a
padded convolution has it), so that the products need not be stored. With a stride, most of those zeros would lie between the
elements: instead each residue of the place by the stride is a contraction of its own with the elements of that residue.
*/
