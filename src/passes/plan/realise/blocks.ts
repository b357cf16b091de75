import * as ix from '../../../core/affine.ts';
import { computedAs } from '../../../core/dtype.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Blocks } from '../plan.ts';
import { axesIn, countOf, inBlocks, inLoop, placesIn, roomFor, type Block, type Run } from './blockContext.ts';
import { homeValue, writePiece } from './blockPieces.ts';
import { fresh, inLoops, push, type Context } from './context.ts';
import { finishRunning, startRunning } from './running.ts';
import { atOf, serial, storeRoot, storeRoots, type Where } from './stores.ts';
import { number } from './value.ts';

/**
 * Blocks of rows inside loops over the outer rows. Sums over the rows grow from zero in the memory where they are stored:
 * those of each outer row begin and end with it, so that outer rows have nothing to do with one another.
 */
export const blocksNest = (c: Context, nest: Blocks, roots: readonly Node[]): void => {
  const outer = nest.rows.slice(0, -1), last = nest.space[nest.rows[nest.rows.length - 1]], homes = [...new Set(nest.across.values())], ends = endsOf(nest, roots);
  const own = (n: Node): boolean => { const axes = axesIn(nest, n); return outer.every((i) => axes.includes(i)); };
  for (const home of homes) if (!own(home)) setToZero(c, nest, home, []);
  inLoops(c, outer.map((i) => nest.space[i]), serial, () => {
    for (const home of homes) if (own(home)) setToZero(c, nest, home, outer);
    inBlocks(c, last, nest.block, (rows) => { writeBlock(c, nest, new Set(roots), rows); });
    for (const together of ends) if (own(together[0])) writeEnds(c, nest, together, outer);
  });
  for (const together of ends) if (!own(together[0])) writeEnds(c, nest, together, []);
};

const writeBlock = (c: Context, nest: Blocks, roots: ReadonlySet<Node>, rows: Run): void => {
  const slots = nest.slots.map(({ dtype, cols }) => {
    const buffer = fresh(c, 'wide');
    push(c, { kind: 'alloc', buffer, space: 'scratch', dtype: computedAs(dtype), shape: [rows.most * cols.reduce((n, i) => n * roomFor({ nest }, i), 1)] });
    return buffer;
  });
  for (const n of nest.align.keys()) c.inside.delete(n);
  for (const part of nest.parts) {
    const b: Block = { nest, roots, rows, slots, part, running: new Map() };
    if (part.streamed) writeStream(c, b);
    else for (const piece of part.pieces) writePiece(c, b, piece);
  }
  const last: Block = { nest, roots, rows, slots, part: { streamed: false, pieces: [], kept: new Map() }, running: new Map() };
  const stored = [...roots].filter((n) => !isStoredInside(nest, n) && isInRows(nest, n));
  for (const [cols, some] of byColumns(nest, stored)) {
    const { where, row, axisOf } = placesIn(c, last, cols);
    const across = (axes: readonly number[]): void => {
      const [first, ...rest] = axes;
      if (first === undefined) storeRoots(c, some, (root) => atOf(nest.align, root, where));
      else inLoop(c, axisOf(first), axisOf(first).most, () => { across(rest); });
    };
    inLoop(c, row, rows.most, () => { across(cols); });
  }
};

/** the part's pieces for each block of columns, with what runs over all of them */
const writeStream = (c: Context, b: Block): void => {
  const { nest, part } = b, running = startRunning(c, b), { stream } = nest;
  if (stream === undefined) return;
  inBlocks(c, nest.space[stream.axis], stream.block, (columns) => {
    for (const p of part.pieces) for (const n of p.at === 'contract' ? [p.dot, ...p.stores] : [...p.folds, ...p.stores]) c.inside.delete(n);
    for (const piece of part.pieces) writePiece(c, { ...b, columns, running }, piece);
  }, countOf(nest, b.rows, stream.axis));
  for (const p of part.pieces) for (const n of p.stores) c.inside.delete(n);
  finishRunning(c, b, running);
};

/** a contraction over a stream is known, and stored, after the last column */
const isStoredInside = (nest: Blocks, n: Node): boolean => {
  const runs = (streamed: boolean): boolean => streamed && nest.stream !== undefined && !axesIn(nest, n).includes(nest.stream.axis);
  return nest.across.has(n) || nest.parts.some(({ streamed, pieces }) => pieces.some((p) => (p.at === 'contract' && p.dot === n && !runs(streamed)) || p.stores.includes(n)));
};
const isInRows = (nest: Blocks, n: Node): boolean => { const own = axesIn(nest, n); return nest.rows.every((i) => own.includes(i)); };
/** values that have the same axes go through the same loops */
const byColumns = (nest: Blocks, nodes: readonly Node[]): readonly (readonly [readonly number[], readonly Node[]])[] => {
  const groups = new Map<string, { readonly cols: readonly number[]; readonly nodes: Node[] }>();
  for (const n of nodes) {
    const cols = axesIn(nest, n).filter((i) => !nest.rows.includes(i)), key = cols.join(), known = groups.get(key) ?? { cols, nodes: [] };
    known.nodes.push(n);
    groups.set(key, known);
  }
  return [...groups.values()].map(({ cols, nodes: all }) => [cols, all] as const);
};

// ── sums over the rows

const setToZero = (c: Context, nest: Blocks, home: Node, outer: readonly number[]): void => {
  inColumns(c, nest, home, outer, 'z', (where) => { storeRoot(c, home, axesIn(nest, home).map(where), number(home.type.dtype, 0)); });
};
/** in loops over the axes of a value, those left out that loops around already go over */
const inColumns = (c: Context, nest: Blocks, n: Node, outer: readonly number[], name: string, body: (where: Where) => void): void => {
  const own = new Map(axesIn(nest, n).filter((i) => !outer.includes(i)).map((i) => [i, fresh(c, name)]));
  inLoops(c, [...own].map(([i, axis]) => ({ name: axis, size: nest.space[i].size })), serial, () => { body((i) => ix.axis(own.get(i) ?? nest.space[i].name)); });
};
/** what comes after the last row, by axes */
const endsOf = (nest: Blocks, roots: readonly Node[]): readonly (readonly Node[])[] =>
  byColumns(nest, roots.filter((n) => !nest.across.has(n) && !isInRows(nest, n))).map(([, nodes]) => nodes);
const writeEnds = (c: Context, nest: Blocks, roots: readonly Node[], outer: readonly number[]): void => {
  for (const [dot, home] of nest.across) c.inside.set(dot, (at) => homeValue(c, nest, dot, home, at));
  inColumns(c, nest, roots[0], outer, 'e', (where) => { storeRoots(c, roots, (root) => atOf(nest.align, root, where)); });
};
