import { isFloat } from '../core/dtype.ts';
import { windowCount, type Attrs, type Node, type OpName } from '../ir/graph/syntax.ts';
import type { MonoidName } from '../ir/monoids.ts';
import { differentiationRefusals } from '../passes/graph/expandTransforms.ts';
import { dims, grow, rank, reduced, reducible, whole, type Generated, type Grow } from './grow.ts';
import { anyKnown, anyValue, coerce, floats, limit, magnitude, pick, tame, type Known, type Pool } from './pool.ts';

/** The operations that name graphs of their own, have several results or are written with others: they are gone before a program is planned. */
export type Structured = 'call' | 'composite' | 'transform' | 'get' | 'overlapAdd';

// SAFETY: the table's keys are exactly Generated
const flat = Object.keys(grow) as readonly Generated[];
/** where a derivative is asked for, most of a body is arithmetic */
const smooth: readonly Generated[] = ['map', 'map', 'map', 'dotGeneral', 'reduce', 'reshape', 'broadcastInDim', 'transpose', 'slice', 'pad', 'reverse', 'concatenate', 'window', 'gather', 'scatter', 'dynamicSlice', 'dynamicUpdateSlice'];

interface Body { readonly graph: string; readonly args: readonly Known[]; readonly results: readonly Known[] }
/** A graph over one or two of the program's values, grown like the program itself. */
const growBody = (p: Pool, args: readonly Known[], ops: readonly Generated[]): Body => {
  const graph = p.b.freshName('f'), params = args.map((k, i) => p.b.parameter(graph, i, `a${i}`, k.node.type));
  const own: Pool = { ...p, known: params.map((node, i) => ({ node, lo: args[i].lo, hi: args[i].hi })) };
  for (let steps = 1 + p.below(4); steps > 0; steps--) {
    const grown = grow[pick(p, ops)](own);
    if (grown !== undefined && isSmall(grown.node)) own.known.push(grown);
  }
  const results = own.known.slice(-1 - p.below(2));
  p.b.addGraph({ name: graph, params, results: results.map((k) => k.node) });
  return { graph, args, results };
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
  const args = several(p, floats);
  if (args.length === 0) return undefined;
  const { graph, results } = growBody(p, args, smooth), kind = pick(p, ['vjp', 'jvp'] as const);
  const seeded = kind === 'vjp' ? results.filter(floats) : args;
  if (seeded.length === 0 || !results.some(floats)) return undefined;
  const seeds = seeded.map((k) => coerce(p, anyValue(p), k.node.type).node);
  const node = p.b.node('transform', { kind, graph, wrt: args.map((_, i) => i) }, [...args.map((k) => k.node), ...seeds]);
  const probe = p.b.freshName('probe'), params = node.inputs.map((x, i) => p.b.parameter(probe, i, `p${i}`, x.type));
  p.b.addGraph({ name: probe, params, results: p.b.resultsOf(p.b.node('transform', node.attrs, params)) });
  if (differentiationRefusals(p.b.finish(probe)).length > 0) return undefined;
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

/** One row for each. */
export const growStructured: { readonly [K in Structured]: Grow } = {
  call: named('call', (graph) => ({ graph })),
  composite: named('composite', (body) => ({ name: 'made', attributes: {}, body })),
  transform: growTransform, get: growGet, overlapAdd: growOverlap,
};
