import type { TensorType } from '../core/dim.ts';
import { isFloat, isHalf } from '../core/dtype.ts';
import { windowCount, type Attrs, type Node, type OpName } from '../ir/graph/syntax.ts';
import type { MonoidName } from '../ir/monoids.ts';
import { transformRefusals } from '../passes/graph/expandTransforms.ts';
import { dims, grow, rank, reduced, reducible, whole, type Generated, type Grow } from './grow.ts';
import { anyKnown, anyValue, coerce, floats, limit, magnitude, pick, tame, within, type Known, type Pool } from './pool.ts';

/** The operations that name graphs of their own, have several results or are written with others: they are gone before a program is planned. */
export type Structured = 'call' | 'composite' | 'transform' | 'get' | 'overlapAdd' | 'scan' | 'while' | 'case';

// SAFETY: the table's keys are exactly Generated
const flat = Object.keys(grow) as readonly Generated[];
/** where a derivative is asked for, most of a body is arithmetic */
const smooth: readonly Generated[] = ['map', 'map', 'map', 'dotGeneral', 'reduce', 'reshape', 'broadcastInDim', 'transpose', 'slice', 'pad', 'reverse', 'concatenate', 'window', 'gather', 'scatter', 'dynamicSlice', 'dynamicUpdateSlice'];

interface Body { readonly graph: string; readonly args: readonly Known[]; readonly results: readonly Known[] }
/** A graph over one or two of the program's values, grown like the program itself. */
const growBody = (p: Pool, args: readonly Known[], ops: readonly Generated[], typeOf = (k: Known, _: number): TensorType => k.node.type): Body => {
  const graph = p.b.freshName('f'), params = args.map((k, i) => p.b.parameter(graph, i, `a${i}`, typeOf(k, i)));
  const own = inside(p, params, args);
  for (let steps = 1 + p.below(4); steps > 0; steps--) growOne(own, ops);
  const results = own.known.slice(-1 - p.below(2));
  p.b.addGraph({ name: graph, params, results: results.map((k) => k.node) });
  return { graph, args, results };
};
/** the pool of a graph over values like those given */
const inside = (p: Pool, params: readonly Node[], given: readonly Known[]): Pool => ({ ...p, known: params.map((node, i) => ({ node, lo: given[i].lo, hi: given[i].hi })) });
const growOne = (own: Pool, ops: readonly Generated[]): void => {
  const grown = grow[pick(own, ops)](own);
  if (grown !== undefined && isSmall(grown.node)) own.known.push(grown);
};
const isSmall = (node: Node): boolean => node.type.shape.reduce<number>((n, d) => n * Number(d), 1) <= 512;
const several = (p: Pool, want: (k: Known) => boolean): readonly Known[] => Array.from({ length: 1 + p.below(2) }, () => anyKnown(p, want)).filter((k) => k !== undefined);

/** all results join the program; the last is what has been grown */
const join = (p: Pool, values: readonly Known[]): Known | undefined => {
  p.known.push(...values.slice(0, -1));
  return values.at(-1);
};
const named = (op: 'call' | 'composite', attrs: (graph: string) => Attrs['call'] | Attrs['composite']): Grow => (p) => {
  const { graph, args, results } = growBody(p, several(p, () => true), flat);
  const node: Node = p.b.node<OpName>(op, attrs(graph), args.map((k) => k.node));
  return join(p, p.b.resultsOf(node).map((value, i) => ({ node: value, lo: results[i].lo, hi: results[i].hi })));
};

const growTransform: Grow = (p) => {
  if (p.known.some((k) => isHalf(k.node.type.dtype)) && p.below(2) === 0) return growStored(p);
  return p.below(3) === 0 ? growMapped(p) : growDerivative(p);
};
/** a graph that is kept in halves, where the program knows of them */
const growStored: Grow = (p) => {
  const { graph, args, results } = growBody(p, several(p, (k) => k.node.type.dtype !== 'f64'), flat);
  const node: Node = p.b.node('transform', { kind: 'store', graph, dtype: pick(p, ['f16', 'bf16'] as const) }, args.map((k) => k.node));
  return join(p, p.b.resultsOf(node).map((value, i) => ({ node: value, lo: results[i].lo, hi: results[i].hi })));
};
/** a graph over the parts of one value along an axis; another value lies along one of the same size, or is shared */
const growMapped: Grow = (p) => {
  const first = anyKnown(p, (k) => k.node.type.shape.length > 0);
  if (first === undefined) return undefined;
  const axis = p.below(first.node.type.shape.length), size = first.node.type.shape[axis], args = [first, ...several(p, () => true).slice(1)];
  const axes = args.map((k, i) => { const place = k.node.type.shape.lastIndexOf(size); return i === 0 ? axis : place < 0 ? null : place; });
  const { graph, results } = growBody(p, args, p.below(2) === 0 ? smooth : flat, ({ node: { type } }, i) => ({ dtype: type.dtype, shape: type.shape.filter((_, at) => at !== axes[i]) }));
  const node: Node = p.b.node('transform', { kind: 'vmap', graph, axes }, args.map((k) => k.node));
  if (node.results.some((type) => type.shape.length > 5)) return undefined;
  return join(p, p.b.resultsOf(node).map((value, i) => ({ node: value, lo: results[i].lo, hi: results[i].hi })));
};
const growDerivative: Grow = (p) => {
  const args = several(p, floats);
  if (args.length === 0) return undefined;
  const { graph, results } = growBody(p, args, smooth), kind = pick(p, ['vjp', 'jvp'] as const);
  const seeded = kind === 'vjp' ? results.filter(floats) : args;
  if (seeded.length === 0 || !results.some(floats)) return undefined;
  const seeds = seeded.map((k) => coerce(p, anyValue(p), k.node.type).node);
  const node = p.b.node('transform', { kind, graph, wrt: args.map((_, i) => i) }, [...args.map((k) => k.node), ...seeds]);
  const probe = p.b.freshName('probe'), params = node.inputs.map((x, i) => p.b.parameter(probe, i, `p${i}`, x.type));
  p.b.addGraph({ name: probe, params, results: p.b.resultsOf(p.b.node('transform', node.attrs, params)) });
  if (transformRefusals(p.b.finish(probe)).length > 0) return undefined;
  return join(p, p.b.resultsOf(node).slice(results.length).map((value) => clamped(p, value)));
};
/** nothing is known of how large a derivative is */
const clamped = (p: Pool, x: Node): Known =>
  ({ node: p.b.map('max', [p.b.map('min', [x, p.b.like(x, limit)]), p.b.like(x, -limit)]), lo: -limit, hi: limit });

/** a reduction of several operands, each result read by a `get` */
const growGet: Grow = (p) => {
  const first = anyKnown(p, (k) => k.node.type.dtype !== 'bool');
  if (first === undefined) return undefined;
  const monoid = pick(p, (isFloat(first.node.type.dtype) ? ['add', 'mul', 'max', 'argMin'] : ['add', 'min', 'argMax']) as readonly MonoidName[]);
  const axes = first.node.type.shape.flatMap((_, i) => (p.below(2) === 0 ? [i] : [])), second = coerce(p, anyValue(p), first.node.type);
  const operands = [first, second].map((k) => reducible(p, k, monoid, axes)).filter((k) => k !== undefined);
  if (operands.length < 2) return undefined;
  const node = p.b.node('reduce', { monoid, axes }, operands.map((k) => k.node));
  return join(p, operands.map((k, i) => reduced(p, p.b.get(node, i), monoid, k, axes)));
};

/** of an operand whose windows fit: cut, or filled up, to as many as the length has */
const growOverlap: Grow = (p) => {
  const k = anyKnown(p, (x) => x.node.type.dtype !== 'bool' && rank(x) > 1);
  if (k === undefined) return undefined;
  const axis = p.below(rank(k) - 1), [count, size] = dims(k).slice(axis), spacing = { axis, stride: 1 + p.below(2), dilation: 1 + p.below(2) };
  if (size === 0) return undefined;
  const length = Math.max(0, (count - 1) * spacing.stride + (size - 1) * spacing.dilation + 1 + (spacing.stride > 1 ? p.below(2) : 0));
  if (windowCount(length, size, { ...spacing }) !== count) return undefined;
  const node = p.b.overlapAdd(k.node, { ...spacing, length }), bound = magnitude(k) * size;
  return isFloat(k.node.type.dtype) ? tame(p, { node, lo: -bound, hi: bound }) : { node, lo: whole[0], hi: whole[1] };
};

/** a few runs over rows; carries come back with their type, and within the limit */
const growScan: Grow = (p) => {
  const rows = anyKnown(p, (k) => rank(k) > 0 && dims(k)[0] <= 4);
  if (rows === undefined) return undefined;
  const [length, ...row] = dims(rows), carries = several(p, () => true).map((k) => held(p, k)), others = several(p, () => true).slice(1), graph = p.b.freshName('run');
  const given: readonly Known[] = [...carries, { ...rows, node: p.b.constant({ dtype: rows.node.type.dtype, shape: row }, 0) }, ...others];
  const params = given.map((k, i) => p.b.parameter(graph, i, `a${i}`, k.node.type)), own = inside(p, params, given);
  for (let steps = 1 + p.below(4); steps > 0; steps--) growOne(own, flat);
  const next = carries.map((k) => held(own, coerce(own, anyValue(own), k.node.type))), ys = own.known.slice(-1 - p.below(2)).filter((k) => rank(k) < 5);
  p.b.addGraph({ name: graph, params, results: [...next, ...ys].map((k) => k.node) });
  const node: Node = p.b.node<OpName>('scan', { graph, carries: carries.length, slices: 1, length, reverse: p.below(2) === 0, ...(p.below(3) === 0 && { save: 'contractions' }) }, [...carries, rows, ...others].map((k) => k.node));
  return join(p, p.b.resultsOf(node).map((value, i) => ({ node: value, lo: [...carries, ...ys][i].lo, hi: [...carries, ...ys][i].hi })));
};
/** a count from nothing up to one of the program's numbers, and beside it carries like those of a scan */
const growWhile: Grow = (p) => {
  const number = { dtype: 'i32', shape: [] } as const, last = within(p, coerce(p, anyValue(p), number), [0, 3]), carries = several(p, () => true).map((k) => held(p, k));
  const given: readonly Known[] = [{ node: p.b.constant(number, 0), lo: 0, hi: 3 }, ...carries, last], [test, body] = ['test', 'run'].map((name) => p.b.freshName(name));
  const paramsOf = (graph: string): readonly Node<'parameter'>[] => given.map((k, i) => p.b.parameter(graph, i, `a${i}`, k.node.type));
  const asked = paramsOf(test), params = paramsOf(body), own = inside(p, params, given);
  p.b.addGraph({ name: test, params: asked, results: [p.b.map('lt', [asked[0], asked[asked.length - 1]])] });
  for (let steps = 1 + p.below(4); steps > 0; steps--) growOne(own, flat);
  const next = carries.map((k) => held(own, coerce(own, anyValue(own), k.node.type)).node);
  p.b.addGraph({ name: body, params, results: [p.b.map('add', [params[0], p.b.like(params[0], 1)]), ...next] });
  const [, ...values] = p.b.resultsOf(p.b.node('while', { test, body, carries: 1 + carries.length }, given.map((k) => k.node)));
  return join(p, values.map((node, i) => ({ ...carries[i], node })));
};
/** branches over the same values, of results of the same types */
const growCase: Grow = (p) => {
  const args = several(p, () => true), index = within(p, coerce(p, anyValue(p), { dtype: 'i32', shape: [] }), [-1, 2]), like = held(p, anyValue(p));
  const branches = Array.from({ length: 1 + p.below(3) }, () => {
    const graph = p.b.freshName('branch'), params = args.map((k, i) => p.b.parameter(graph, i, `a${i}`, k.node.type)), own = inside(p, params, args);
    growOne(own, flat);
    p.b.addGraph({ name: graph, params, results: [held(own, coerce(own, anyValue(own), like.node.type)).node] });
    return graph;
  });
  return { node: p.b.node('case', { branches }, [index.node, ...args.map((k) => k.node)]), lo: like.lo, hi: like.hi };
};
/** the value within what its dtype may hold here, whatever it was */
const held = (p: Pool, k: Known): Known => {
  const { dtype } = k.node.type;
  if (dtype === 'bool') return { ...k, lo: 0, hi: 1 };
  const [lo, hi] = [dtype === 'u32' ? 0 : -limit, limit];
  return { node: p.b.map('max', [p.b.map('min', [k.node, p.b.like(k.node, hi)]), p.b.like(k.node, lo)]), lo, hi };
};

/** One row for each. */
export const growStructured: { readonly [K in Structured]: Grow } = {
  call: named('call', (graph) => ({ graph })),
  composite: named('composite', (body) => ({ name: 'made', attributes: {}, body })),
  transform: growTransform, get: growGet, overlapAdd: growOverlap, scan: growScan, while: growWhile, case: growCase,
};
