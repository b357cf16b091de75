import * as ix from '../../../core/affine.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Blocks } from '../plan.ts';
import { axesIn, inBlocks, inLoop, placesIn, roomFor, type Block, type Run } from './blockContext.ts';
import { homeValue, writePiece } from './blockPieces.ts';
import { fresh, inLoops, push, type Context } from './context.ts';
import { finishRunning, startRunning } from './running.ts';
import { atOf, serial, storeRoot, storeRoots, type Where } from './stores.ts';
import { number } from './value.ts';

/** Blocks of rows inside loops over the outer rows; sums over the rows grow from zero in the memory where they are stored. */
export const blocksNest = (c: Context, nest: Blocks, roots: readonly Node[]): void => {
  for (const home of new Set(nest.across.values())) setToZero(c, home);
  const outer = nest.rows.slice(0, -1).map((i) => nest.space[i]), last = nest.space[nest.rows[nest.rows.length - 1]];
  inLoops(c, outer, serial, () => { inBlocks(c, last, nest.block, (rows) => { writeBlock(c, nest, new Set(roots), rows); }); });
  for (const together of endsOf(nest, roots)) writeEnds(c, nest, together);
};

const writeBlock = (c: Context, nest: Blocks, roots: ReadonlySet<Node>, rows: Run): void => {
  const slots = nest.slots.map(({ dtype, cols }) => {
    const buffer = fresh(c, 'wide');
    push(c, { kind: 'alloc', buffer, space: 'scratch', dtype, shape: [rows.most * cols.reduce((n, i) => n * roomFor({ nest }, i), 1)] });
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
  });
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
    const cols = axesIn(nest, n).filter((i) => !nest.rows.includes(i)), key = [...cols].sort((a, b) => a - b).join(), known = groups.get(key) ?? { cols, nodes: [] };
    known.nodes.push(n);
    groups.set(key, known);
  }
  return [...groups.values()].map(({ cols, nodes: all }) => [cols, all] as const);
};

// ── sums over the rows

const setToZero = (c: Context, home: Node): void => {
  const axes = home.type.shape.map((size) => ({ name: fresh(c, 'z'), size }));
  inLoops(c, axes, serial, () => { storeRoot(c, home, axes.map((axis) => ix.axis(axis.name)), number(home.type.dtype, 0)); });
};
/** what comes after the last row, by axes */
const endsOf = (nest: Blocks, roots: readonly Node[]): readonly (readonly Node[])[] =>
  byColumns(nest, roots.filter((n) => !nest.across.has(n) && !isInRows(nest, n))).map(([, nodes]) => nodes);
const writeEnds = (c: Context, nest: Blocks, roots: readonly Node[]): void => {
  for (const [dot, home] of nest.across) c.inside.set(dot, (at) => homeValue(c, nest, dot, home, at));
  const names = new Map(axesIn(nest, roots[0]).map((i) => [i, fresh(c, 'e')]));
  const where: Where = (i) => ix.axis(names.get(i) ?? '');
  inLoops(c, [...names].map(([i, name]) => ({ name, size: nest.space[i].size })), serial, () => { storeRoots(c, roots, (root) => atOf(nest.align, root, where)); });
};
