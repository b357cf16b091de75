import * as ix from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import { isHalf, type Computed } from '../../core/dtype.ts';
import { contractScope, declare, dtypeOf, innerScope, kernelScope, type Scope } from '../../ir/loop/scope.ts';
import type { Axes, Axis, Block, Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import { lanesOf, type Target } from '../../ir/target.ts';
import { boundsOf, inLoop, type Known } from './bounds.ts';
import { mentions, tileBody, type Lanes, type Tiling } from './microTile.ts';
import { freshNames } from './names.ts';
import { columnsAtOnce, packColumns, packRows } from './pack.ts';
import { mapKernels } from './rewrite.ts';

type Contract = Extract<Stmt, { kind: 'contract' }>;
const serial = { at: 'serial' } as const;

/**
 * Writes contractions as register tiles: `tile.m` × `tile.n` accumulators, k written out `tile.k` times, and narrower
 * tiles for what is left at the edges. Right for every extent, also those known only at run time. Factors that the tiles
 * would read badly are packed first. The innermost axes of m, n and k are tiled; the others are loops around.
 * See Note [Which loop is outside].
 */
export const tile = (program: Program, target: Target): Program => mapKernels(program, (kernel) => tileKernel(kernel, target, program));

const tileKernel = (kernel: Kernel, target: Target, { syms }: Program): Kernel => {
  const halves = new Set(kernel.params.filter((p) => isHalf(p.dtype)).map((p) => p.name));
  const t: Tiling = { kernel: kernel.name, halves, target, fresh: freshNames(kernel), known: { syms, axes: new Map() } };
  return { ...kernel, body: tileBlock(t, kernel.body, kernelScope(kernel.params)) };
};

const tileBlock = (t: Tiling, block: Block, outer: Scope): Block => {
  const scope = innerScope(outer);
  return block.flatMap((s): Block => {
    const tiled = tileStmt(t, s, scope);
    declare(s, scope);
    return tiled;
  });
};
const tileStmt = (t: Tiling, s: Stmt, scope: Scope): Block => {
  switch (s.kind) {
    case 'for': return [{ ...s, body: tileBlock({ ...t, known: inLoop(t.known, s.axis, s.extent) }, s.body, scope) }];
    case 'block': return [{ ...s, body: tileBlock(t, s.body, scope) }];
    case 'if': return [{ ...s, then: tileBlock(t, s.then, scope), else: tileBlock(t, s.else, scope) }];
    case 'contract': return tileContract(t, { ...s, then: tileBlock(t, s.then, contractScope(s, scope)) }, dtypeOf(s.a, scope) ?? 'f32');
    case 'let': case 'alloc': case 'store': case 'fold': return [s];
  }
};

const within = (known: Known, axes: Axes): Known => axes.reduce((k, { axis, extent }) => inLoop(k, axis, extent), known);

const tileContract = (outer: Tiling, contract: Contract, dtype: Computed): Block => {
  const { m, n, k } = contract, t: Tiling = { ...outer, known: within(outer.known, [...m, ...n, ...k]) };
  const vector = lanesOf(t.target, dtype), wide = vector > 1, width = wide ? columnsOf(t, m.at(-1), vector) : t.target.tile.n;
  const left = packRows(t, contract, dtype), steady = left === undefined ? steadyRows(t, contract, dtype, width) : 0, [outside, inside] = [m.slice(0, m.length - 1 - steady), m.slice(m.length - 1 - steady, -1)];
  const atOnce = wide ? columnsAtOnce(t, contract, dtype, width, inside) : width, nest = columnTiles(t, n.at(-1), atOnce, vector, (columns) => {
    const right = packColumns(t, contract, dtype, columns, width, inside);
    const rows = (own: Lanes): Block => around(inside, rowTiles(t, m.at(-1), wide, (lanes) => tileBody({ ...t, contract, dtype, rows: lanes, columns: own, left: left?.at, right: right?.at })));
    const body = [...(right?.before ?? []), ...(columns.width > width && columns.axis !== undefined ? tiles(t.fresh(columns.axis), columns.axis, columns.from, ix.constant(columns.width / width), width, rows) : rows(columns))];
    // a function of its own: it is called often enough to be compiled well within the first run of a large program
    return wide ? [{ kind: 'block', outline: t.fresh(`${t.kernel}_tile`), body }] : body;
  });
  const body = [...(left?.before ?? []), ...around(n.slice(0, -1), nest)];
  return around(outside, left === undefined || m.length > 1 ? body : [{ kind: 'block', body }]);
};
/** How many of the loops around the rows go inside the one over columns: those for which one packing of the columns serves. */
const steadyRows = (t: Tiling, contract: Contract, dtype: Computed, width: number): number => {
  const { m, n, b } = contract, moved = m.slice(0, -1).map(({ axis }) => mentions(b, axis)), steady = m.slice(moved.lastIndexOf(true) + 1, -1);
  const columns: Lanes = { axis: n.at(-1)?.axis, from: ix.zero, width, valid: width, tile: ix.zero };
  return steady.length > 0 && packColumns(t, contract, dtype, columns, width, steady) !== undefined ? steady.length : 0;
};
/** loops over axes, from the outermost */
export const around = (axes: readonly Axis[], body: Block): Block =>
  axes.reduceRight<Block>((inner, { axis, extent }) => [{ kind: 'for', axis, extent, mode: serial, body: inner }], body);

/** as many vectors, whatever their lanes; one or two rows leave registers for more */
const columnsOf = ({ target: { tile: { n }, vectorWidth }, known }: Tiling, rows: Axis | undefined, vector: number): number =>
  (rows === undefined || ix.range(rows.extent, boundsOf(known)).hi <= 2 ? 2 * n : n) * vector / vectorWidth;

type Body = (lanes: Lanes) => Block;
/** a loop over the tiles of one width that begin at `from` */
const tiles = (name: AxisId, axis: AxisId, from: Index, count: Index, width: number, body: Body): Block => {
  if (ix.constantOf(count) === 0) return [];
  return [{ kind: 'for', axis: name, extent: count, mode: serial, body: body({ axis, from: ix.add(from, ix.scale(ix.axis(name), width)), width, valid: width, tile: ix.axis(name) }) }];
};
const lone: Lanes = { axis: undefined, from: ix.zero, width: 1, valid: 1, tile: ix.zero };

/** whole tiles, and a narrower one, or one row after the other, for what is left */
const rowTiles = (t: Tiling, along: Axis | undefined, wide: boolean, body: Body): Block => {
  if (along === undefined) return body(lone);
  const { axis, extent } = along, width = t.target.tile.m, count = ix.constantOf(extent);
  const whole = ix.floorDiv(extent, width), from = ix.scale(whole, width), left = ix.mod(extent, width);
  const edge = wide && count !== undefined && count % width > 0, [name, rest] = [t.fresh(axis), t.fresh(axis)];
  return [
    ...tiles(name, axis, ix.zero, whole, width, body),
    ...(edge ? tiles(rest, axis, from, ix.constant(1), count % width, body) : tiles(rest, axis, from, left, 1, body)),
  ];
};

/** whole tiles, then narrower ones; the last of vectors may be wider than what is left for it */
const columnTiles = (t: Tiling, along: Axis | undefined, width: number, vector: number, body: Body): Block => {
  if (along === undefined) return body(lone);
  const { axis, extent } = along, count = ix.constantOf(extent);
  if (vector === 1 || count === undefined) {
    const whole = ix.floorDiv(extent, width), [name, rest] = [t.fresh(axis), t.fresh(axis)];
    return [...tiles(name, axis, ix.zero, whole, width, body), ...tiles(rest, axis, ix.scale(whole, width), ix.mod(extent, width), 1, body)];
  }
  const parts: Block[] = [];
  let done = 0;
  for (let w = width; w >= vector; w /= 2) {
    const whole = Math.floor((count - done) / w);
    parts.push(tiles(t.fresh(axis), axis, ix.constant(done), ix.constant(whole), w, body));
    done += whole * w;
  }
  const left = count - done;
  if (left > 0) parts.push(tiles(t.fresh(axis), axis, ix.constant(done), ix.constant(1), vector, (edge) => body({ ...edge, valid: left })));
  return parts.flat();
};

/*
 * Note [Which loop is outside]
 * The loop over columns stands outside the one over rows: the tile's columns of b, a strided panel of k × n, stay in the
 * nearest cache while all rows pass by, and a row of a is read in order. Measured at 128 × 784 × 128 the other order
 * walks the whole of b for every pair of rows.
 */
