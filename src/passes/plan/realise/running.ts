import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { isSym, maxSize } from '../../../core/dim.ts';
import { computedAs } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Block as Stmts, Expr } from '../../../ir/loop/syntax.ts';
import { identityIn, monoidRow } from '../../../ir/monoids.ts';
import type { ScalarName } from '../../../ir/scalars.ts';
import { extentOf } from '../access.ts';
import type { Blocks, Part } from '../plan.ts';
import type { Accumulator } from './accumulate.ts';
import { axesIn, inLoop, lastRow, loaded, loadOf, placeIn, popped, roomFor, type Block, type Running } from './blockContext.ts';
import { bind, fresh, here, push, type Context } from './context.ts';
import { number } from './value.ts';

// What runs over the blocks of columns of a streamed part. See Note [Rescaling] in stream.ts

const apply = (fn: ScalarName, n: Node, ...args: readonly Expr[]): Expr => ({ kind: 'apply', fn, dtype: fn === 'eq' || fn === 'ge' || fn === 'and' ? 'bool' : computedAs(n.type.dtype), args });
const store = (c: Context, buffer: string, index: Index, value: Expr): void => { push(c, { kind: 'store', to: { buffer, at: [index] }, guard: [], value }); };

/** the reductions and contractions of a part that run over its columns */
const runningIn = ({ pieces }: Part, nest: Blocks): readonly Node[] => pieces.flatMap((p): readonly Node[] => {
  if (p.at === 'sweep') return p.folds;
  const axis = nest.stream?.axis ?? -1;
  return !nest.across.has(p.dot) && nest.align.get(p.dot)?.includes(axis) === true && !axesIn(nest, p.dot).includes(axis) ? [p.dot] : [];
});

/** Scratch for what runs over the part's columns, at its identity. */
export const startRunning = (c: Context, b: Block): ReadonlyMap<Node, Running> => {
  const { nest, rows } = b, nodes = runningIn(b.part, nest), scaled = new Set(nodes.map((n) => nest.stream?.rescaled.get(n) ?? nest.stream?.centred.get(n)));
  const alloc = (n: Node, name: string, size: number): string => {
    const buffer = fresh(c, name);
    push(c, { kind: 'alloc', buffer, space: 'scratch', dtype: computedAs(n.type.dtype), shape: [size] });
    return buffer;
  };
  return new Map(nodes.map((n) => {
    const cols = axesIn(nest, n).filter((i) => !nest.rows.includes(i)), size = rows.most * cols.reduce((all, i) => all * roomFor(b, i), 1);
    const buffer = alloc(n, n.op === 'reduce' ? 'stat' : 'total', size), axis = fresh(c, 'z');
    const identity = n.op === 'reduce' ? identityIn(n.type.dtype, monoidRow(n.attrs.monoid).identity[0]) : 0;
    inLoop(c, { axis, extent: ix.constant(size) }, size, () => { store(c, buffer, ix.axis(axis), number(n.type.dtype, identity)); });
    return [n, { buffer, cols, ...(scaled.has(n) && { grown: { by: alloc(n, 'by', rows.most), shift: alloc(n, 'shift', rows.most) } }) }];
  }));
};

/** by how much what scales with another has to shrink in a row of this block of columns */
const shrunk = (b: Block, n: Node, row: Index): Expr | undefined => {
  const of = b.nest.stream?.rescaled.get(n), by = of && b.running.get(of)?.grown?.by;
  return of === undefined || by === undefined ? undefined : loadOf(by, row, of);
};
const soFar = (b: Block, n: Node, { buffer }: Running, index: Index, row: Index): Expr => {
  const factor = shrunk(b, n, row), value = loadOf(buffer, index, n), total = b.nest.stream?.centred.get(n), by = total && b.running.get(total)?.grown?.by;
  if (total !== undefined && by !== undefined) return apply('add', n, value, loadOf(by, row, total));
  return factor === undefined ? value : apply('mul', n, value, factor);
};

/** A fold begins where the columns before have left it; `end` keeps what it has come to. */
export const runningFold = (c: Context, b: Block, { node, places }: Accumulator, row: Index): ((value: Expr) => void) | undefined => {
  const running = b.running.get(node);
  if (running === undefined) return undefined;
  const before = bind(c, 'v', soFar(b, node, running, row, row), here(c)).expr;
  store(c, places[0], ix.zero, before);
  return (value) => {
    store(c, running.buffer, row, value);
    if (running.grown === undefined) return;
    if (node.op === 'reduce' && node.attrs.monoid === 'add') movedMean(c, b, node, before, value, running.grown, row);
    else movedTop(c, node, before, value, running.grown, row);
    c.inside.set(node, (at) => loaded(c, running.grown?.shift ?? running.buffer, placeIn(b, node, [], at), node));
  };
};
type Grown = NonNullable<Running['grown']>;
const movedTop = (c: Context, node: Node, before: Expr, value: Expr, { by, shift }: Grown, row: Index): void => {
  // relative to 0 while all is −∞, so that it counts for nothing
  store(c, by, row, apply('select', node, apply('eq', node, before, value), number(node.type.dtype, 1), apply('exp', node, apply('sub', node, before, value))));
  store(c, shift, row, apply('select', node, apply('eq', node, value, number(node.type.dtype, -Infinity)), number(node.type.dtype, 0), value));
};
/** n₀·(s₀/n₀ − s₁/n₁)², and the total that so many columns would have with the mean so far */
const movedMean = (c: Context, b: Block, node: Node<'reduce'>, before: Expr, value: Expr, { by, shift }: Grown, row: Index): void => {
  const { first, count } = b.columns ?? { first: ix.zero, count: ix.zero }, sizes = node.attrs.axes.map((axis) => Number(node.inputs[0].type.shape[axis])), all = sizes.reduce((n, size) => n * size, 1);
  const others = all / maxSize(b.nest.space[b.nest.stream?.axis ?? 0].size), numbers = (columns: Index): Expr => ({ kind: 'index', dtype: computedAs(node.type.dtype), index: ix.scale(columns, others) });
  const [n0, n1] = [numbers(first), numbers(ix.add(first, count))], mean = bind(c, 'm', apply('div', node, value, n1), here(c)).expr;
  const moved = bind(c, 'd', apply('sub', node, apply('div', node, before, apply('max', node, n0, number(node.type.dtype, 1))), mean), here(c)).expr;
  store(c, by, row, apply('mul', node, n0, apply('mul', node, moved, moved)));
  store(c, shift, row, apply('mul', node, mean, number(node.type.dtype, all)));
};

/** A contraction adds to what the columns before have come to. */
export const runningSum = (_: Context, b: Block, dot: Node, at: readonly Index[]): { readonly init: Expr; readonly store: (value: Expr) => void } | undefined => {
  const running = b.running.get(dot);
  if (running === undefined) return undefined;
  const index = placeIn(b, dot, running.cols, at), row = ix.sub(at[axesIn(b.nest, dot).indexOf(lastRow(b.nest))], b.rows.first);
  return { init: soFar(b, dot, running, index, row), store: (value) => { store(_, running.buffer, index, value); } };
};

/** After the last column: rows of −∞ alone have no sums, and all is read as it has come to. */
export const finishRunning = (c: Context, b: Block, running: ReadonlyMap<Node, Running>): void => {
  const { nest } = b, size = nest.stream === undefined ? 0 : nest.space[nest.stream.axis].size;
  for (const [top, { buffer, grown }] of running) {
    const scaled = [...running].filter(([n]) => nest.stream?.rescaled.get(n) === top);
    if (grown === undefined || scaled.length === 0) continue;
    const axis = fresh(c, 'r'), row = ix.axis(axis);
    inLoop(c, { axis, extent: b.rows.count }, b.rows.most, () => {
      const none = apply('eq', top, loadOf(buffer, row, top), number(top.type.dtype, -Infinity));
      const some: Expr = { kind: 'apply', fn: 'ge', dtype: 'bool', args: [{ kind: 'index', dtype: 'i32', index: extentOf(size) }, number('i32', 1)] };
      const then = scaled.flatMap(([n, own]) => spoiled(c, b, n, own, row));
      push(c, { kind: 'if', test: isSym(size) ? apply('and', top, none, some) : none, then, else: [] });
    });
  }
  for (const [n, { buffer, cols }] of running) c.inside.set(n, (at) => loaded(c, buffer, placeIn(b, n, cols, at), n));
};
const spoiled = (c: Context, b: Block, n: Node, { buffer, cols }: Running, row: Index): Stmts => {
  const size = cols.reduce((all, i) => all * roomFor(b, i), 1), axis = fresh(c, 'z');
  c.scopes.push({ body: [], memo: new Map() });
  inLoop(c, { axis, extent: ix.constant(size) }, size, () => { store(c, buffer, ix.add(ix.scale(row, size), ix.axis(axis)), number(n.type.dtype, NaN)); });
  return popped(c);
};
