import type { DType } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { removed, reshapeTo, show, unify } from './dims.ts';
import { define, exprOf, isProblem, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { broadcastInDim, convertTo, dimensionSize, filled, gathered, iotaOf, map, reshaped, scalar, sliced, stretch } from './primitives.ts';
import { integral, scattered } from './scatter.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

/** Which axis is which: of x, of the starts, and of the result. The names and their meaning are StableHLO's. */
export interface GatherOptions {
  /** the axes of the result along which the slices lie, increasing; the others are those of the starts */
  readonly offsetDims: readonly number[];
  /** the axes of x whose slices have size 1 and which the result does not have, increasing */
  readonly collapsedSliceDims: readonly number[];
  /** the axis of x that each number of an index vector is for */
  readonly startIndexMap: readonly number[];
  /** the axis of the starts along which an index vector lies; their rank, if each of them is one by itself */
  readonly indexVectorDim: number;
  /** the size of a slice along each axis of x: a named one is taken whole, or one element of it */
  readonly sliceSizes: readonly Dim[];
  /** the axes of x that go along with axes of the starts, increasing: each example of these reads from its own */
  readonly operandBatchingDims?: readonly number[];
  /** the axes of the starts that those go along with */
  readonly startIndicesBatchingDims?: readonly number[];
}
/** Which axis is which: of x, of the starts, and of the updates. The names and their meaning are StableHLO's. */
export interface ScatterOptions {
  /** what becomes of an element: the update, the sum, the smaller, the larger */
  readonly kind: 'set' | 'add' | 'min' | 'max';
  /** the axes of the updates along which the windows lie, increasing; the others are those of the starts */
  readonly updateWindowDims: readonly number[];
  /** the axes of x that the windows do not have, where they are one element wide, increasing */
  readonly insertedWindowDims: readonly number[];
  /** the axis of x that each number of an index vector is for */
  readonly scatterDimsToOperandDims: readonly number[];
  /** the axis of the starts along which an index vector lies; their rank, if each of them is one by itself */
  readonly indexVectorDim: number;
  /** the axes of x that go along with axes of the starts, increasing: each example of these writes to its own */
  readonly inputBatchingDims?: readonly number[];
  /** the axes of the starts that those go along with */
  readonly scatterIndicesBatchingDims?: readonly number[];
}

// ── both in the words of gather: a slice is what a window of updates covers, the spread is the shape of result or updates

interface Dims { readonly offset: readonly number[]; readonly collapsed: readonly number[]; readonly map: readonly number[]; readonly vector: number; readonly batching: readonly number[]; readonly startsBatching: readonly number[] }
type Names = { readonly [K in keyof Dims]: string } & { readonly spread: string };
const gatherNames: Names = { offset: 'offsetDims', collapsed: 'collapsedSliceDims', map: 'startIndexMap', vector: 'indexVectorDim', batching: 'operandBatchingDims', startsBatching: 'startIndicesBatchingDims', spread: 'the result' };
const scatterNames: Names = { offset: 'updateWindowDims', collapsed: 'insertedWindowDims', map: 'scatterDimsToOperandDims', vector: 'indexVectorDim', batching: 'inputBatchingDims', startsBatching: 'scatterIndicesBatchingDims', spread: 'the updates' };

interface Layout extends Dims {
  /** of the result or the updates */
  readonly spread: readonly Dim[];
  /** the axes of the spread that are those of the starts */
  readonly batch: readonly number[];
  /** for each axis of x, the axis of the spread along which its slice lies, if any */
  readonly along: readonly (number | undefined)[];
  readonly slices: readonly Dim[];
  /** how many axes at the end, of x and of the spread, are taken whole: rows, of which each index reads or writes one */
  readonly whole: number;
}

const axesOf = (shape: readonly Dim[], but: readonly number[] = []): readonly number[] => shape.map((_, i) => i).filter((i) => !but.includes(i));
/** the axes of the starts that the spread has */
const startsShape = (starts: Expr, vector: number): readonly Dim[] => removed(starts.shape, vector);

const wrongAxes = (op: string, name: string, axes: readonly number[], rank: number, of: string, ordered: boolean): Problem | undefined => {
  const bad = axes.find((a) => !Number.isInteger(a) || a < 0 || a >= rank), twice = axes.find((a, i) => axes.indexOf(a) < i);
  if (bad !== undefined) return problem('axis', `${op}: ${name} [${axes.join(', ')}]: axis ${bad} is out of range for the ${rank} axes of ${of}`, { hint: rank === 0 ? `${of} has no axes` : `axes run from 0 to ${rank - 1}` });
  if (twice !== undefined) return problem('axis', `${op}: ${name} [${axes.join(', ')}]: axis ${twice} is listed twice`);
  return ordered && axes.some((a, i) => i > 0 && a < axes[i - 1]) ? problem('axis', `${op}: ${name} [${axes.join(', ')}] must increase`, { hint: 'the axes of a slice keep their order; permute moves them' }) : undefined;
};
const shared = (op: string, names: Names, a: keyof Dims, b: keyof Dims, first: readonly number[], second: readonly number[]): Problem | undefined => {
  const both = first.find((axis) => second.includes(axis));
  return both === undefined ? undefined : problem('axis', `${op}: axis ${both} is both in ${names[a]} and in ${names[b]}`);
};
/** whether the axes named are there, once each, and as many as must be */
const wrongDims = (op: string, names: Names, x: Expr, starts: Expr, d: Dims): Problem | undefined => {
  const rank = x.shape.length, depth = starts.shape.length, shapes = [show(x.shape), show(starts.shape)];
  if (!Number.isInteger(d.vector) || d.vector < 0 || d.vector > depth) return problem('axis', `${op}: ${names.vector} ${d.vector} is out of range for starts ${show(starts.shape)}`, { shapes, hint: `an axis of the starts, or ${depth} if each of them is an index by itself` });
  const wrong = wrongAxes(op, names.offset, d.offset, startsShape(starts, d.vector).length + d.offset.length, names.spread, true)
    ?? wrongAxes(op, names.collapsed, d.collapsed, rank, 'x', true) ?? wrongAxes(op, names.batching, d.batching, rank, 'x', true)
    ?? wrongAxes(op, names.map, d.map, rank, 'x', false) ?? wrongAxes(op, names.startsBatching, d.startsBatching, depth, 'the starts', false)
    ?? shared(op, names, 'collapsed', 'batching', d.collapsed, d.batching) ?? shared(op, names, 'map', 'batching', d.map, d.batching)
    ?? shared(op, names, 'startsBatching', 'vector', d.startsBatching, [d.vector]);
  return wrong ?? wrongCounts(op, names, x, starts, d);
};
const wrongCounts = (op: string, names: Names, x: Expr, starts: Expr, d: Dims): Problem | undefined => {
  const rank = x.shape.length, shapes = [show(x.shape), show(starts.shape)], vector = starts.shape[d.vector] ?? 1;
  const split = d.offset.length + d.collapsed.length + d.batching.length;
  if (split !== rank) return problem('rank', `${op}: ${names.offset}, ${names.collapsed} and ${names.batching} have ${split} axes, but ${show(x.shape)} has ${rank}`, { shapes, hint: 'each axis of x is one of these' });
  if (typeof vector !== 'number') return problem('windows', `${op}: the index vectors of ${show(starts.shape)} have the named size ${vector}`, { shapes });
  if (vector !== d.map.length) return problem('rank', `${op}: ${names.map} names ${d.map.length} axes, but an index of ${show(starts.shape)} has ${vector} numbers`, { shapes });
  if (d.batching.length !== d.startsBatching.length) return problem('rank', `${op}: ${names.batching} and ${names.startsBatching} must name as many axes: ${d.batching.length} and ${d.startsBatching.length}`, { shapes });
  const bad = d.batching.findIndex((axis, i) => unify(x.shape[axis], starts.shape[d.startsBatching[i]]) === undefined);
  return bad < 0 ? undefined : problem('join', `${op}: axis ${d.batching[bad]} of x ${show(x.shape)} and axis ${d.startsBatching[bad]} of the starts ${show(starts.shape)} must have one size`, { shapes });
};

const fits = (size: Dim, slice: Dim): boolean => (typeof slice === 'string' ? slice === size : Number.isInteger(slice) && slice >= 0 && slice <= (typeof size === 'number' ? size : 1));
const tooLarge = (op: string, x: Expr, slices: readonly Dim[], axes: readonly number[]): Problem | undefined => {
  const bad = axes.find((axis) => !fits(x.shape[axis], slices[axis]));
  return bad === undefined ? undefined : problem('slice', `${op}: a slice ${show(slices)} does not fit in ${show(x.shape)}`, { shapes: [show(x.shape), show(slices)], hint: typeof x.shape[bad] === 'string' ? 'of a named dimension a slice has all or one element' : 'no size may be larger than that of x' });
};
const wrongSlices = (x: Expr, { slices, collapsed, batching, spread }: Layout): Problem | undefined => {
  const shapes = [show(x.shape), show(slices)], narrow = [...collapsed, ...batching], large = tooLarge('gather', x, slices, axesOf(x.shape));
  if (large) return large;
  const wide = narrow.find((axis) => slices[axis] !== 1 && slices[axis] !== 0);
  if (wide !== undefined) return problem('slice', `gather: a slice ${show(slices)} has more than one element along axis ${wide}, which the result does not have`, { shapes });
  const none = narrow.find((axis) => slices[axis] === 0);
  return none === undefined || spread.includes(0) ? undefined : problem('slice', `gather: a slice ${show(slices)} has nothing along axis ${none}, which the result does not have`, { shapes });
};

/** the shape of the result: that of the starts, with the slices' sizes at the axes of the offset */
const spreadOf = (starts: Expr, d: Dims, slices: readonly Dim[]): readonly Dim[] => {
  const sizes = slices.filter((_, i) => !d.collapsed.includes(i) && !d.batching.includes(i)), examples = startsShape(starts, d.vector);
  const rank = sizes.length + examples.length, batch = axesOf(Array.from({ length: rank }, () => 0), d.offset);
  return Array.from({ length: rank }, (_, i) => (d.offset.includes(i) ? sizes[d.offset.indexOf(i)] : examples[batch.indexOf(i)]));
};
const layoutOf = (x: Expr, d: Dims, slices: readonly Dim[], spread: readonly Dim[]): Layout => {
  const sliced = axesOf(x.shape, [...d.collapsed, ...d.batching]), along = x.shape.map((_, i) => d.offset[sliced.indexOf(i)]);
  const isWhole = (axis: number): boolean => slices[axis] === x.shape[axis] && !d.map.includes(axis) && along[axis] === axis + spread.length - x.shape.length;
  const cut = Math.max(-1, ...axesOf(x.shape).filter((axis) => !isWhole(axis)));
  return { ...d, spread, batch: axesOf(spread, d.offset), along, slices, whole: x.shape.length - 1 - cut };
};

// ── the index of each row among those of x, one after the other

/** how many elements lie along axes of x, an i32 scalar */
const countOf = (at: Origin, x: Expr, axes: readonly number[]): Expr => {
  const known = axes.reduce((n, axis) => n * (typeof x.shape[axis] === 'number' ? x.shape[axis] : 1), 1);
  return axes.filter((axis) => typeof x.shape[axis] === 'string').map((axis) => dimensionSize(at, x, axis))
    .reduce((n, size) => map(at, 'mul', [n, size]), scalar(at, known, 'i32'));
};
/** y combined with a scalar */
const by = (at: Origin, fn: 'add' | 'sub' | 'mul' | 'min' | 'max', y: Expr, n: Expr): Expr => map(at, fn, [y, stretch(at, n, y.shape)]);
/** how far apart rows are that are neighbours along an axis of x */
const strideOf = (at: Origin, x: Expr, { whole }: Layout, axis: number): Expr => countOf(at, x, axesOf(x.shape).slice(axis + 1, x.shape.length - whole));

/** the i-th number of each index vector */
const startsAlong = (at: Origin, starts: Expr, vector: number, i: number): Expr =>
  (vector === starts.shape.length ? starts : reshaped(at, sliced(at, starts, vector, i, i + 1, 1, 1), startsShape(starts, vector)));
/** moved so that the slice fits, in the dtype of the starts: half of u32 is beyond i32 */
const clamped = (at: Origin, x: Expr, starts: Expr, axis: number, slice: Dim): Expr => {
  const size = x.shape[axis], dtype = starts.dtype;
  if (slice === size) return filled(at, 0, typeOf('i32', starts.shape));
  const highest = typeof size === 'number' ? scalar(at, size - Number(slice), dtype) : convertTo(at, map(at, 'sub', [countOf(at, x, [axis]), scalar(at, Number(slice), 'i32')]), dtype);
  return by(at, 'max', convertTo(at, by(at, 'min', starts, highest), 'i32'), scalar(at, 0, 'i32'));
};
const sum = (at: Origin, terms: readonly Expr[], type: Expr['type']): Expr =>
  (terms.length === 0 ? filled(at, 0, type) : terms.reduce((a, b) => map(at, 'add', [a, b])));

/** the rows' indices, given for each axis of an index where the slices begin along it */
const indicesOf = (at: Origin, x: Expr, starts: Expr, layout: Layout, begins: readonly Expr[]): Expr => {
  const { spread, batch, along, slices, whole, vector, batching, startsBatching } = layout, rows = axesOf(x.shape).slice(0, x.shape.length - whole);
  const one = typeOf('i32', startsShape(starts, vector)), all = typeOf('i32', spread.slice(0, spread.length - whole));
  const scaled = (y: Expr, axis: number): Expr => by(at, 'mul', y, strideOf(at, x, layout, axis));
  const own = startsBatching.map((axis, i) => scaled(iotaOf(at, one, axis < vector ? axis : axis - 1), batching[i]));
  const base = sum(at, [...layout.map.map((axis, i) => scaled(begins[i], axis)), ...own], one);
  const within = rows.flatMap((axis) => { const to = along[axis]; return to === undefined || slices[axis] === 1 ? [] : [scaled(iotaOf(at, all, to), axis)]; });
  return sum(at, [broadcastInDim(at, base, spread.slice(0, spread.length - whole), batch), ...within], all);
};
/** whether each row lies in x, along all axes of an index */
const insideOf = (at: Origin, x: Expr, { spread, batch, along, slices, whole, map: axes }: Layout, begins: readonly Expr[]): Expr | undefined => {
  const shape = spread.slice(0, spread.length - whole), zero = filled(at, 0, typeOf('i32', shape));
  const tests = axes.flatMap((axis, i) => {
    const to = along[axis], from = broadcastInDim(at, begins[i], shape, batch), size = stretch(at, countOf(at, x, [axis]), shape);
    const offset = to === undefined || slices[axis] === 1 ? undefined : iotaOf(at, zero.type, to);
    // no sum of start and offset, which could be beyond i32
    const [low, high] = offset === undefined ? [zero, size] : [map(at, 'neg', [offset]), map(at, 'sub', [size, offset])];
    return [map(at, 'ge', [from, low]), map(at, 'lt', [from, high])];
  });
  return tests.length === 0 ? undefined : tests.reduce((a, b) => map(at, 'and', [a, b]));
};
/** x as its rows one after the other, or what is wrong */
const rowsOf = (at: Origin, op: string, x: Expr, { whole }: Layout): Expr | Problem => {
  const cut = x.shape.length - whole, count = reshapeTo(x.shape.slice(0, cut), [-1]);
  return 'wrong' in count ? problem('reshape', `${op}: the rows of ${show(x.shape)} cannot be laid one after the other`) : reshaped(at, x, [...count.shape, ...x.shape.slice(cut)]);
};

/**
 * Slices of x, as StableHLO's specification defines gather: for each index vector of the starts the slice of x of the
 * sizes `sliceSizes` that begins there, moved so that it fits. The slices lie along the `offsetDims` of the result, but
 * for their `collapsedSliceDims`; its other axes are those of the starts without `indexVectorDim`. An axis of
 * `operandBatchingDims` goes along with one of the starts. `take`, `takeAlong` and `dynamicSlice` are simpler cases.
 * Axes that are not there or listed twice are FX1004, too many or too few FX1009, sizes of batches that differ FX1011,
 * slices that do not fit FX1012, starts that are no integers FX1008, index vectors of a named size FX1019.
 * @example gather(x, starts, { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0, 1], indexVectorDim: 1, sliceSizes: [1, 2] }) // [3, 8] at [5, 2] → [5, 2]
 */
export function gather<D extends DType>(x: Tensor<Shape, D>, starts: Tensor<Shape, 'i32' | 'u32'>, options: GatherOptions): Tensor<Dyn, D> {
  const e = exprOf(x), s = exprOf(starts), o = options;
  const dims: Dims = { offset: o.offsetDims, collapsed: o.collapsedSliceDims, map: o.startIndexMap, vector: o.indexVectorDim, batching: o.operandBatchingDims ?? [], startsBatching: o.startIndicesBatchingDims ?? [] };
  return typed(define([e, s], (at) => {
    const wrong = integral('gather', s) ?? wrongDims('gather', gatherNames, e, s, dims);
    if (wrong) return wrong;
    if (o.sliceSizes.length !== e.shape.length) return problem('slice', `gather: needs one size of a slice for each axis of ${show(e.shape)}, but has ${show(o.sliceSizes)}`, { shapes: [show(e.shape), show(o.sliceSizes)] });
    const layout = layoutOf(e, dims, o.sliceSizes, spreadOf(s, dims, o.sliceSizes));
    return wrongSlices(e, layout) ?? gatheredBy(at, e, s, layout);
  }));
}
const gatheredBy = (at: Origin, x: Expr, starts: Expr, layout: Layout): Expr | Problem => {
  const rows = rowsOf(at, 'gather', x, layout);
  if (isProblem(rows)) return rows;
  const begins = layout.map.map((axis, i) => clamped(at, x, startsAlong(at, starts, layout.vector, i), axis, layout.slices[axis]));
  return gathered(at, rows, indicesOf(at, x, starts, layout, begins));
};

const kinds: readonly string[] = ['set', 'add', 'min', 'max'];
const wrongOperands = (x: Expr, starts: Expr, updates: Expr, kind: string): Problem | undefined => {
  if (!kinds.includes(kind)) return problem('value', `scatter: there is no kind '${kind}'`, { hint: 'set, add, min or max' });
  if (updates.dtype !== x.dtype) return problem('dtypes', `scatter: dtypes differ: ${x.dtype} and ${updates.dtype}`, { hint: `convert(updates, '${x.dtype}')` });
  return x.dtype === 'bool' && kind !== 'set' ? problem('notTaken', 'scatter: does not take bool but to set', { hint: "convert(x, 'i32')" }) : integral('scatter', starts);
};
/** the sizes of the windows along each axis of x, read from the updates */
const windowsOf = (x: Expr, d: Dims, updates: Expr): readonly Dim[] => {
  const wide = axesOf(x.shape, [...d.collapsed, ...d.batching]);
  return x.shape.map((_, i) => (wide.includes(i) ? updates.shape[d.offset[wide.indexOf(i)]] : 1));
};
/**
 * x with updates, as StableHLO's specification defines scatter: for each index vector of the starts a window of the
 * updates goes where x begins at it. The windows lie along the `updateWindowDims` of the updates and have the axes of x
 * but for `insertedWindowDims`; the updates' other axes are those of the starts without `indexVectorDim`. An axis of
 * `inputBatchingDims` goes along with one of the starts. Each element that lies beyond x is left out, the rest of its
 * window is not. Several updates of one element are added up, the least or the largest stays, and of `set` the last in
 * row-major order of the updates, which has the gradient; min and max have no derivative. `scatterAdd` and its kin are
 * simpler cases. Axes that are not there or listed twice are FX1004, too many or too few FX1009, updates of another shape
 * FX1011, windows larger than x FX1012, dtypes that differ FX1002, starts that are no integers FX1008, index vectors of a named size FX1019.
 * @example scatter(x, starts, updates, { kind: 'add', updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0, 1], indexVectorDim: 1 }) // [3, 8] at [5, 2] with [5, 2]
 */
export function scatter<A extends Shape, D extends DType>(x: Tensor<A, D>, starts: Tensor<Shape, 'i32' | 'u32'>, updates: Tensor<Shape, NoInfer<D>>, options: ScatterOptions): Tensor<A, D> {
  const e = exprOf(x), s = exprOf(starts), u = exprOf(updates), o = options;
  const dims: Dims = { offset: o.updateWindowDims, collapsed: o.insertedWindowDims, map: o.scatterDimsToOperandDims, vector: o.indexVectorDim, batching: o.inputBatchingDims ?? [], startsBatching: o.scatterIndicesBatchingDims ?? [] };
  return typed(define([e, s, u], (at) => {
    const wrong = wrongOperands(e, s, u, o.kind) ?? wrongDims('scatter', scatterNames, e, s, dims), shapes = [e, s, u].map((y) => show(y.shape));
    if (wrong) return wrong;
    const rank = startsShape(s, dims.vector).length + dims.offset.length;
    if (u.shape.length !== rank) return problem('rank', `scatter: the updates ${show(u.shape)} must have ${rank} axes: those of the starts but for the index vector, and ${dims.offset.length} of the windows`, { shapes });
    const slices = windowsOf(e, dims, u), wanted = spreadOf(s, dims, slices);
    if (!wanted.every((d, i) => unify(d, u.shape[i]) !== undefined)) return problem('join', `scatter: the updates must be ${show(wanted)}, but are ${show(u.shape)}`, { shapes });
    return tooLarge('scatter', e, slices, axesOf(e.shape, [...dims.collapsed, ...dims.batching])) ?? scatteredBy(at, o.kind, e, s, u, layoutOf(e, dims, slices, u.shape));
  }));
}
const scatteredBy = (at: Origin, kind: ScatterOptions['kind'], x: Expr, starts: Expr, updates: Expr, layout: Layout): Expr | Problem => {
  const rows = rowsOf(at, 'scatter', x, layout);
  if (isProblem(rows)) return rows;
  const begins = layout.map.map((_, i) => convertTo(at, startsAlong(at, starts, layout.vector, i), 'i32'));
  const all = indicesOf(at, x, starts, layout, begins), inside = insideOf(at, x, layout, begins);
  const ids = inside === undefined ? all : map(at, 'select', [inside, all, filled(at, -1, all.type)]);
  return reshaped(at, scattered(at, kind, rows, ids, updates), x.shape);
};
