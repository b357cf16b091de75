import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { computedAs } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Axis, Expr } from '../../../ir/loop/syntax.ts';
import { flatten } from '../access.ts';
import type { Blocks, Piece } from '../plan.ts';
import { dotOperands } from '../seeds.ts';
import { finished, foldElement, startAccumulator } from './accumulate.ts';
import { axesIn, inLoop, loaded, placeIn, placesIn, popped, type Block } from './blockContext.ts';
import { bind, fresh, here, outOfScope, placed, push, type Context, type Value } from './context.ts';
import { runningFold, runningSum } from './running.ts';
import { atOf, storeRoot, type Where } from './stores.ts';
import { valueAt } from './value.ts';

export const writePiece = (c: Context, b: Block, piece: Piece): void => {
  if (piece.at === 'contract') contractPiece(c, b, piece);
  else sweepPiece(c, b, piece);
};

const slotOf = ({ nest, slots, part }: Block, n: Node): { readonly buffer: string; readonly cols: readonly number[] } | undefined => {
  const slot = part.kept.get(n);
  return slot === undefined ? undefined : { buffer: slots[slot], cols: nest.slots[slot].cols };
};
/** stores the values of a piece: all are computed first, for one may take the place of what another reads */
const storePiece = (c: Context, b: Block, nodes: readonly Node[], where: Where): void => {
  const values = nodes.map((n) => ({ n, at: atOf(b.nest.align, n, where) })).map(({ n, at }) => ({ n, at, value: valueAt(c, n, at).expr }));
  for (const { n, at, value } of values) {
    const slot = slotOf(b, n);
    if (b.roots.has(n)) storeRoot(c, n, at, value);
    if (slot !== undefined) push(c, { kind: 'store', to: { buffer: slot.buffer, at: [placeIn(b, n, slot.cols, at)] }, guard: [], value });
  }
};
/** from now on these are read from their slots */
const recall = (c: Context, b: Block, nodes: readonly Node[]): void => {
  for (const n of nodes) {
    const slot = slotOf(b, n);
    if (slot !== undefined) c.inside.set(n, (at) => loaded(c, slot.buffer, placeIn(b, n, slot.cols, at), n));
  }
};

const sweepPiece = (c: Context, b: Block, { cols, folds, stores }: Extract<Piece, { at: 'sweep' }>): void => {
  const { where, row, axisOf } = placesIn(c, b, cols), { nest } = b;
  const stats = folds.filter((n) => !b.running.has(n)).map((n) => {
    const buffer = fresh(c, 'stat');
    push(c, { kind: 'alloc', buffer, space: 'scratch', dtype: computedAs(n.type.dtype), shape: [b.rows.most] });
    return { n, buffer };
  });
  const sweep = (axes: readonly number[]): void => {
    const [first, ...rest] = axes;
    if (first !== undefined) return inLoop(c, axisOf(first), axisOf(first).most, () => { sweep(rest); });
    for (const acc of folding) foldElement(c, acc, (nest.align.get(acc.node) ?? []).map(where), []);
    storePiece(c, b, stores, where);
  };
  let folding: readonly ReturnType<typeof startAccumulator>[] = [];
  inLoop(c, row, b.rows.most, () => {
    folding = folds.map((n) => startAccumulator(c, n, []));
    const ends = folding.map((acc) => runningFold(c, b, acc, ix.axis(row.axis)));
    sweep(cols);
    folding.forEach((acc, k) => {
      const value = bind(c, 'r', finished(acc, [], here(c)).expr, here(c)).expr, stat = stats.find(({ n }) => n === acc.node);
      ends[k]?.(value);
      if (stat !== undefined) push(c, { kind: 'store', to: { buffer: stat.buffer, at: [ix.axis(row.axis)] }, guard: [], value });
    });
  });
  for (const { n, buffer } of stats) c.inside.set(n, (at) => loaded(c, buffer, placeIn(b, n, [], at), n));
  recall(c, b, stores);
};

const contractPiece = (c: Context, b: Block, { dot, stores }: Extract<Piece, { at: 'contract' }>): void => {
  const { nest } = b, own = nest.align.get(dot) ?? [], rank = dot.type.shape.length, batches = dot.attrs.batch[0].length;
  const left = dot.inputs[0].type.shape.length - batches - dot.attrs.contract[0].length, outer = nest.rows.slice(0, -1);
  const { where, axisOf } = placesIn(c, b, own.filter((i) => !nest.rows.includes(i)));
  const inside = (axes: readonly number[]): readonly number[] => axes.filter((i) => !outer.includes(i)), asAxes = (axes: readonly number[]): readonly Axis[] => axes.map((i) => ({ axis: axisOf(i).axis, extent: axisOf(i).extent }));
  const bound = (axes: readonly number[], depth: number): void => { for (const i of axes) c.axes.set(axisOf(i).axis, { depth, size: axisOf(i).most }); };
  const [m, n, k] = [inside(own.slice(batches, batches + left)), inside(own.slice(batches + left, rank)), inside(own.slice(rank))];
  const around = (axes: readonly number[]): void => {
    const [first, ...rest] = axes;
    if (first !== undefined) return inLoop(c, axisOf(first), axisOf(first).most, () => { around(rest); });
    bound([...m, ...n, ...k], outOfScope);
    const [x, y] = dotOperands(dot, own.map(where)), a = valueAt(c, dot.inputs[0], x).expr, right = valueAt(c, dot.inputs[1], y).expr;
    const at = atOf(nest.align, dot, where), grows = growing(c, b, dot, at), acc = fresh(c, 'sum'), depth = c.scopes.length;
    bound([...m, ...n], depth);
    c.scopes.push({ body: [], memo: new Map() });
    c.inside.set(dot, () => ({ expr: { kind: 'local', local: acc }, depth }));
    if (grows === undefined) storePiece(c, b, [dot, ...stores], where);
    else grows.store({ kind: 'local', local: acc });
    const then = popped(c);
    push(c, { kind: 'contract', m: asAxes(m), n: asAxes(n), k: asAxes(k), a, b: right, c: acc, ...(grows && { init: grows.init }), then });
  };
  around(inside(own.slice(0, batches)));
  c.inside.set(dot, () => undefined);
  recall(c, b, [dot, ...stores]);
};

/** what a contraction begins with and where its result goes, where it adds to what is there: over the rows, or over a stream of columns */
interface Growing { readonly init: Expr; readonly store: (value: Expr) => void }
const growing = (c: Context, b: Block, dot: Node, at: readonly Index[]): Growing | undefined => {
  const home = b.nest.across.get(dot);
  if (home === undefined) return runningSum(c, b, dot, at);
  return { init: homeValue(c, b.nest, dot, home, at).expr, store: (value) => { storeRoot(c, home, atHome(b.nest, dot, home, at), value); } };
};
/** the element of the home that belongs to an element of the sum */
const atHome = (nest: Blocks, dot: Node, home: Node, at: readonly Index[]): readonly Index[] => { const own = axesIn(nest, dot); return axesIn(nest, home).map((i) => at[own.indexOf(i)]); };
export const homeValue = (c: Context, nest: Blocks, dot: Node, home: Node, at: readonly Index[]): Value => {
  const { buffer, at: [index] } = placed(c, home, flatten(atHome(nest, dot, home, at), home.type.shape), 'read');
  return loaded(c, buffer, index, home);
};
