import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { maxSize } from '../../../core/dim.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Axis, Expr, Stmt } from '../../../ir/loop/syntax.ts';
import { extentOf, flatten } from '../access.ts';
import type { Blocks, Part } from '../plan.ts';
import { valueAxes } from '../seeds.ts';
import { bind, fresh, indexDepth, push, type Context, type Value } from './context.ts';
import { serial, type Where } from './stores.ts';
import { number } from './value.ts';

/** Some elements along an axis: the first of them, how many, and how many there are at most. */
export interface Run { readonly first: Index; readonly count: Index; readonly most: number }

/** One block of rows while it is written. */
export interface Block {
  readonly nest: Blocks;
  readonly roots: ReadonlySet<Node>;
  readonly rows: Run;
  /** the scratch of each slot */
  readonly slots: readonly string[];
  readonly part: Part;
  /** in a streamed part, the columns that it is at */
  readonly columns?: Run;
  /** what runs over the columns of a streamed part */
  readonly running: ReadonlyMap<Node, Running>;
}
/**
 * A sum or reduction so far. Of one that others are relative to also: by how much it has made them shrink, or grow, in this
 * block of columns, and what it is taken for meanwhile.
 */
export interface Running { readonly buffer: string; readonly cols: readonly number[]; readonly grown?: { readonly by: string; readonly shift: string } }

export const lastRow = ({ rows }: Blocks): number => rows[rows.length - 1];
/** the axes of the space that a value has */
export const axesIn = ({ align }: Blocks, n: Node): readonly number[] => { const own = align.get(n) ?? []; return valueAxes(n).map((axis) => own[axis]); };
const runOf = ({ nest, rows, columns }: Block, i: number): Run | undefined => {
  if (i === lastRow(nest)) return rows;
  return i === nest.stream?.axis && columns !== undefined ? columns : i === nest.reach?.axis ? { first: ix.zero, count: countOf(nest, rows, i), most: maxSize(nest.space[i].size) } : undefined;
};
/** how many columns of an axis a block of rows needs */
export const countOf = ({ space, reach }: Blocks, { first, count }: Run, i: number): Index =>
  (i === reach?.axis ? ix.shift(ix.add(first, count), reach.by) : extentOf(space[i].size));

/** how many elements scratch has along an axis */
export const roomFor = ({ nest }: Pick<Block, 'nest'>, i: number): number => (i === nest.stream?.axis ? nest.stream.block : maxSize(nest.space[i].size));

/** A loop whose extent is no dimension's size; `most` bounds it. */
export const inLoop = (c: Context, { axis, extent }: Axis, most: number, body: () => void): void => {
  c.axes.set(axis, { depth: c.scopes.length, size: Math.max(1, most) });
  c.scopes.push({ body: [], memo: new Map() });
  body();
  push(c, { kind: 'for', axis, extent, mode: serial, body: popped(c) });
};
export const popped = (c: Context): readonly Stmt[] => c.scopes.pop()?.body ?? [];

/** Runs `body` for each whole block of so many along an axis, and for what is left. */
export const inBlocks = (c: Context, { name, size }: Blocks['space'][number], block: number, body: (run: Run) => void, extent = extentOf(size)): void => {
  const most = Math.min(block, Math.max(1, maxSize(size))), whole = ix.floorDiv(extent, most), rest = ix.mod(extent, most);
  if (ix.constantOf(whole) === 1 && ix.constantOf(rest) === 0) return body({ first: ix.zero, count: extent, most });
  if (ix.constantOf(whole) !== 0) {
    const axis = fresh(c, `${name}_block`);
    inLoop(c, { axis, extent: whole }, Math.floor(maxSize(size) / most), () => body({ first: ix.scale(ix.axis(axis), most), count: ix.constant(most), most }));
  }
  if (ix.constantOf(rest) === 0) return;
  c.scopes.push({ body: [], memo: new Map() });
  body({ first: ix.scale(whole, most), count: rest, most });
  push(c, { kind: 'block', body: popped(c) });
};

/** Where the axes of the space stand in a piece, which has axes of its own for its row and its columns. */
export interface Places { readonly where: Where; readonly row: Axis; readonly axisOf: (i: number) => Axis & { readonly most: number } }
export const placesIn = (c: Context, b: Block, cols: readonly number[]): Places => {
  const { nest } = b, own = new Map([lastRow(nest), ...cols].map((i) => [i, fresh(c, `${nest.space[i].name}_`)]));
  const axisOf: Places['axisOf'] = (i) => {
    const run = runOf(b, i), { name, size } = nest.space[i];
    return { axis: own.get(i) ?? name, extent: run?.count ?? extentOf(size), most: run?.most ?? maxSize(size) };
  };
  return { axisOf, row: axisOf(lastRow(nest)), where: (i) => ix.add(runOf(b, i)?.first ?? ix.zero, ix.axis(own.get(i) ?? nest.space[i].name)) };
};

/** Where a value stands in its scratch, for an index of its own axes. */
export const placeIn = (b: Block, n: Node, cols: readonly number[], at: readonly Index[]): Index => {
  const axes = axesIn(b.nest, n), of = (i: number): Index => ix.sub(at[axes.indexOf(i)], runOf(b, i)?.first ?? ix.zero);
  return flatten([of(lastRow(b.nest)), ...cols.map(of)], [b.rows.most, ...cols.map((i) => roomFor(b, i))]);
};
export const loadOf = (buffer: string, index: Index, n: Node): Expr => ({ kind: 'load', from: { buffer, at: [index] }, guard: [], other: number(n.type.dtype, 0) });
export const loaded = (c: Context, buffer: string, index: Index, n: Node): Value => bind(c, 'v', loadOf(buffer, index, n), indexDepth(c, index));
