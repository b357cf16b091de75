import { isFloat, typedArray, type DType } from '../core/dtype.ts';
import type { Node, OpName } from '../ir/graph/syntax.ts';
import type { MonoidName } from '../ir/monoids.ts';
import { scalarRow, scalars, type ScalarName } from '../ir/scalars.ts';
import { anyKnown, anyValue, coerce, floats, limit, magnitude, ofDtype, pick, tame, untied, within, type Known, type Pool } from './pool.ts';

/** Adds one operation of the given kind to the program, if its operands can be had. */
export type Grow = (p: Pool) => Known | undefined;
/** operations over values alone: what a planner is given. The others name graphs, or read one of several results. */
export type Generated = Exclude<OpName, 'parameter' | 'call' | 'composite' | 'transform' | 'get' | 'overlapAdd' | 'scan' | 'while' | 'case'>;

/** the empty axis is the rarest */
const sizes = [2, 1, 3, 4, 0, 5, 2, 3] as const;
export const rank = (k: Known): number => k.node.type.shape.length;
export const dims = (k: Known): readonly number[] => k.node.type.shape.map(Number);
const keep = (k: Known, node: Node): Known => ({ node, lo: k.lo, hi: k.hi });

// ── scalar functions

/** all scalar functions */
export const scalarNames: readonly ScalarName[] = Object.keys(scalars).filter((n): n is ScalarName => n in scalars);
const takes: { readonly [T in ReturnType<typeof scalarRow>['takes']]: readonly DType[] } = {
  float: ['f32', 'f64'], number: ['f32', 'f64', 'i32', 'u32'], integer: ['i32', 'u32'], bool: ['bool'],
  integerOrBool: ['i32', 'u32', 'bool'], any: ['f32', 'f64', 'i32', 'u32', 'bool'],
};
const everyDtype = takes.any;

const growMap: Grow = (p) => {
  const fn = pick(p, p.fns), row = scalarRow(fn);
  const first = anyKnown(p, ofDtype(...takes[row.takes])) ?? anyKnown(p, floats);
  if (first === undefined) return undefined;
  const type = { ...first.node.type, dtype: takes[row.takes].includes(first.node.type.dtype) ? first.node.type.dtype : takes[row.takes][0] };
  const argument = (): Known => within(p, coerce(p, anyValue(p), type), domainOf(fn, type.dtype));
  const lead = within(p, coerce(p, first, type), domainOf(fn, type.dtype)), args = [row.jumps === true || fn === 'max' || fn === 'min' ? untied(p, lead) : lead];
  while (args.length < row.arity) args.push(argument());
  if (fn === 'select') args[0] = coerce(p, anyValue(p), { ...type, dtype: 'bool' });
  const dtype = fn === 'convert' ? pick(p, everyDtype) : undefined;
  if (fn === 'convert') return coerce(p, args[0], { ...type, dtype: dtype ?? 'f32' });
  const node = p.b.map(fn, args.map((k) => k.node));
  return tame(p, { node, ...imageOf(fn, args) });
};
const domainOf = (fn: ScalarName, dtype: DType): readonly [number, number] => {
  const [lo, hi] = scalarRow(fn).domain;
  if (dtype === 'bool') return [0, 1];
  if (dtype === 'u32') return [Math.max(0, lo), hi];
  return [lo, hi];
};
/** the extremes of the function at the corners of its arguments, and at the points where ours turn */
const imageOf = (fn: ScalarName, args: readonly Known[]): { lo: number; hi: number } => {
  const { evaluate, gives } = scalarRow(fn);
  if (gives === 'bool') return { lo: 0, hi: 1 };
  if (fn === 'sin' || fn === 'cos') return { lo: -1, hi: 1 };
  if (fn === 'atan2') return { lo: -Math.PI, hi: Math.PI };
  if (fn === 'popcount' || fn === 'countLeadingZeros') return { lo: 0, hi: 32 };
  if (fn === 'rem' || fn === 'xor' || fn === 'and' || fn === 'or' || fn === 'not' || fn.startsWith('shift')) return { lo: whole[0], hi: whole[1] };
  if (fn === 'div' && !isFloat(args[0].node.type.dtype)) return { lo: whole[0], hi: whole[1] };
  const points = args.map(({ lo, hi }) => [lo, hi, ...(lo < 0 && hi > 0 ? [0] : [])]);
  const values = points.reduce<readonly (readonly number[])[]>((all, own) => all.flatMap((at) => own.map((x) => [...at, x])), [[]]).map((at) => evaluate(...at));
  const unsigned = args[args.length - 1].node.type.dtype === 'u32';
  const lo = Math.min(...values), hi = Math.max(...values);
  return unsigned && lo < 0 ? { lo: 0, hi: 4294967295 } : { lo, hi };
};

// ── shapes

const growReshape: Grow = (p) => {
  const k = anyValue(p), shape = [...dims(k)];
  const at = p.below(shape.length + 1);
  if (p.below(2) === 0 && shape.length >= 2 && at + 1 < shape.length) shape.splice(at, 2, shape[at] * shape[at + 1]);
  else if (shape.length < 5) shape.splice(at, 0, 1);
  return keep(k, p.b.reshape(k.node, shape));
};
const growBroadcast: Grow = (p) => {
  const k = anyKnown(p, (x) => rank(x) < 5);
  if (k === undefined) return undefined;
  const at = p.below(rank(k) + 1), shape = dims(k).map((d) => (d === 1 && p.below(2) === 0 ? pick(p, sizes) : d));
  shape.splice(at, 0, pick(p, sizes));
  return keep(k, p.b.broadcastInDim(k.node, shape, dims(k).map((_, i) => (i < at ? i : i + 1))));
};
const growTranspose: Grow = (p) => {
  const k = anyValue(p);
  return keep(k, p.b.transpose(k.node, shuffled(p, dims(k).map((_, i) => i))));
};
const growSlice: Grow = (p) => {
  const k = anyValue(p);
  const cuts = dims(k).map((d) => { const start = p.below(d + 1); return { start, limit: start + p.below(d - start + 1), stride: 1 + p.below(2) }; });
  return keep(k, p.b.slice(k.node, cuts.map((c) => c.start), cuts.map((c) => c.limit), cuts.map((c) => c.stride)));
};
const growPad: Grow = (p) => {
  const k = anyKnown(p, (x) => dims(x).reduce((n, d) => n * d, 1) <= 200);
  if (k === undefined) return undefined;
  const around = dims(k).map((d) => ({ low: p.below(3) - (d > 1 ? 1 : 0), high: p.below(2), interior: p.below(2) }));
  const zero = p.b.constant({ dtype: k.node.type.dtype, shape: [] }, p.below(2));
  const node = p.b.pad(k.node, zero, around.map((a) => a.low), around.map((a) => a.high), around.map((a) => a.interior));
  return { node, lo: Math.min(k.lo, 0), hi: Math.max(k.hi, 1) };
};
const growReverse: Grow = (p) => {
  const k = anyValue(p);
  return keep(k, p.b.reverse(k.node, dims(k).flatMap((_, i) => (p.below(2) === 0 ? [i] : []))));
};
const growConcatenate: Grow = (p) => {
  const k = anyKnown(p, (x) => rank(x) > 0);
  if (k === undefined) return undefined;
  const axis = p.below(rank(k)), other = coerce(p, anyValue(p), { ...k.node.type, shape: dims(k).map((d, i) => (i === axis ? pick(p, sizes) : d)) });
  return { node: p.b.concatenate([k.node, other.node], axis), lo: Math.min(k.lo, other.lo), hi: Math.max(k.hi, other.hi) };
};
const growWindow: Grow = (p) => {
  const k = anyKnown(p, (x) => rank(x) > 0 && rank(x) < 5);
  if (k === undefined) return undefined;
  const axis = p.below(rank(k)), node = p.b.window(k.node, { axis, size: 1 + p.below(3), stride: 1 + p.below(2), dilation: 1 + p.below(2) });
  return keep(k, node);
};
const growIota: Grow = (p) => {
  const shape = Array.from({ length: 1 + p.below(2) }, () => pick(p, sizes));
  return { node: p.b.iota({ dtype: pick(p, ['f32', 'i32', 'u32'] as const), shape }, p.below(shape.length)), lo: 0, hi: limit };
};
const growConstant: Grow = (p) => {
  const dtype = pick(p, everyDtype), [lo, hi] = dtype === 'bool' ? [0, 1] : dtype === 'u32' ? [0, 4] : [-2, 2];
  const shape = Array.from({ length: p.below(3) }, () => pick(p, sizes)), draw = (): number => lo + p.below(hi - lo + 1);
  if (p.below(2) === 0) { const value = draw(); return { node: p.b.constant({ dtype, shape }, value), lo: value, hi: value }; }
  const data = typedArray<DType>(dtype, Array.from({ length: shape.reduce<number>((n, d) => n * d, 1) }, draw));
  return { node: p.b.constant({ dtype, shape }, data), lo, hi };
};
const growSize: Grow = (p) => {
  const k = anyKnown(p, (x) => rank(x) > 0);
  return k === undefined ? undefined : { node: p.b.getDimensionSize(k.node, p.below(rank(k))), lo: 0, hi: 25 };
};

// ── contraction, reduction, memory

/** every axis of the left operand is a batch, contracted or free; the right one's stand in any order */
const growDot: Grow = (p) => {
  const a = anyKnown(p, (k) => k.node.type.dtype !== 'bool' && rank(k) > 0);
  if (a === undefined) return undefined;
  const shape = dims(a), roles = shape.map(() => p.below(3)), axesAs = (role: number): readonly number[] => roles.flatMap((r, i) => (r === role ? [i] : []));
  const [contract, batch] = [axesAs(0), axesAs(1)], shared = [...batch, ...contract].map((i) => shape[i]);
  const free = Array.from({ length: Math.min(p.below(3), 5 - shared.length) }, () => pick(p, sizes)), straight = [...shared, ...free], order = shuffled(p, straight.map((_, i) => i));
  const other = anyKnown(p, (k) => k.node.type.dtype === a.node.type.dtype) ?? a;
  const right = tame(p, coerce(p, other, { ...a.node.type, shape: order.map((i) => straight[i]) }));
  const places = straight.map((_, i) => order.indexOf(i)), [batchOf, contractOf] = [places.slice(0, batch.length), places.slice(batch.length, shared.length)];
  const node = p.b.dotGeneral(a.node, right.node, { batch: [batch, batchOf], contract: [contract, contractOf] });
  const bound = contract.reduce((n, i) => n * Math.max(1, shape[i]), 1) * magnitude(a) * magnitude(right);
  return isFloat(a.node.type.dtype) ? tame(p, { node, lo: -bound, hi: bound }) : { node, lo: whole[0], hi: whole[1] };
};
const shuffled = (p: Pool, of: readonly number[]): readonly number[] => {
  const left = [...of], order: number[] = [];
  while (left.length > 0) order.push(...left.splice(p.below(left.length), 1));
  return order;
};
/** what an integer may be once it has wrapped */
export const whole = [-2147483648, 4294967295] as const;

const floatMonoids = ['add', 'mul', 'max', 'min', 'argMax', 'argMin', 'add', 'add', 'max', 'maxExpSum', 'welford'] as const;
const monoidsFor: { readonly [D in DType]: readonly MonoidName[] } = {
  f32: floatMonoids, f64: floatMonoids, f16: floatMonoids, bf16: floatMonoids,
  i32: ['add', 'mul', 'max', 'min', 'argMax', 'argMin'], u32: ['add', 'mul', 'max', 'min', 'argMax', 'argMin'], bool: ['and', 'or'],
};
const growReduce: Grow = (p) => {
  const k = anyValue(p), monoid = pick(p, monoidsFor[k.node.type.dtype]), axes = dims(k).flatMap((_, i) => (p.below(2) === 0 ? [i] : []));
  const own = reducible(p, k, monoid, axes);
  return own && reduced(p, p.b.reduce(monoid, own.node, axes), monoid, own, axes);
};
const countOver = (k: Known, axes: readonly number[]): number => axes.reduce((n, i) => n * dims(k)[i], 1);
/** the operand brought to where its reduction stays small; none where an empty reduction is no number */
export const reducible = (p: Pool, k: Known, monoid: MonoidName, axes: readonly number[]): Known | undefined => {
  if (countOver(k, axes) === 0 && !['add', 'mul', 'and', 'or', 'welford'].includes(monoid)) return undefined;
  if (monoid === 'mul') return within(p, k, k.node.type.dtype === 'u32' ? [0, 2] : [-1.25, 1.25]);
  return ['max', 'min', 'argMax', 'argMin'].includes(monoid) ? sloped(p, k, axes) : k;
};
/** mostly without equal elements along the axes, for of those a rounding error chooses one */
const sloped = (p: Pool, k: Known, axes: readonly number[]): Known => {
  if (!floats(k) || p.below(8) === 0) return k;
  const step = (axis: number): Node => p.b.map('mul', [p.b.iota(k.node.type, axis), p.b.like(k.node, Math.fround(Math.E / 50 + axis * 0.0137))]);
  const node = axes.reduce((x, axis) => p.b.map('add', [x, step(axis)]), k.node);
  return { node, lo: k.lo, hi: k.hi + axes.reduce((n, axis) => n + dims(k)[axis] * (0.06 + axis * 0.0137), 0) };
};
/** a reduction's result with the interval that it stays in */
export const reduced = (p: Pool, node: Node, monoid: MonoidName, of: Known, axes: readonly number[]): Known => {
  const count = countOver(of, axes), size = magnitude(of), { dtype } = of.node.type;
  switch (monoid) {
    case 'argMax': case 'argMin': return { node, lo: -1, hi: count };
    case 'and': case 'or': return { node, lo: 0, hi: 1 };
    case 'max': case 'min': case 'maxExpSum': return keep(of, node);
    case 'welford': return tame(p, { node, lo: 0, hi: count });
    case 'add': case 'mul': {
      const bound = monoid === 'mul' ? Math.max(1, size) ** count : size * Math.max(1, count);
      return isFloat(dtype) ? tame(p, { node, lo: -bound, hi: bound }) : { node, lo: dtype === 'u32' ? 0 : -bound, hi: bound };
    }
  }
};
const indices = (p: Pool, shape: readonly number[]): Known => coerce(p, anyKnown(p, ofDtype('i32')) ?? anyValue(p), { dtype: 'i32', shape });
const indexShape = (p: Pool, room: number): readonly number[] => Array.from({ length: p.below(1 + Math.min(2, Math.max(0, room))) }, () => pick(p, sizes));
const growGather: Grow = (p) => {
  const table = anyKnown(p, (k) => rank(k) > 0 && dims(k)[0] > 0);
  return table === undefined ? undefined : keep(table, p.b.gather(table.node, indices(p, indexShape(p, 6 - rank(table))).node));
};
const growScatter: Grow = (p) => {
  const any = anyKnown(p, (k) => rank(k) > 0);
  if (any === undefined) return undefined;
  const { dtype } = any.node.type, monoid = dtype === 'bool' ? 'set' : pick(p, ['add', 'set', 'max', 'min', 'mul'] as const), rows = indexShape(p, 6 - rank(any));
  const safe = (k: Known): Known => (monoid === 'mul' ? within(p, k, dtype === 'u32' ? [0, 2] : [-1.25, 1.25]) : k);
  const x = safe(any), places = indices(p, rows), updates = safe(coerce(p, anyKnown(p, floats) ?? x, { dtype, shape: [...rows, ...dims(x).slice(1)] }));
  const count = rows.reduce((n, d) => n * d, 1), node = p.b.scatter(monoid, x.node, places.node, updates.node);
  if (monoid === 'max' || monoid === 'min' || monoid === 'set') return { node, lo: Math.min(x.lo, updates.lo), hi: Math.max(x.hi, updates.hi) };
  const bound = monoid === 'add' ? magnitude(x) + count * magnitude(updates) : 1.25 ** (count + 1);
  return isFloat(dtype) ? tame(p, { node, lo: -bound, hi: bound }) : { node, lo: whole[0], hi: whole[1] };
};

/** mostly inside, some beyond either end; mostly numbers, for one that a rounding error can trip says nothing of the whole part */
const growStarts = (p: Pool, shape: readonly number[]): readonly Node[] => shape.map(() => {
  const known = anyKnown(p, ofDtype('i32')), number = p.b.constant({ dtype: 'i32', shape: [] }, p.below(7) - 2);
  return known === undefined || p.below(3) > 0 ? number : p.b.map('add', [coerce(p, known, { dtype: 'i32', shape: [] }).node, number]);
});
const growPart: Grow = (p) => {
  const k = anyValue(p), part = dims(k).map((d) => (p.below(2) === 0 ? d : p.below(d + 1)));
  return keep(k, p.b.dynamicSlice(k.node, growStarts(p, part), part));
};
const growUpdate: Grow = (p) => {
  const k = anyValue(p), part = dims(k).map((d) => (p.below(2) === 0 ? d : p.below(d + 1)));
  const update = coerce(p, anyValue(p), { ...k.node.type, shape: part });
  return { node: p.b.dynamicUpdateSlice(k.node, update.node, growStarts(p, part)), lo: Math.min(k.lo, update.lo), hi: Math.max(k.hi, update.hi) };
};

const growSort: Grow = (p) => {
  const k = anyKnown(p, (x) => x.node.type.dtype !== 'bool' && rank(x) > 0);
  if (k === undefined) return undefined;
  const axis = p.below(rank(k)), first = sloped(p, k, [axis]).node, second = p.below(2) === 0 ? [] : [coerce(p, anyValue(p), { ...k.node.type, dtype: 'i32' }).node];
  return { node: p.b.argsort([first, ...second], axis, p.below(2) === 0), lo: 0, hi: Math.max(0, dims(k)[axis] - 1) };
};

/** One row for each operation: a new one is generated, and so tested, as soon as `tsc` has asked for its row. */
export const grow: { readonly [K in Generated]: Grow } = {
  map: growMap, reshape: growReshape, broadcastInDim: growBroadcast, transpose: growTranspose, slice: growSlice, pad: growPad,
  reverse: growReverse, concatenate: growConcatenate, window: growWindow, iota: growIota, constant: growConstant, getDimensionSize: growSize,
  dotGeneral: growDot, reduce: growReduce, gather: growGather, scatter: growScatter, dynamicSlice: growPart, dynamicUpdateSlice: growUpdate, argsort: growSort,
};
