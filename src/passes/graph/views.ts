import { isSym, sameDim, sameShape, type Dims } from '../../core/dim.ts';
import type { Builder } from '../../ir/graph/build.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { axesOf, isIdentity, isIncreasing, isSplat, isUnit, placeOf, sameButUnits, splatOf, variesAlong, wideAxes, withoutUnits } from './facts.ts';
import { procedural, type Rule } from './rewrite.ts';

/**
 * One form for each view. A broadcast repeats along whole axes and its operand has no axis of size 1; what only inserts or
 * drops axes of size 1 is a reshape; broadcasts stand outside of the views that they can stand outside of.
 */

const broadcasts: readonly Rule[] = [
  procedural('broadcast of a number', 'broadcastInDim', 'exact', splatView, [(b, p) => b.map('add', [p([2, 3]), b.broadcastInDim(b.constant({ dtype: 'f32', shape: [3] }, 2), [2, 3], [1])])]),
  procedural('broadcast that only adds axes of size 1 = reshape', 'broadcastInDim', 'exact', (n, b) => (
    sameButUnits(n.inputs[0].type.shape, n.type.shape) ? b.reshape(n.inputs[0], n.type.shape) : undefined
  ), [(b, p) => b.broadcastInDim(p([2, 3]), [2, 1, 3], [0, 2]), (b, p) => b.broadcastInDim(p([3]), [3], [0])]),
  procedural('broadcast x = broadcast of x without its axes of size 1', 'broadcastInDim', 'exact', ({ inputs: [x], attrs: { shape, dims } }, b) => (
    x.type.shape.some(isUnit) ? b.broadcastInDim(b.reshape(x, withoutUnits(x.type.shape)), shape, dims.filter((_, i) => !isUnit(x.type.shape[i]))) : undefined
  ), [(b, p) => b.broadcastInDim(p([2, 1]), [2, 3], [0, 1])]),
  procedural('broadcast of broadcast', 'broadcastInDim', 'exact', ({ inputs: [x], attrs: { shape, dims } }, b) => (
    x.op === 'broadcastInDim' ? b.broadcastInDim(x.inputs[0], shape, x.attrs.dims.map((axis) => dims[axis])) : undefined
  ), [(b, p) => b.broadcastInDim(b.broadcastInDim(p([2]), [2, 3], [0]), [4, 2, 3], [1, 2])]),
  procedural('broadcast of iota = iota', 'broadcastInDim', 'exact', ({ inputs: [x], attrs: { shape, dims } }, b) => (
    x.op === 'iota' && !isUnit(x.type.shape[x.attrs.axis]) ? b.iota({ dtype: x.type.dtype, shape }, dims[x.attrs.axis]) : undefined
  ), [(b) => b.broadcastInDim(b.iota({ dtype: 'i32', shape: [3] }, 0), [2, 3], [1])]),
  procedural('iota along an axis of size 1 = 0', 'iota', 'exact', (n, b) => (isUnit(n.type.shape[n.attrs.axis]) ? b.like(n, 0) : undefined), [(b) => b.iota({ dtype: 'i32', shape: [3, 1] }, 1)]),
];


const reshapes: readonly Rule[] = [
  procedural('reshape to the same shape', 'reshape', 'exact', (n) => (sameShape(n.type.shape, n.inputs[0].type.shape) ? n.inputs[0] : undefined), [(b, p) => b.reshape(p([2, 3]), [2, 3])]),
  procedural('reshape of reshape', 'reshape', 'exact', ({ inputs: [x], attrs }, b) => (x.op === 'reshape' ? b.reshape(x.inputs[0], attrs.shape) : undefined), [(b, p) => b.reshape(b.reshape(p([2, 6]), [3, 4]), [12])]),
  procedural('reshape of a number', 'reshape', 'exact', splatView, [(b, p) => b.map('add', [p([4]), b.reshape(b.constant({ dtype: 'f32', shape: [2, 2] }, 3), [4])])]),
  procedural('reshape of broadcast by axes of size 1 = broadcast', 'reshape', 'exact', ({ inputs: [x], attrs: { shape } }, b) => {
    if (x.op !== 'broadcastInDim' || x.inputs[0].type.shape.some(isUnit) || !sameButUnits(x.type.shape, shape)) return undefined;
    const place = placeOf(x.type.shape, shape);
    return b.broadcastInDim(x.inputs[0], shape, x.attrs.dims.map((axis) => place.get(axis) ?? axis));
  }, [(b, p) => b.reshape(b.broadcastInDim(p([2]), [2, 3], [0]), [2, 1, 3])]),
  procedural('reshape of iota by axes of size 1 = iota', 'reshape', 'exact', ({ inputs: [x], attrs: { shape } }, b) => {
    if (x.op !== 'iota' || !sameButUnits(x.type.shape, shape)) return undefined;
    const axis = placeOf(x.type.shape, shape).get(x.attrs.axis);
    return axis === undefined ? undefined : b.iota({ dtype: x.type.dtype, shape }, axis);
  }, [(b) => b.reshape(b.iota({ dtype: 'i32', shape: [3] }, 0), [1, 3])]),
];

export const inverse = (perm: readonly number[]): readonly number[] => perm.map((_, axis) => perm.indexOf(axis));

const transposes: readonly Rule[] = [
  procedural('transpose that moves nothing', 'transpose', 'exact', (n) => (isIdentity(n.attrs.perm) ? n.inputs[0] : undefined), [(b, p) => b.transpose(p([2, 3]), [0, 1])]),
  procedural('transpose of transpose', 'transpose', 'exact', ({ inputs: [x], attrs: { perm } }, b) => (
    x.op === 'transpose' ? b.transpose(x.inputs[0], perm.map((axis) => x.attrs.perm[axis])) : undefined
  ), [(b, p) => b.transpose(b.transpose(p([2, 3, 4]), [1, 2, 0]), [0, 2, 1])]),
  procedural('transpose of a number', 'transpose', 'exact', splatView, [(b, p) => b.map('add', [p([3, 2]), b.transpose(b.constant({ dtype: 'f32', shape: [2, 3] }, 3), [1, 0])])]),
  procedural('transpose of axes of size 1 = reshape', 'transpose', 'exact', ({ inputs: [x], attrs: { perm }, type }, b) => (
    isIncreasing(perm.filter((axis) => !isUnit(x.type.shape[axis]))) ? b.reshape(x, type.shape) : undefined
  ), [(b, p) => b.transpose(p([2, 1, 3]), [1, 0, 2])]),
  procedural('transpose of transpose, between them axes of size 1', 'transpose', 'exact', ({ inputs: [x], attrs: { perm }, type }, b) => {
    const inner = x.op === 'reshape' ? x.inputs[0] : x;
    if (inner === x || inner.op !== 'transpose' || !sameButUnits(inner.type.shape, x.type.shape)) return undefined;
    const [y] = inner.inputs, place = placeOf(x.type.shape, inner.type.shape), wide = perm.flatMap((axis) => { const at = place.get(axis); return at === undefined ? [] : [inner.attrs.perm[at]]; });
    const order = [...axesOf(y.type.shape).filter((axis) => isUnit(y.type.shape[axis])), ...wide];
    return b.reshape(isIdentity(order) ? y : b.transpose(y, order), type.shape);
  }, [(b, p) => b.transpose(b.reshape(b.transpose(p([2, 3, 4]), [2, 0, 1]), [4, 1, 2, 3]), [1, 2, 3, 0]), (b, p) => b.transpose(b.reshape(b.transpose(p([2, 3, 4]), [2, 0, 1]), [4, 2, 1, 3]), [1, 0, 2, 3])]),
  procedural('transpose of broadcast = broadcast of transpose', 'transpose', 'exact', ({ inputs: [x], attrs: { perm }, type }, b) => {
    if (x.op !== 'broadcastInDim') return undefined;
    const places = x.attrs.dims.map((axis) => perm.indexOf(axis));
    const order = places.map((_, i) => i).sort((i, j) => places[i] - places[j]);
    return b.broadcastInDim(b.transpose(x.inputs[0], order), type.shape, order.map((i) => places[i]));
  }, [(b, p) => b.transpose(b.broadcastInDim(p([2, 3]), [2, 4, 3], [0, 2]), [2, 1, 0])]),
  procedural('transpose of iota = iota', 'transpose', 'exact', ({ inputs: [x], attrs: { perm }, type }, b) => (
    x.op === 'iota' ? b.iota(type, perm.indexOf(x.attrs.axis)) : undefined
  ), [(b) => b.transpose(b.iota({ dtype: 'i32', shape: [2, 3] }, 1), [1, 0])]),
];

/** whether a slice takes an axis whole: a start or a stride that leaves something out gives it another size */
const isWhole = (n: Node<'slice'>, axis: number): boolean => sameDim(n.inputs[0].type.shape[axis], n.type.shape[axis]);
type Cuts = Node<'slice'>['attrs'];
/** a slice's cut of a slice, along one axis; -1 stands for the whole of a named dimension */
const composed = (inner: Cuts, outer: Cuts, i: number): { readonly start: number; readonly limit: number; readonly stride: number } => {
  if (inner.limits[i] === -1) return { start: 0, limit: -1, stride: 1 };
  const by = inner.strides[i], start = Math.min(inner.starts[i] + outer.starts[i] * by, inner.limits[i]);
  const isEmpty = outer.limits[i] <= outer.starts[i];
  return { start, limit: isEmpty ? start : inner.starts[i] + (outer.limits[i] - 1) * by + 1, stride: by * outer.strides[i] };
};
const cuts: readonly Rule[] = [
  procedural('slice of everything', 'slice', 'exact', (n) => (axesOf(n.type.shape).every((axis) => isWhole(n, axis)) ? n.inputs[0] : undefined), [(b, p) => b.slice(p([2, 3]), [0, 0], [2, 3])]),
  procedural('slice of a number', 'slice', 'exact', splatView, [(b, p) => b.map('add', [p([2]), b.slice(b.constant({ dtype: 'f32', shape: [5] }, 3), [1], [3])])]),
  procedural('slice of slice', 'slice', 'exact', ({ inputs: [x], attrs: { starts, limits, strides } }, b) => {
    if (x.op !== 'slice') return undefined;
    const cuts = starts.map((_, i) => composed(x.attrs, { starts, limits, strides }, i));
    return b.slice(x.inputs[0], cuts.map((c) => c.start), cuts.map((c) => c.limit), cuts.map((c) => c.stride));
  }, [(b, p) => b.slice(b.slice(p([9, 4]), [1, 0], [9, 3], [2, 1]), [1, 1], [4, 3], [2, 1])]),
  procedural('slice of broadcast = broadcast of slice', 'slice', 'exact', ({ inputs: [x], attrs: { starts, limits, strides }, type }, b) => {
    if (x.op !== 'broadcastInDim' || x.inputs[0].type.shape.some(isUnit)) return undefined;
    const { dims } = x.attrs, at = (own: readonly number[]): readonly number[] => dims.map((axis) => own[axis]);
    return b.broadcastInDim(b.slice(x.inputs[0], at(starts), at(limits), at(strides)), type.shape, dims);
  }, [(b, p) => b.slice(b.broadcastInDim(p([4]), [4, 5], [0]), [1, 2], [3, 4])]),
  procedural('pad by nothing', 'pad', 'exact', (n) => (
    [...n.attrs.low, ...n.attrs.high].every((k) => k === 0) && n.attrs.interior.every((k, i) => k === 0 || isUnit(n.type.shape[i])) ? n.inputs[0] : undefined
  ), [(b, p) => b.pad(p([2]), p([]), [0], [0])]),
  procedural('pad that takes away = slice', 'pad', 'exact', ({ inputs: [x], attrs: { low, high, interior } }, b) => {
    const { shape } = x.type, isLess = [...low, ...high].every((k) => k <= 0) && interior.every((k) => k === 0) && shape.every((d, i) => (isSym(d) ? low[i] === 0 && high[i] === 0 : d + low[i] + high[i] >= 0));
    return isLess && [...low, ...high].some((k) => k < 0) ? b.slice(x, low.map((k) => 0 - k), shape.map((d, i) => (isSym(d) ? -1 : d + high[i]))) : undefined;
  }, [(b, p) => b.pad(p([4, 5]), p([]), [-1, 0], [0, -2])]),
  procedural('pad a number with itself', 'pad', 'exact', (n, b) => {
    const [x, value] = n.inputs.map(splatOf);
    return x !== undefined && Object.is(x, value) ? b.like(n, x) : undefined;
  }, [(b, p) => b.map('add', [p([4]), b.pad(b.constant({ dtype: 'f32', shape: [2] }, 0), b.constant({ dtype: 'f32', shape: [] }, 0), [1], [1])])]),
  procedural('reverse of reverse', 'reverse', 'exact', ({ inputs: [x], attrs: { axes } }, b) => (
    x.op === 'reverse' ? b.reverse(x.inputs[0], axesOf(x.type.shape).filter((axis) => axes.includes(axis) !== x.attrs.axes.includes(axis))) : undefined
  ), [(b, p) => b.reverse(b.reverse(p([2, 3]), [0, 1]), [1])]),
  procedural('reverse along what does not vary', 'reverse', 'exact', (n, b) => {
    const along = variesAlong(n.inputs[0]), axes = n.attrs.axes.filter((axis) => along.includes(axis)).sort((i, j) => i - j);
    if (axes.length === n.attrs.axes.length && axes.every((axis, i) => axis === n.attrs.axes[i])) return axes.length === 0 ? n.inputs[0] : undefined;
    return b.reverse(n.inputs[0], axes);
  }, [(b, p) => b.reverse(b.broadcastInDim(p([3]), [2, 3], [1]), [0, 1]), (b, p) => b.reverse(p([2]), [])]),
  procedural('concatenate without what is empty', 'concatenate', 'exact', (n, b) => {
    const [first] = n.inputs, full = n.inputs.filter((x) => x.type.shape[n.attrs.axis] !== 0);
    if (n.inputs.length === 1) return first;
    return full.length === n.inputs.length ? undefined : b.concatenate(full.length === 0 ? [first] : full, n.attrs.axis);
  }, [(b, p) => b.concatenate([p([2]), p([0])], 0), (b, p) => b.concatenate([p([2])], 0)]),
];

/** a view of one number repeated is that number repeated */
function splatView(n: Node, b: Builder): Node | undefined {
  const value = splatOf(n);
  return value === undefined ? undefined : b.like(n, value);
}

// ── views and elementwise functions

/** The operand on fewer axes, where it does not vary along the others. */
export const onAxes = (x: Node, axes: readonly number[], shape: Dims, b: Builder): Node => {
  const type = { dtype: x.type.dtype, shape }, value = splatOf(x);
  if (value !== undefined) return b.constant(type, value);
  if (x.op === 'iota') return b.iota(type, axes.indexOf(x.attrs.axis));
  if (x.op !== 'broadcastInDim') return b.reshape(x, shape);
  const [of] = x.inputs, kept = wideAxes(of.type.shape);
  if (sameShape(of.type.shape, shape) && isIdentity(x.attrs.dims.map((axis) => axes.indexOf(axis)))) return of;
  return b.broadcastInDim(b.reshape(of, withoutUnits(of.type.shape)), shape, kept.map((i) => axes.indexOf(x.attrs.dims[i])));
};

const raised: readonly Rule[] = [
  procedural('map of broadcasts = broadcast of map', 'map', 'exact', (n, b) => {
    const { shape } = n.type, wide = wideAxes(shape).length, along = n.inputs.map(variesAlong);
    if (along.some((own) => own.length === wide) || n.inputs.every(isSplat) || shape.includes(0)) return undefined;
    const axes = axesOf(shape).filter((axis) => along.some((own) => own.includes(axis)));
    if (axes.length === wide) return undefined;
    const narrow = axes.map((axis) => shape[axis]);
    return b.broadcastInDim(b.map(n.attrs.fn, n.inputs.map((x) => onAxes(x, axes, narrow, b)), n.attrs.dtype), shape, axes);
  }, [
    (b, p) => b.map('exp', [b.broadcastInDim(p([2]), [2, 3], [0])]),
    (b, p) => b.map('mul', [b.broadcastInDim(p([2]), [2, 1, 3], [0]), b.broadcastInDim(p([]), [2, 1, 3], [])]),
    (b, p) => b.map('lt', [b.iota({ dtype: 'i32', shape: [2, 3] }, 1), b.broadcastInDim(p([3], 'i32'), [2, 3], [1])]),
  ]),
  procedural('map of reshapes by axes of size 1 = reshape of map', 'map', 'exact', (n, b) => {
    const reshaped = n.inputs.find((x) => x.op === 'reshape');
    if (reshaped === undefined || !sameButUnits(reshaped.inputs[0].type.shape, n.type.shape)) return undefined;
    const { shape } = reshaped.inputs[0].type;
    if (!n.inputs.every((x) => movesOver(x, shape))) return undefined;
    return b.reshape(b.map(n.attrs.fn, n.inputs.map((x) => unreshaped(x, shape, b)), n.attrs.dtype), n.type.shape);
  }, [(b, p) => b.map('exp', [b.reshape(p([2]), [2, 1])]), (b, p) => b.map('mul', [b.reshape(p([2, 3]), [2, 1, 3]), b.broadcastInDim(p([3]), [2, 1, 3], [2])])]),
];
const unreshaped = (x: Node, shape: Dims, b: Builder): Node =>
  (x.op === 'reshape' && sameShape(x.inputs[0].type.shape, shape) ? x.inputs[0] : b.reshape(x, shape));
/** whether giving the value this shape costs no reshape of its own */
const movesOver = (x: Node, shape: Dims): boolean =>
  (x.op === 'reshape' && sameShape(x.inputs[0].type.shape, shape)) || (sameButUnits(x.type.shape, shape) && (isSplat(x) || x.op === 'broadcastInDim' || x.op === 'iota'));

export const viewRules: readonly Rule[] = [...broadcasts, ...reshapes, ...transposes, ...cuts, ...raised];
