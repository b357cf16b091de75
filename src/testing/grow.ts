import { isFloat, type DType } from '../core/dtype.ts';
import type { Node, OpName } from '../ir/graph/syntax.ts';
import type { MonoidName } from '../ir/monoids.ts';
import { scalarRow, scalars, type ScalarName } from '../ir/scalars.ts';
import { anyKnown, coerce, floats, limit, magnitude, ofDtype, pick, tame, within, type Known, type Pool } from './pool.ts';

/** Adds one operation of the given kind to the program, if its operands can be had. */
type Grow = (p: Pool) => Known | undefined;
/** operations that a generated program may hold; the others need graphs of their own (call, composite, transform) or are read-outs */
export type Generated = Exclude<OpName, 'parameter' | 'call' | 'composite' | 'transform' | 'get'>;

const sizes = [0, 1, 2, 3, 4, 5] as const;
const rank = (k: Known): number => k.node.type.shape.length;
const dims = (k: Known): readonly number[] => k.node.type.shape.map(Number);
const keep = (k: Known, node: Node): Known => ({ node, lo: k.lo, hi: k.hi });

// ── scalar functions

const names = Object.keys(scalars).filter((n): n is ScalarName => n in scalars);
const takes: { readonly [T in ReturnType<typeof scalarRow>['takes']]: readonly DType[] } = {
  float: ['f32', 'f64'], number: ['f32', 'f64', 'i32', 'u32'], integer: ['i32', 'u32'], bool: ['bool'],
  integerOrBool: ['i32', 'u32', 'bool'], any: ['f32', 'f64', 'i32', 'u32', 'bool'],
};
const everyDtype = takes.any;

const growMap: Grow = (p) => {
  const fn = pick(p, names), row = scalarRow(fn);
  const first = anyKnown(p, ofDtype(...takes[row.takes])) ?? anyKnown(p, floats);
  if (first === undefined) return undefined;
  const type = { ...first.node.type, dtype: takes[row.takes].includes(first.node.type.dtype) ? first.node.type.dtype : takes[row.takes][0] };
  const argument = (): Known => within(p, coerce(p, pick(p, p.known), type), domainOf(fn, type.dtype));
  const args = [within(p, coerce(p, first, type), domainOf(fn, type.dtype))];
  while (args.length < row.arity) args.push(argument());
  if (fn === 'select') args[0] = coerce(p, pick(p, p.known), { ...type, dtype: 'bool' });
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
  if (fn === 'rem' || fn === 'xor' || fn === 'and' || fn === 'or' || fn === 'not' || fn.startsWith('shift')) return { lo: -2147483648, hi: 4294967295 };
  if (fn === 'div' && !isFloat(args[0].node.type.dtype)) return { lo: -2147483648, hi: 4294967295 };
  const points = args.map(({ lo, hi }) => [lo, hi, ...(lo < 0 && hi > 0 ? [0] : [])]);
  const values = points.reduce<readonly (readonly number[])[]>((all, own) => all.flatMap((at) => own.map((x) => [...at, x])), [[]]).map((at) => evaluate(...at));
  const unsigned = args[args.length - 1].node.type.dtype === 'u32';
  const lo = Math.min(...values), hi = Math.max(...values);
  return unsigned && lo < 0 ? { lo: 0, hi: 4294967295 } : { lo, hi };
};

// ── shapes

const growReshape: Grow = (p) => {
  const k = pick(p, p.known), shape = [...dims(k)];
  const at = p.below(shape.length + 1);
  if (p.below(2) === 0 && shape.length >= 2 && at + 1 < shape.length) shape.splice(at, 2, shape[at] * shape[at + 1]);
  else if (shape.length < 5) shape.splice(at, 0, 1);
  return keep(k, p.b.reshape(k.node, shape));
};
const growBroadcast: Grow = (p) => {
  const k = anyKnown(p, (x) => rank(x) < 4);
  if (k === undefined) return undefined;
  const at = p.below(rank(k) + 1), shape = [...dims(k)];
  shape.splice(at, 0, pick(p, sizes));
  return keep(k, p.b.broadcastInDim(k.node, shape, dims(k).map((_, i) => (i < at ? i : i + 1))));
};
const growTranspose: Grow = (p) => {
  const k = pick(p, p.known), left = dims(k).map((_, i) => i), perm: number[] = [];
  while (left.length > 0) perm.push(...left.splice(p.below(left.length), 1));
  return keep(k, p.b.transpose(k.node, perm));
};
const growSlice: Grow = (p) => {
  const k = pick(p, p.known);
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
  const k = pick(p, p.known);
  return keep(k, p.b.reverse(k.node, dims(k).flatMap((_, i) => (p.below(2) === 0 ? [i] : []))));
};
const growConcatenate: Grow = (p) => {
  const k = anyKnown(p, (x) => rank(x) > 0);
  if (k === undefined) return undefined;
  const axis = p.below(rank(k)), other = coerce(p, pick(p, p.known), { ...k.node.type, shape: dims(k).map((d, i) => (i === axis ? pick(p, sizes) : d)) });
  return { node: p.b.concatenate([k.node, other.node], axis), lo: Math.min(k.lo, other.lo), hi: Math.max(k.hi, other.hi) };
};
const growIota: Grow = (p) => {
  const shape = Array.from({ length: 1 + p.below(2) }, () => pick(p, sizes));
  return { node: p.b.iota({ dtype: pick(p, ['f32', 'i32', 'u32'] as const), shape }, p.below(shape.length)), lo: 0, hi: limit };
};
const growConstant: Grow = (p) => {
  const dtype = pick(p, everyDtype), value = dtype === 'bool' ? p.below(2) : p.below(5) - (dtype === 'u32' ? 0 : 2);
  return { node: p.b.constant({ dtype, shape: Array.from({ length: p.below(3) }, () => pick(p, sizes)) }, value), lo: value, hi: value };
};
const growSize: Grow = (p) => {
  const k = anyKnown(p, (x) => rank(x) > 0);
  return k === undefined ? undefined : { node: p.b.getDimensionSize(k.node, p.below(rank(k))), lo: 0, hi: 25 };
};

// ── contraction, reduction, memory

const growDot: Grow = (p) => {
  const a = anyKnown(p, (k) => floats(k) && rank(k) > 0);
  if (a === undefined) return undefined;
  const shape = dims(a), batched = shape.length > 1 && p.below(2) === 0 ? [0] : [];
  const contracted = shape.length > batched.length ? [batched.length + p.below(shape.length - batched.length)] : [];
  const left = { batch: batched, contract: contracted };
  const free = pick(p, sizes), other = [...left.batch, ...left.contract].map((i) => shape[i]);
  const b = tame(p, coerce(p, anyKnown(p, floats) ?? a, { ...a.node.type, shape: [...other, free] }));
  const right = { batch: batched.map((_, i) => i), contract: contracted.map((_, i) => batched.length + i) };
  const node = p.b.dotGeneral(a.node, b.node, { batch: [left.batch, right.batch], contract: [left.contract, right.contract] });
  const bound = Math.max(1, ...contracted.map((i) => shape[i])) * magnitude(a) * magnitude(b);
  return tame(p, { node, lo: -bound, hi: bound });
};

const monoidsFor: { readonly [D in DType]: readonly MonoidName[] } = {
  f32: ['add', 'mul', 'max', 'min', 'argMax', 'argMin'], f64: ['add', 'mul', 'max', 'min', 'argMax', 'argMin'],
  i32: ['add', 'mul', 'max', 'min', 'argMax', 'argMin'], u32: ['add', 'mul', 'max', 'min', 'argMax', 'argMin'], bool: ['and', 'or'],
};
const growReduce: Grow = (p) => {
  const k = pick(p, p.known), { dtype } = k.node.type, monoid = pick(p, monoidsFor[dtype]);
  const axes = dims(k).flatMap((_, i) => (p.below(2) === 0 ? [i] : []));
  const count = axes.reduce((n, i) => n * dims(k)[i], 1);
  const safe = monoid === 'mul' ? within(p, k, dtype === 'u32' ? [0, 2] : [-1.25, 1.25]) : k;
  if (count === 0 && monoid !== 'add' && monoid !== 'mul' && monoid !== 'and' && monoid !== 'or') return undefined;
  const node = p.b.reduce(monoid, safe.node, axes);
  if (monoid.startsWith('arg')) return { node, lo: -1, hi: count };
  if (monoid === 'and' || monoid === 'or') return { node, lo: 0, hi: 1 };
  if (monoid === 'max' || monoid === 'min') return keep(k, node);
  const size = magnitude(safe), bound = monoid === 'mul' ? Math.max(1, size) ** count : size * Math.max(1, count);
  return isFloat(dtype) ? tame(p, { node, lo: -bound, hi: bound }) : { node, lo: dtype === 'u32' ? 0 : -bound, hi: bound };
};
const indices = (p: Pool, shape: readonly number[]): Known => coerce(p, anyKnown(p, ofDtype('i32')) ?? pick(p, p.known), { dtype: 'i32', shape });
const growGather: Grow = (p) => {
  const table = anyKnown(p, (k) => rank(k) > 0 && rank(k) < 5 && dims(k)[0] > 0);
  return table === undefined ? undefined : keep(table, p.b.gather(table.node, indices(p, rank(table) < 4 ? [pick(p, sizes)] : []).node));
};
const growScatter: Grow = (p) => {
  const x = anyKnown(p, (k) => floats(k) && rank(k) > 0 && rank(k) < 5);
  if (x === undefined) return undefined;
  const count = pick(p, sizes), rows = indices(p, [count]);
  const updates = coerce(p, anyKnown(p, floats) ?? x, { ...x.node.type, shape: [count, ...dims(x).slice(1)] });
  const bound = magnitude(x) + count * magnitude(updates);
  return tame(p, { node: p.b.scatter('add', x.node, rows.node, updates.node), lo: -bound, hi: bound });
};

/** One row for each operation: a new one is generated, and so tested, as soon as `tsc` has asked for its row. */
export const grow: { readonly [K in Generated]: Grow } = {
  map: growMap, reshape: growReshape, broadcastInDim: growBroadcast, transpose: growTranspose, slice: growSlice, pad: growPad,
  reverse: growReverse, concatenate: growConcatenate, iota: growIota, constant: growConstant, getDimensionSize: growSize,
  dotGeneral: growDot, reduce: growReduce, gather: growGather, scatter: growScatter,
};
