import * as ix from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import { byteSize, type Computed } from '../../core/dtype.ts';
import type { Axes, Axis, Block, Expr, Stmt } from '../../ir/loop/syntax.ts';
import { lanesOf } from '../../ir/target.ts';
import { boundsOf } from './bounds.ts';
import { across, alongK, at, both, exists, guarded, mentions, standing, type Lanes, type Packed, type Tiling, type Where } from './microTile.ts';

type Contract = Extract<Stmt, { kind: 'contract' }>;
export interface Pack { readonly before: Block; readonly at: Packed }

const most = (t: Tiling, { extent }: Axis): number => ix.range(extent, boundsOf(t.known)).hi;
const cacheLine = 64;
/** by how much the flat place of a plain load moves with the axis; undefined where it is no plain load or moves unevenly */
const strideOf = (e: Expr, axis: AxisId | undefined): number | undefined => {
  if (e.kind !== 'load' || e.guard.length > 0 || axis === undefined) return undefined;
  const last = e.from.at.at(-1), own = last?.terms.find(({ of }) => of.kind === 'axis' && of.axis === axis);
  const hidden = last?.terms.some((term) => term !== own && ix.mentions({ bias: 0, terms: [term] }, axis)) === true;
  return hidden || e.from.at.slice(0, -1).some((index) => ix.mentions(index, axis)) ? undefined : own?.by ?? 0;
};

/** whether each read of it costs more than a load: it is computed, or a half that must be widened */
const isWork = (t: Tiling, e: Expr): boolean => e.kind === 'apply' || (e.kind === 'load' && t.halves.has(e.from.buffer));

const bytesDown = ({ b, k }: Contract, dtype: Computed): number => (strideOf(b, k.at(-1)?.axis) ?? 0) * byteSize[dtype];
/** As many columns as are packed at once: where each row of b is in a page of its own, those of a line of the cache, which is gone when the next tile comes. */
export const columnsAtOnce = (t: Tiling, contract: Contract, dtype: Computed, width: number, around: Axes): number => {
  const { b, n } = contract, { pack } = t.target, axis = n.at(-1)?.axis, line = cacheLine / (b.kind === 'load' && t.halves.has(b.from.buffer) ? 2 : byteSize[dtype]);
  const wanted = pack !== undefined && width < line && strideOf(b, axis) === 1 && bytesDown(contract, dtype) >= pack.stride
    && packColumns(t, contract, dtype, { axis, from: ix.zero, width: line, valid: line, tile: ix.zero }, width, around) !== undefined;
  return wanted ? line : width;
};
/**
 * Columns, k × width next to each other for each tile, for all rows that pass by, those of the axes `around` too: where
 * they lie across memory, in rows so far apart that each needs a page of its own, or so many of them that their lines leave
 * the nearest cache, or must be computed first.
 */
export const packColumns = (t: Tiling, contract: Contract, dtype: Computed, columns: Lanes, width: number, around: Axes): Pack | undefined => {
  const { b, m, k } = contract, { pack } = t.target, rows = m.at(-1), parts = Math.ceil(columns.width / width), each = columns.width / parts;
  if (pack === undefined || each < lanesOf(t.target, dtype) || mentions(b, rows?.axis)) return undefined;
  const shape = [...(parts > 1 ? [parts] : []), ...k.map((axis) => most(t, axis)), each], reuse = [...around, ...(rows === undefined ? [] : [rows])].reduce((n, axis) => n * most(t, axis), 1);
  if (shape.reduce((bytes, d) => bytes * d, byteSize[dtype]) > pack.bytes) return undefined;
  const along = strideOf(b, columns.axis), down = strideOf(b, k.at(-1)?.axis), stride = bytesDown(contract, dtype), lines = k.reduce((n, axis) => n * most(t, axis), 1);
  const far = stride >= Math.max(1, pack.stride) || (stride >= cacheLine && lines > pack.lines);
  const wanted = isWork(t, b) ? reuse >= 8 : along === 0 ? false : along === 1 ? far && reuse >= 16 : b.kind === 'load' ? reuse >= (down === 1 ? 2 : 4) : reuse >= 8;
  const value = (where: Where, part: number, lane: Index): Expr => at(both(where, standing(columns.axis, ix.shift(ix.add(columns.from, lane), part * each))), guarded(exists(columns, lane), dtype, b));
  return wanted ? filled(t, 'panel', shape, k, dtype, { width: each, parts }, down === 1, value, []) : undefined;
};

/** Rows by tiles, k × tile.m next to each other, for all columns: where they must be computed first, or lie far apart along k. */
export const packRows = (t: Tiling, { a, m, n, k }: Contract, dtype: Computed): Pack | undefined => {
  const { pack, tile: { m: width } } = t.target, rows = m.at(-1), columns = n.at(-1);
  if (pack === undefined || rows === undefined || columns === undefined || n.some(({ axis }) => mentions(a, axis))) return undefined;
  const tiles = Math.floor(most(t, rows) / width), shape = [tiles, ...k.map((axis) => most(t, axis)), width];
  if (tiles === 0 || shape.reduce((bytes, d) => bytes * d, byteSize[dtype]) > pack.bytes) return undefined;
  const along = strideOf(a, rows.axis), down = strideOf(a, k.at(-1)?.axis), reuse = most(t, columns);
  const far = along === 1 && down !== undefined && down * byteSize[dtype] >= pack.stride;
  if (isWork(t, a) ? reuse < 32 : a.kind !== 'load' || !far || reuse < 64) return undefined;
  const tile = t.fresh(rows.axis), one: Lanes = { axis: rows.axis, from: ix.scale(ix.axis(tile), width), width, valid: width, tile: ix.axis(tile) };
  const packed = filled(t, 'rows', shape, k, dtype, { width, parts: 1 }, down === 1, (where, _, lane) => at(both(where, standing(rows.axis, ix.add(one.from, lane))), a), [ix.axis(tile)]);
  const [alloc, ...fill] = packed.before;
  return { before: [alloc, { kind: 'for', axis: tile, extent: ix.floorDiv(rows.extent, width), mode: { at: 'serial' }, body: fill }], at: packed.at };
};

/** A scratch filled along k; as many steps at once as a vector has lanes where the source is contiguous along it, so that vectors can be loaded and turned. */
const filled = (
  t: Tiling, wish: string, shape: readonly number[], k: Contract['k'], dtype: Computed, { width, parts }: { readonly width: number; readonly parts: number }, turned: boolean,
  value: (where: Where, part: number, lane: Index) => Expr, before: readonly Index[],
): Pack => {
  const buffer = t.fresh(wish), steps = (where: Where): readonly Index[] => k.map(({ axis }) => where(axis) ?? ix.axis(axis));
  const fill = alongK(t, k, turned ? lanesOf(t.target, dtype) : 1, (where) => {
    const of = (part: number, lane: AxisId): Stmt => ({ kind: 'for', axis: lane, extent: ix.constant(width), mode: across(t), body: [
      { kind: 'store', to: { buffer, at: [...before, ...(parts > 1 ? [ix.constant(part)] : []), ...steps(where), ix.axis(lane)] }, guard: [], value: value(where, part, ix.axis(lane)) },
    ] });
    return Array.from({ length: parts }, (_, part) => of(part, t.fresh('s')));
  });
  return {
    before: [{ kind: 'alloc', buffer, space: 'scratch', dtype, shape }, ...fill],
    at: (where, { tile }, lane) => ({ kind: 'load', from: { buffer, at: [...(before.length > 0 || parts > 1 ? [tile] : []), ...steps(where), lane] }, guard: [], other: { kind: 'const', dtype, value: 0 } }),
  };
};
