import * as ix from '../../core/affine.ts';
import type { Index } from '../../core/affine.ts';
import { maxCount, maxSize, type Dims } from '../../core/dim.ts';
import { byteSize } from '../../core/dtype.ts';
import type { Node } from '../../ir/graph/syntax.ts';
import { topological } from '../../ir/graph/walk.ts';
import type { ScalarName } from '../../ir/scalars.ts';
import type { Target } from '../../ir/target.ts';
import { isView, viewAt } from './access.ts';
import { insidesOf } from './borders.ts';
import { isWhole, startsOf } from './parts.ts';
import { recomputed } from './recompute.ts';

/** Scalar functions that cost no more than reading a number from memory. */
const cheap: ReadonlySet<string> = new Set<ScalarName>([
  'neg', 'abs', 'sign', 'not', 'convert', 'stopGradient', 'reducePrecision', 'add', 'sub', 'mul', 'max', 'min', 'and', 'or', 'xor',
  'shiftLeft', 'shiftRightLogical', 'shiftRightArithmetic', 'popcount', 'countLeadingZeros', 'isFinite', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'select', 'floor', 'ceil', 'round',
]);
export const isCheap = (node: Node): boolean => node.op === 'map' && typeof node.attrs.fn === 'string' && cheap.has(node.attrs.fn);
export const bytesOf = (node: Node): number => maxCount(node.type.shape) * byteSize[node.type.dtype];
export const isSource = (node: Node): boolean => node.op === 'parameter' || (node.op === 'constant' && typeof node.attrs.value !== 'number');
/** what runs graphs: loops, and a choice of one of several */
export type Control = Node<'scan' | 'while' | 'case'>;
const isControl = (node: Node): node is Control => node.op === 'scan' || node.op === 'while' || node.op === 'case';
/** what a value is a result of, where that runs graphs: one with several results is read through `get` */
export const controlOf = (node: Node): Control | undefined => {
  const of = node.op === 'get' ? node.inputs[0] : node;
  return isControl(of) && (of === node) === (of.results.length === 1) ? of : undefined;
};
const isFree = (node: Node): boolean => isView(node) || node.op === 'constant' || node.op === 'iota' || node.op === 'getDimensionSize' || node.op === 'get';

/**
 * The nodes that a kernel computes for their own sake. All others are inlined wherever they are used: views (index
 * arithmetic), constants, numbers of rank 0, and cheap functions of one stored value, which cost what loading their
 * result would.
 */

export const findSeeds = (results: readonly Node[], target: Target, apart: ReadonlySet<Node> = new Set()): ReadonlySet<Node> => {
  const order = topological([...results]);
  const forced = new Set<Node>([...results, ...apart]);
  for (const node of order) {
    if (controlOf(node) !== undefined) forced.add(node);
    if (isControl(node)) for (const x of node.inputs) if (!isSource(x)) forced.add(x);
  }
  for (const node of order) for (const operand of storedOperands(node)) force(operand, forced);
  for (const [pad, inside] of insidesOf(order, results, target)) if (forced.has(pad)) forced.add(inside);
  for (;;) {
    const seeds = seedsWith(order, forced, results, target), known = forced.size;
    for (const node of seeds) if (readers(node, seeds) >= target.maxBuffers) for (const x of node.inputs) force(x, forced, seeds);
    if (forced.size === known) return seeds;
  }
};
/** how many buffers a kernel for the node alone would read */
const readers = (node: Node, seeds: ReadonlySet<Node>): number => new Set(seedReads(node, seeds).map((r) => r.node)).size;

const seedsWith = (order: readonly Node[], forced: ReadonlySet<Node>, results: readonly Node[], target: Target): ReadonlySet<Node> => {
  const again = target.shape === 'flat' ? recomputed(order, forced, target, isCheap, (n) => maxCount(iterationShape(n))) : new Set<Node>();
  const depth = new Map<Node, number>();
  const all = new Set<Node>();
  for (const node of order) {
    const below = Math.max(0, ...node.inputs.map((x) => depth.get(x) ?? 0));
    const inlined = !forced.has(node) && (isSource(node) || isFree(node) || again.has(node) || inlinedMap(node, below, target));
    if (!inlined && node.op !== 'parameter' && (!isControl(node) || controlOf(node) !== undefined)) all.add(node);
    depth.set(node, all.has(node) ? 0 : below + (node.op === 'map' ? 1 : 0));
  }
  return reached(results, all);
};

/** a size alone does not need its tensor */
const reached = (results: readonly Node[], all: ReadonlySet<Node>): ReadonlySet<Node> => {
  const seen = new Set<Node>(), pending = [...results];
  for (let n = pending.pop(); n !== undefined; n = pending.pop()) {
    if (seen.has(n)) continue;
    seen.add(n);
    pending.push(...seedReads(n, all).map((r) => r.node).filter((x) => all.has(x)));
  }
  const found = new Set([...all].filter((n) => seen.has(n)));
  // what they read has been reached too
  knownReads.set(found, knownReads.get(all) ?? new Map<Node, readonly Read[]>());
  return found;
};

/** operands that are read many times for one result, so that computing them inside would repeat the work */
const storedOperands = (node: Node): readonly Node[] =>
  node.op === 'dotGeneral' || node.op === 'gather' || node.op === 'scatter' || node.op === 'argsort' ? node.inputs : [];

/**
 * What an operand computes, seen through views, gets a kernel; a number only where too much would be read in one (`beside`
 * seeds that are there), and then tensors side by side too. Padding behind windows is written once, where it would be asked for again in each of them.
 */
const force = (operand: Node, forced: Set<Node>, beside?: ReadonlySet<Node>): void => {
  const pending: Node[] = [operand], windowed = new Set<Node>();
  for (let x = pending.pop(); x !== undefined; x = pending.pop()) {
    if (beside === undefined && x.op === 'pad' && windowed.has(x)) forced.add(x);
    else if (beside !== undefined && x.op === 'concatenate' && !beside.has(x)) forced.add(x);
    else if (isView(x)) {
      pending.push(...x.inputs);
      if (x.op === 'window' || windowed.has(x)) x.inputs.forEach((y) => windowed.add(y));
    } else if (x.op === 'map' && (beside === undefined ? x.type.shape.length > 0 : !beside.has(x))) forced.add(x);
  }
};

/** numbers that follow from numbers are computed where they are used, up to so many after each other */
const deepest = 12;
const inlinedMap = (node: Node, depthBelow: number, target: Target): boolean => {
  if (node.op !== 'map') return false;
  if (node.type.shape.length === 0) return depthBelow < deepest && (target.shape === 'tiled' || isCheap(node));
  return isCheap(node) && depthBelow < 2 && node.inputs.filter((x) => !isConstantValue(x)).length <= 1;
};
/** the same number everywhere: a splat, or a scalar spread out */
const isConstantValue = (x: Node): boolean =>
  (x.op === 'constant' && typeof x.attrs.value === 'number') || x.op === 'iota' || x.type.shape.length === 0
  || (x.op === 'broadcastInDim' && isConstantValue(x.inputs[0]));

// ── what a node reads, as index arithmetic over its own iteration axes

export interface Read { readonly node: Node; readonly at: readonly Index[]; readonly guarded: boolean }
const axisName = (i: number): string => `a${i}`;
/** which iteration axis an index is, or undefined if it is not just one axis */
export const pureAxis = (index: Index): number | undefined => {
  const [term] = index.terms;
  if (index.bias !== 0 || index.terms.length !== 1 || term.by !== 1 || term.of.kind !== 'axis') return undefined;
  return Number(term.of.axis.slice(1));
};

/** the axes a node is computed over: of a reduction its operand's, of a contraction the result's and then the contracted */
export const iterationShape = (node: Node): Dims => {
  if (node.op === 'reduce') return node.inputs[0].type.shape;
  if (node.op === 'dotGeneral') return [...node.type.shape, ...node.attrs.contract[0].map((axis) => node.inputs[0].type.shape[axis])];
  return node.type.shape;
};
/** the iteration axis of each axis of the value */
export const valueAxes = (node: Node): readonly number[] => {
  const rank = iterationShape(node).length, all = Array.from({ length: rank }, (_, i) => i);
  if (node.op === 'reduce') return all.filter((i) => !node.attrs.axes.includes(i));
  return all.slice(0, node.type.shape.length);
};

/** where a dot reads its operands, for indices of its iteration axes */
export const dotOperands = (node: Node<'dotGeneral'>, at: readonly Index[]): readonly [readonly Index[], readonly Index[]] => {
  const { batch, contract } = node.attrs;
  const rank = node.type.shape.length, batches = batch[0].length;
  let next = batches;
  const side = (k: 0 | 1): readonly Index[] => node.inputs[k].type.shape.map((_, axis) => {
    const b = batch[k].indexOf(axis), c = contract[k].indexOf(axis);
    if (b >= 0) return at[b];
    if (c >= 0) return at[rank + c];
    return at[next++];
  });
  return [side(0), side(1)];
};

const opaque: Index = { bias: 0, terms: [{ by: 1, of: { kind: 'data', local: 'any', lo: 0, hi: 0 } }] };
const operandReads = (node: Node): readonly { x: Node; at: readonly Index[]; guarded?: true }[] => {
  const at = iterationShape(node).map((_, i) => ix.axis(axisName(i)));
  if (node.op === 'dotGeneral') {
    const [left, right] = dotOperands(node, at);
    return [{ x: node.inputs[0], at: left }, { x: node.inputs[1], at: right }];
  }
  if (node.op === 'gather') {
    const [table, indices] = node.inputs, rank = indices.type.shape.length;
    return [{ x: indices, at: at.slice(0, rank) }, { x: table, at: [opaque, ...at.slice(rank)] }];
  }
  if (node.op === 'dynamicSlice' || node.op === 'dynamicUpdateSlice') return partReads(node, at);
  if (node.op === 'getDimensionSize') return [];
  const control = controlOf(node);
  if (control !== undefined) return control.inputs.map((x) => ({ x, at: x.type.shape.map(() => opaque) }));
  if (node.op === 'scatter' || node.op === 'argsort') return node.inputs.map((x) => ({ x, at: x.type.shape.map(() => opaque) }));
  if (isView(node)) return viewAt(node, at, boundsFor(node)).pieces.map(({ x, at: from }) => ({ x, at: from })).concat(fallbackOf(node));
  return node.inputs.map((x) => ({ x, at }));
};
/** a part is read where its starts say; along an axis that it has whole, at the same place */
const partReads = (node: Node<'dynamicSlice' | 'dynamicUpdateSlice'>, at: readonly Index[]): readonly { x: Node; at: readonly Index[]; guarded?: true }[] => {
  const moved = at.map((index, i) => (isWhole(node, i) ? index : opaque)), [x, update] = node.inputs;
  const starts = startsOf(node).map((start) => ({ x: start, at: [] }));
  return node.op === 'dynamicSlice' ? [{ x, at: moved }, ...starts] : [{ x, at }, { x: update, at: moved, guarded: true }, ...starts];
};
const fallbackOf = (node: Node): { x: Node; at: readonly Index[] }[] => (node.op === 'pad' ? [{ x: node.inputs[1], at: [] }] : []);
const boundsFor = (node: Node): ix.Bounds => {
  const shape = iterationShape(node);
  return (atom) => (atom.kind === 'axis' ? { lo: 0, hi: maxSize(shape[Number(atom.axis.slice(1))]) - 1 } : { lo: -Infinity, hi: Infinity });
};

/** The values that a node reads, through everything that is inlined, down to those for which `stop` holds. */
export const readsOf = (node: Node, stop: (x: Node) => boolean): readonly Read[] => {
  const bounds = boundsFor(node), found: Read[] = [], seen = new Map<Node, Read[]>();
  const pending = operandReads(node).map(({ x, at, guarded }): Read => ({ node: x, at, guarded: guarded ?? node.op === 'pad' }));
  for (let read = pending.pop(); read !== undefined; read = pending.pop()) {
    const own = seen.get(read.node);
    if (own === undefined) seen.set(read.node, [read]);
    else if (own.some((r) => sameRead(r, read))) continue;
    else own.push(read);
    if (stop(read.node) || isSource(read.node)) found.push(read);
    else if (read.node.op === 'map') for (const x of read.node.inputs) pending.push({ node: x, at: read.at, guarded: read.guarded });
    else pending.push(...inlinedReads(read, bounds));
  }
  return found.reverse();
};
const knownReads = new WeakMap<ReadonlySet<Node>, Map<Node, readonly Read[]>>();
/** What a node reads of a set of seeds and of memory, looked up once for each set. */
export const seedReads = (node: Node, seeds: ReadonlySet<Node>): readonly Read[] => {
  const known = knownReads.get(seeds) ?? new Map<Node, readonly Read[]>(), reads = known.get(node) ?? readsOf(node, (x) => seeds.has(x));
  knownReads.set(seeds, known.set(node, reads));
  return reads;
};
/** of one node; elementwise functions hand their indices on as they are */
const sameRead = (a: Read, b: Read): boolean => a.guarded === b.guarded && (a.at === b.at || (a.at.length === b.at.length && a.at.every((index, i) => ix.equalIndex(index, b.at[i]))));

const inlinedReads = ({ node, at, guarded }: Read, bounds: ix.Bounds): readonly Read[] => {
  if (isView(node)) {
    const view = viewAt(node, at, bounds);
    const pieces = view.pieces.map((p): Read => ({ node: p.x, at: p.at, guarded: guarded || p.guard.length > 0 }));
    return view.fallback === undefined ? pieces : [...pieces, { node: view.fallback, at: [], guarded: true }];
  }
  if (node.op === 'gather') {
    const [table, indices] = node.inputs, rank = indices.type.shape.length;
    return [{ node: indices, at: at.slice(0, rank), guarded }, { node: table, at: [opaque, ...at.slice(rank)], guarded }];
  }
  if (node.op === 'dynamicSlice' || node.op === 'dynamicUpdateSlice') return partReads(node, at).map((r): Read => ({ node: r.x, at: r.at, guarded: guarded || r.guarded === true }));
  return [];
};

