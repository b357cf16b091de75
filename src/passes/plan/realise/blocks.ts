import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { maxSize } from '../../../core/dim.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Axis, Expr, Stmt } from '../../../ir/loop/syntax.ts';
import { extentOf, flatten } from '../access.ts';
import type { Blocks, Piece } from '../plan.ts';
import { dotOperands, valueAxes } from '../seeds.ts';
import { finished, foldElement, startAccumulator } from './accumulate.ts';
import { bind, fresh, here, indexDepth, inLoops, outOfScope, param, push, type Context, type Value } from './context.ts';
import { atOf, serial, storeRoot, storeRoots, type Where } from './stores.ts';
import { number, valueAt } from './value.ts';

/** One block of rows while it is written: the first of them, how many, and the scratch of each slot and of each reduction. */
interface Block {
  readonly nest: Blocks;
  readonly roots: ReadonlySet<Node>;
  readonly first: Index;
  readonly rows: Index;
  readonly most: number;
  readonly slots: readonly string[];
}

/** Blocks of rows inside loops over the outer rows; sums over the rows grow from zero in the memory where they are stored. */
export const blocksNest = (c: Context, nest: Blocks, roots: readonly Node[]): void => {
  for (const home of new Set(nest.across.values())) setToZero(c, home);
  const outer = nest.rows.slice(0, -1).map((i) => nest.space[i]), { size } = nest.space[nest.rows[nest.rows.length - 1]];
  const extent = extentOf(size), most = Math.min(nest.block, maxSize(size)), whole = ix.floorDiv(extent, most), rest = ix.mod(extent, most);
  const write = (first: Index, rows: Index): void => writeBlock(c, { nest, roots: new Set(roots), first, rows, most, slots: [] });
  inLoops(c, outer, serial, () => {
    if (ix.constantOf(whole) === 1) write(ix.zero, ix.constant(most));
    else if (ix.constantOf(whole) !== 0) {
      const name = fresh(c, 'block');
      inLoop(c, { axis: name, extent: whole }, maxSize(size) / most, () => write(ix.scale(ix.axis(name), most), ix.constant(most)));
    }
    if (ix.constantOf(rest) !== 0) inScope(c, () => write(ix.scale(whole, most), rest));
  });
  for (const together of endsOf(nest, roots)) writeEnds(c, nest, together);
};

/** a loop whose extent is no dimension's size; `most` bounds it */
const inLoop = (c: Context, { axis, extent }: Axis, most: number, body: () => void): void => {
  c.axes.set(axis, { depth: c.scopes.length, size: Math.max(1, Math.ceil(most)) });
  c.scopes.push({ body: [], memo: new Map() });
  body();
  push(c, { kind: 'for', axis, extent, mode: serial, body: popped(c) });
};
const inScope = (c: Context, body: () => void): void => {
  c.scopes.push({ body: [], memo: new Map() });
  body();
  push(c, { kind: 'block', body: popped(c) });
};
const popped = (c: Context): readonly Stmt[] => c.scopes.pop()?.body ?? [];

const writeBlock = (c: Context, start: Block): void => {
  const { nest } = start;
  const slots = nest.slots.map(({ dtype, cols }) => {
    const buffer = fresh(c, 'wide'), columns = cols.reduce((n, i) => n * maxSize(nest.space[i].size), 1);
    push(c, { kind: 'alloc', buffer, space: 'scratch', dtype, shape: [start.most * columns] });
    return buffer;
  });
  const b: Block = { ...start, slots };
  for (const n of nest.kept.keys()) c.inside.set(n, () => undefined);
  for (const piece of nest.pieces) {
    if (piece.at === 'contract') contractPiece(c, b, piece);
    else sweepPiece(c, b, piece);
  }
  const stored = [...b.roots].filter((n) => !isStoredInside(b, n) && isInRows(b, n));
  if (stored.length > 0) {
    const { where, row } = placesIn(c, b, []);
    inLoop(c, row, b.most, () => storeRoots(c, stored, (root) => atOf(nest.align, root, where)));
  }
};
const isStoredInside = ({ nest }: Block, n: Node): boolean => nest.across.has(n) || nest.pieces.some((p) => (p.at === 'contract' && p.dot === n) || p.stores.includes(n));
const isInRows = ({ nest }: Block, n: Node): boolean => { const own = atAxes(nest, n); return nest.rows.every((i) => own.includes(i)); };
const atAxes = ({ align }: Blocks, n: Node): readonly number[] => { const own = align.get(n) ?? []; return valueAxes(n).map((axis) => own[axis]); };

/** where the axes of the space stand in a piece: it has a row axis and column axes of its own */
const placesIn = (c: Context, { nest, first, rows }: Block, cols: readonly number[]): { readonly where: Where; readonly row: Axis; readonly nameOf: (i: number) => string } => {
  const last = nest.rows[nest.rows.length - 1], own = new Map([last, ...cols].map((i) => [i, fresh(c, `${nest.space[i].name}_`)]));
  const nameOf = (i: number): string => own.get(i) ?? nest.space[i].name;
  return { nameOf, row: { axis: nameOf(last), extent: rows }, where: (i) => (i === last ? ix.add(first, ix.axis(nameOf(i))) : ix.axis(nameOf(i))) };
};

/** where a kept value stands in its slot, for an index of its own axes */
const placeIn = ({ nest, first }: Block, n: Node, cols: readonly number[], at: readonly Index[]): Index => {
  const axes = atAxes(nest, n), of = (i: number): Index => at[axes.indexOf(i)], last = nest.rows[nest.rows.length - 1];
  return flatten([ix.sub(of(last), first), ...cols.map(of)], [nest.block, ...cols.map((i) => nest.space[i].size)]);
};
const loaded = (c: Context, buffer: string, index: Index, n: Node): Value => {
  const expr: Expr = { kind: 'load', from: { buffer, at: [index] }, guard: [], other: number(n.type.dtype, 0) }, depth = indexDepth(c, index);
  return bind(c, 'v', expr, depth);
};
const slotOf = ({ nest, slots }: Block, n: Node): { readonly buffer: string; readonly cols: readonly number[] } | undefined => {
  const kept = nest.kept.get(n);
  return kept && { buffer: slots[kept.slot], cols: nest.slots[kept.slot].cols };
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
  const { where, row, nameOf } = placesIn(c, b, cols), { nest } = b;
  const results = folds.map((n) => {
    const buffer = fresh(c, 'stat');
    push(c, { kind: 'alloc', buffer, space: 'scratch', dtype: n.type.dtype, shape: [b.most] });
    return { n, buffer };
  });
  inLoop(c, row, b.most, () => {
    const folding = folds.map((n) => startAccumulator(c, n, []));
    inLoops(c, cols.map((i) => ({ name: nameOf(i), size: nest.space[i].size })), serial, () => {
      for (const acc of folding) foldElement(c, acc, (nest.align.get(acc.node) ?? []).map(where), []);
      storePiece(c, b, stores, where);
    });
    results.forEach(({ buffer }, k) => push(c, { kind: 'store', to: { buffer, at: [ix.axis(row.axis)] }, guard: [], value: finished(folding[k], [], here(c)).expr }));
  });
  for (const { n, buffer } of results) {
    c.inside.set(n, (at) => loaded(c, buffer, placeIn(b, n, [], at), n));
  }
  recall(c, b, stores);
};

const contractPiece = (c: Context, b: Block, { dot, stores }: Extract<Piece, { at: 'contract' }>): void => {
  const { nest } = b, own = nest.align.get(dot) ?? [], rank = dot.type.shape.length, batches = dot.attrs.batch[0].length;
  const left = dot.inputs[0].type.shape.length - batches - dot.attrs.contract[0].length, outer = nest.rows.slice(0, -1), last = nest.rows[nest.rows.length - 1];
  const { where, row, nameOf } = placesIn(c, b, own.filter((i) => !nest.rows.includes(i)));
  const axesOf = (all: readonly number[]): readonly Axis[] => all.filter((i) => !outer.includes(i)).map((i) => (i === last ? row : { axis: nameOf(i), extent: extentOf(nest.space[i].size) }));
  const bound = (axes: readonly Axis[], depth: number): void => {
    for (const { axis } of axes) c.axes.set(axis, { depth, size: axis === row.axis ? b.most : nest.space[own.find((i) => nameOf(i) === axis) ?? 0].size });
  };
  const [m, n, k] = [axesOf(own.slice(batches, batches + left)), axesOf(own.slice(batches + left, rank)), axesOf(own.slice(rank))];
  const around = own.slice(0, batches).filter((i) => !nest.rows.includes(i)).map((i) => ({ name: nameOf(i), size: nest.space[i].size }));
  inLoops(c, around, serial, () => {
    bound([...m, ...n, ...k], outOfScope);
    const [x, y] = dotOperands(dot, own.map(where)), a = valueAt(c, dot.inputs[0], x).expr, right = valueAt(c, dot.inputs[1], y).expr;
    const home = nest.across.get(dot), at = atOf(nest.align, dot, where), init = home === undefined ? undefined : homeValue(c, nest, dot, home, at).expr;
    const acc = fresh(c, 'sum'), depth = c.scopes.length;
    bound([...m, ...n], depth);
    c.scopes.push({ body: [], memo: new Map() });
    c.inside.set(dot, () => ({ expr: { kind: 'local', local: acc }, depth }));
    if (home === undefined) storePiece(c, b, [dot, ...stores], where);
    else storeRoot(c, home, atHome(nest, dot, home, at), { kind: 'local', local: acc });
    const then = popped(c);
    push(c, { kind: 'contract', m, n, k, a, b: right, c: acc, ...(init && { init }), then });
  });
  c.inside.set(dot, () => undefined);
  recall(c, b, [dot, ...stores]);
};

// ── sums over the rows

/** the element of the home that belongs to an element of the sum */
const atHome = (nest: Blocks, dot: Node, home: Node, at: readonly Index[]): readonly Index[] => { const own = atAxes(nest, dot); return atAxes(nest, home).map((i) => at[own.indexOf(i)]); };
const homeValue = (c: Context, nest: Blocks, dot: Node, home: Node, at: readonly Index[]): Value => {
  const buffer = c.bufferName(home), index = flatten(atHome(nest, dot, home, at), home.type.shape);
  param(c, buffer, home.type.dtype, home.type.shape.reduce<number>((n, d) => n * maxSize(d), 1), 'read');
  return loaded(c, buffer, index, home);
};
const setToZero = (c: Context, home: Node): void => {
  const axes = home.type.shape.map((size) => ({ name: fresh(c, 'z'), size }));
  inLoops(c, axes, serial, () => storeRoot(c, home, axes.map((axis) => ix.axis(axis.name)), number(home.type.dtype, 0)));
};

/** what comes after the last row, by axes */
const endsOf = (nest: Blocks, roots: readonly Node[]): readonly (readonly Node[])[] => {
  const groups = new Map<string, Node[]>();
  for (const n of roots) {
    if (nest.across.has(n) || nest.rows.every((i) => atAxes(nest, n).includes(i))) continue;
    const key = [...atAxes(nest, n)].sort((a, b) => a - b).join();
    groups.set(key, [...(groups.get(key) ?? []), n]);
  }
  return [...groups.values()];
};
const writeEnds = (c: Context, nest: Blocks, roots: readonly Node[]): void => {
  for (const [dot, home] of nest.across) c.inside.set(dot, (at) => homeValue(c, nest, dot, home, at));
  const names = new Map(atAxes(nest, roots[0]).map((i) => [i, fresh(c, 'e')]));
  const where: Where = (i) => ix.axis(names.get(i) ?? '');
  inLoops(c, [...names].map(([i, name]) => ({ name, size: nest.space[i].size })), serial, () => storeRoots(c, roots, (root) => atOf(nest.align, root, where)));
};
