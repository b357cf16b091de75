import * as ix from '../../core/affine.ts';
import type { AxisId, Guard, Index } from '../../core/affine.ts';
import type { Computed } from '../../core/dtype.ts';
import type { Axes, Block, Expr, Mode, Stmt } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import { indicesOf } from '../../ir/loop/visit.ts';
import type { Known } from './bounds.ts';
import type { Fresh } from './names.ts';
import { copyOf, onlyAxes, renameExpr } from './rewrite.ts';

/** `halves`: parameters that lie in memory as 16-bit numbers */
export interface Tiling { readonly kernel: string; readonly halves: ReadonlySet<string>; readonly target: Target; readonly fresh: Fresh; readonly known: Known }
/** Part of an axis: an element stands at `from + lane`, lane < width; of those the first `valid` exist. */
export interface Lanes { readonly axis: AxisId | undefined; readonly from: Index; readonly width: number; readonly valid: number; readonly tile: Index }
/** A factor that was packed: where it lies for a step of k and a lane of a tile. */
export type Packed = (k: Where, lanes: Lanes, lane: Index) => Expr;

interface Tile extends Tiling {
  readonly contract: Extract<Stmt, { kind: 'contract' }>;
  readonly dtype: Computed;
  readonly rows: Lanes;
  readonly columns: Lanes;
  readonly left: Packed | undefined;
  readonly right: Packed | undefined;
}
interface Cells extends Tile { readonly acc: string }

const serial = { at: 'serial' } as const, unroll = { at: 'unroll' } as const;

/** writes a block for each lane; with one lane, in place */
const lanes = ({ fresh }: Tiling, { axis, from }: Lanes, width: number, wish: string, mode: Mode, body: (lane: Index, at: Index, axis: AxisId | undefined) => Block): Block => {
  if (width === 1) return body(ix.zero, from, axis);
  const name = fresh(wish);
  return [{ kind: 'for', axis: name, extent: ix.constant(width), mode, body: body(ix.axis(name), ix.add(from, ix.axis(name)), axis) }];
};
/** columns lie next to each other: in vectors, where the target has them */
export const across = (t: Tiling): Mode => (t.target.vectorWidth > 1 ? { at: 'vector' } : unroll);

export type Where = (axis: AxisId) => Index | undefined;
export const both = (a: Where, b: Where): Where => (axis) => a(axis) ?? b(axis);
export const standing = (axis: AxisId | undefined, at: Index): Where => (other) => (other === axis ? at : undefined);
export const at = (where: Where, e: Expr): Expr => renameExpr(onlyAxes(where), e);

/** loads of lanes that do not exist give zero */
export const guarded = (guard: Guard, dtype: Computed, e: Expr): Expr => {
  if (guard.length === 0) return e;
  switch (e.kind) {
    case 'const': case 'index': case 'guard': case 'local': return e;
    case 'load': return { ...e, guard: [...e.guard, ...guard], other: e.guard.length === 0 ? { kind: 'const', dtype, value: 0 } : guarded(guard, dtype, e.other) };
    case 'apply': return { ...e, args: e.args.map((arg) => guarded(guard, dtype, arg)) };
  }
};
export const exists = ({ width, valid }: Lanes, lane: Index): Guard => (valid === width ? [] : ix.ge0(ix.shift(ix.scale(lane, -1), valid - 1)));

/** a block for each cell of the tile, row by row */
const cells = (t: Tile, width: number, body: (cell: readonly Index[], where: Where) => Block): Block =>
  lanes(t, t.rows, t.rows.width, 'r', unroll, (r, row, m) => lanes(t, t.columns, width, 's', across(t), (s, column, n) => body([r, s], both(standing(m, row), standing(n, column)))));

/** Accumulators, their sums, and what is done with each. */
export const tileBody = (t: Tile): Block => {
  const { contract, dtype, rows, columns } = t, acc = t.fresh('acc'), zero: Expr = { kind: 'const', dtype, value: 0 };
  return [
    { kind: 'alloc', buffer: acc, space: 'register', dtype, shape: [rows.width, columns.width] },
    ...cells(t, columns.width, (cell, where) => [{ kind: 'store', to: { buffer: acc, at: cell }, guard: [], value: contract.init === undefined ? zero : at(where, guarded(exists(columns, cell[1]), dtype, contract.init)) }]),
    ...sums({ ...t, acc }),
    ...cells(t, columns.valid, (cell, where) => {
      const c = t.fresh(contract.c);
      return [
        { kind: 'let', local: c, value: { kind: 'load', from: { buffer: acc, at: cell }, guard: [], other: zero } },
        ...copyOf(contract.then, t.fresh, where, new Map([[contract.c, c]])),
      ];
    }),
  ];
};

const sums = (t: Cells): Block => alongK(t, t.contract.k, stepsOf(t), (k) => products(t, k), t.target.tile.fence === undefined ? unroll : { ...unroll, fence: 1 });
/** how many steps of the innermost loop of k are written out. See Note [Steps written out] */
const stepsOf = ({ contract: { k }, rows, target: { tile } }: Tile): number => {
  if (tile.nested === undefined) return tile.k;
  const extent = ix.constantOf(k.at(-1)?.extent ?? ix.zero);
  if (extent !== undefined && extent > 0 && extent <= shortest) return extent;
  return k.length === 1 || rows.width < tile.m ? tile.k : tile.nested;
};
/** so few steps need no loop */
const shortest = 4;

/** loops over k, the innermost written out `step` times and one by one for what is left */
export const alongK = (t: Tiling, k: Axes, step: number, body: (k: Where) => Block, writtenOut: Mode = unroll): Block => {
  const outer = k.slice(0, -1), last = k.at(-1);
  const inner = (axis: AxisId, extent: Index): Block => {
    const whole = ix.floorDiv(extent, step), names = [t.fresh(axis), t.fresh(axis)] as const, part = (name: AxisId, count: Index, from: Index, width: number): Block => {
      if (ix.constantOf(count) === 0) return [];
      const lane: Lanes = { axis, from: ix.add(from, ix.scale(ix.axis(name), width)), width, valid: width, tile: ix.zero };
      return [{ kind: 'for', axis: name, extent: count, mode: serial, body: lanes(t, lane, width, 'u', writtenOut, (_, where) => body(standing(axis, where))) }];
    };
    return [...part(names[0], whole, ix.zero, step), ...part(names[1], ix.mod(extent, step), ix.scale(whole, step), 1)];
  };
  const nest = last === undefined ? body(() => undefined) : inner(last.axis, last.extent);
  return outer.reduceRight<Block>((block, { axis, extent }) => [{ kind: 'for', axis, extent, mode: serial, body: block }], nest);
};

export const mentions = (e: Expr, axis: AxisId | undefined): boolean => {
  let found = false;
  if (axis !== undefined) indicesOf(e, (index) => { found ||= ix.mentions(index, axis); });
  return found;
};

/** One step along k: each factor once, then every product. A factor that depends on the other side's axis is taken in each cell. */
const products = (t: Cells, k: Where): Block => {
  const { a, b } = t.contract, { acc, dtype, columns, rows } = t;
  const steady = !mentions(b, rows.axis), held = steady && columns.width > 1, factors = t.fresh('b'), right = t.fresh('b'), left = t.fresh('a');
  const zero: Expr = { kind: 'const', dtype, value: 0 }, perCell = mentions(a, columns.axis);
  const rightAt = (s: Index, where: Where): Expr => t.right?.(k, columns, s) ?? at(both(k, where), guarded(exists(columns, s), dtype, b));
  // rows of narrower tiles at the edge were not packed
  const leftAt = (r: Index, where: Where, s?: Index): Expr => (rows.width === t.target.tile.m ? t.left?.(k, rows, r) : undefined) ?? at(both(k, where), s === undefined ? a : guarded(exists(columns, s), dtype, a));
  const load: Block = held ? [
    { kind: 'alloc', buffer: factors, space: 'register', dtype, shape: [columns.width] },
    ...lanes(t, columns, columns.width, 's', across(t), (s, column, n) => [{ kind: 'store', to: { buffer: factors, at: [s] }, guard: [], value: rightAt(s, standing(n, column)) }]),
  ] : steady ? [{ kind: 'let', local: right, value: rightAt(ix.zero, standing(columns.axis, columns.from)) }] : [];
  const { fence } = t.target.tile;
  return [...load, ...lanes(t, rows, rows.width, 'r', fence === undefined || rows.width <= fence ? unroll : { ...unroll, fence }, (r, row, m) => {
    const alone: Block = perCell ? [] : [{ kind: 'let', local: left, value: leftAt(r, standing(m, row)) }];
    return [...alone, ...lanes(t, columns, columns.width, 's', across(t), (s, column, n) => {
      const where = both(standing(m, row), standing(n, column));
      const args: readonly Expr[] = [
        perCell ? leftAt(r, where, s) : { kind: 'local', local: left },
        held ? { kind: 'load', from: { buffer: factors, at: [s] }, guard: [], other: zero } : { kind: 'local', local: right },
      ];
      return [
        ...(steady ? [] : [{ kind: 'let', local: right, value: rightAt(s, where) } as const]),
        { kind: 'fold', into: [{ buffer: acc, at: [r, s] }], monoid: 'add', values: [{ kind: 'apply', fn: 'mul', dtype, args }] },
      ];
    })];
  })];
};

/*
 * Note [Steps written out]
 * Two steps of k save half of a loop's counting, but are a basic block each, for V8 would move the loads of both to the top.
 * Measured: products with one loop of k, and tiles of fewer rows, take up to a tenth less; whole tiles inside nested loops of k
 * a twentieth more, unless the innermost loop is written out altogether.
 */
