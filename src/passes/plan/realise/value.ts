import * as ix from '../../../core/affine.ts';
import type { Guard, Index } from '../../../core/affine.ts';
import { isSym, maxCount, maxSize } from '../../../core/dim.ts';
import { computedAs, isHalf, type DType } from '../../../core/dtype.ts';
import { invariant } from '../../../core/invariant.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Expr, Place } from '../../../ir/loop/syntax.ts';
import { scalarName } from '../../../ir/scalars.ts';
import { extentOf, flatten, isView, viewAt, type View } from '../access.ts';
import { isWhole, partOf, startsOf, type PartOp } from '../parts.ts';
import { bind, bounds, elementOf, guardDepth, here, indexDepth, outOfScope, placed, type Context, type Value } from './context.ts';

export const number = (dtype: DType, value: number): Expr => ({ kind: 'const', dtype: computedAs(dtype), value });

/**
 * The element of a node at an index, as code: views become index arithmetic, stored values loads, everything else
 * is computed here. Equal elements are computed once, in the outermost scope that can.
 */
export const valueAt = (c: Context, node: Node, at: readonly Index[], guard: Guard = []): Value => {
  const inside = c.inside.get(node)?.(at);
  if (inside !== undefined) return inside;
  // there is no element: whatever stands here never runs, but it must not be hoisted as a load
  if (maxCount(node.type.shape) === 0) return { expr: number(node.type.dtype, 0), depth: 0 };
  if (node.op === 'constant' && typeof node.attrs.value === 'number') return { expr: number(node.type.dtype, node.attrs.value), depth: 0 };
  if (node.op === 'iota') return indexValue(c, node.type.dtype, at[node.attrs.axis]);
  if (node.op === 'getDimensionSize') return indexValue(c, 'i32', extentOf(node.inputs[0].type.shape[node.attrs.axis]));
  const key = `${node.id}@${at.map(ix.showIndex).join(',')}?${showGuard(guard)}`;
  for (let depth = here(c); depth >= 0; depth--) {
    const known = c.scopes[depth].memo.get(key);
    if (known !== undefined) return known;
  }
  const value = compute(c, node, at, guard);
  if (value.depth <= here(c)) c.scopes[value.depth].memo.set(key, value);
  return value;
};

const showGuard = (guard: Guard): string => guard.map((g) => g.is + ix.showIndex(g.of)).join('&');
const indexValue = (c: Context, dtype: DType, index: Index): Value => ({ expr: { kind: 'index', dtype: computedAs(dtype), index }, depth: indexDepth(c, index) });

const compute = (c: Context, node: Node, at: readonly Index[], guard: Guard): Value => {
  if (!c.members.has(node) && c.isStored(node)) return load(c, elementOf(c, node, at, 'read'), guard, number(node.type.dtype, 0));
  const source = reshapeSource(c, node);
  if (source !== undefined) return load(c, placed(c, source, flatten(at, node.type.shape), 'read'), guard, number(node.type.dtype, 0));
  if (isView(node)) return viewValue(c, node.type.dtype, viewAt(node, at, bounds(c)), guard);
  if (node.op === 'map') return mapValue(c, node, at, guard);
  if (node.op === 'gather') return gatherValue(c, node, at, guard);
  if (node.op === 'dynamicSlice' || node.op === 'dynamicUpdateSlice') return partValue(c, node, at, guard);
  invariant(false, `${node.op} has not been computed where it is used`);
};

/** a stored value seen through reshapes only: its memory is in the same order */
const reshapeSource = (c: Context, node: Node): Node | undefined => {
  let x = node;
  while (x.op === 'reshape') {
    x = x.inputs[0];
    if (!c.members.has(x) && c.isStored(x)) return x;
  }
  return undefined;
};

const load = (c: Context, from: Place, guard: Guard, other: Expr): Value => {
  const depth = Math.max(indexDepth(c, from.at[0]), guardDepth(c, guard));
  return bind(c, 'v', { kind: 'load', from, guard, other }, depth);
};

const viewValue = (c: Context, dtype: DType, view: View, guard: Guard): Value => {
  let result = view.fallback === undefined ? undefined : valueAt(c, view.fallback, [], guard);
  for (const piece of [...view.pieces].reverse()) {
    const value = valueAt(c, piece.x, piece.at, [...guard, ...piece.guard]);
    if (result === undefined || piece.guard.length === 0) { result = value; continue; }
    const test: Expr = { kind: 'guard', guard: piece.guard };
    const depth = Math.max(value.depth, result.depth, guardDepth(c, piece.guard));
    result = bind(c, 'v', { kind: 'apply', fn: 'select', dtype: computedAs(dtype), args: [test, value.expr, result.expr] }, depth);
  }
  invariant(result !== undefined, 'a view of nothing');
  return result;
};

const mapValue = (c: Context, node: Node<'map'>, at: readonly Index[], guard: Guard): Value => {
  const args = node.inputs.map((x) => valueAt(c, x, at, guard));
  const { fn, dtype } = node.attrs;
  const from = node.inputs[0].type.dtype;
  if (fn === 'reducePrecision' && isHalf(dtype)) return bind(c, 'convert_', { kind: 'apply', fn: 'convert', dtype, args: [args[0].expr] }, args[0].depth);
  if (fn === 'stopGradient' || (fn === 'convert' && (from === dtype || computedAs(from) === dtype))) return args[0];
  const depth = Math.max(0, ...args.map((v) => v.depth));
  const name = `${scalarName(fn).replace(/\W/g, '')}_`;
  return bind(c, name, { kind: 'apply', fn, dtype: fn === 'convert' ? dtype : computedAs(dtype), args: args.map((v) => v.expr) }, depth);
};

/** a row as i32: a u32 that this does not hold lies beyond the last, and must not come out negative */
const signed = (row: Expr, last: Index): Expr =>
  ({ kind: 'apply', fn: 'convert', dtype: 'i32', args: [{ kind: 'apply', fn: 'min', dtype: 'u32', args: [row, { kind: 'index', dtype: 'u32', index: last }] }] });
const gatherValue = (c: Context, node: Node<'gather'>, at: readonly Index[], guard: Guard): Value => {
  const [table, indices] = node.inputs, rank = indices.type.shape.length, rows = table.type.shape[0];
  const raw = valueAt(c, indices, at.slice(0, rank), guard);
  const end = ix.sub(extentOf(rows), ix.constant(1)), last: Expr = { kind: 'index', dtype: 'i32', index: end };
  const wanted = indices.type.dtype === 'i32' ? raw.expr : signed(raw.expr, end);
  const floor: Expr = { kind: 'apply', fn: 'max', dtype: 'i32', args: [wanted, number('i32', 0)] };
  const known: Expr = { kind: 'apply', fn: 'min', dtype: 'i32', args: [floor, last] }, named = isSym(rows);
  const row = bind(c, 'row', named ? { kind: 'apply', fn: 'max', dtype: 'i32', args: [known, number('i32', 0)] } : known, raw.depth);
  invariant(row.expr.kind === 'local' && row.depth < outOfScope, 'a gather needs a scope for its row');
  const value = valueAt(c, table, [ix.data(row.expr.local, 0, Math.max(0, maxSize(rows) - 1)), ...at.slice(rank)], guard);
  return named ? orZero(c, [{ is: 'ge0', of: end }], node.type.dtype, value) : value;
};
/** the value where the guard holds, else 0: of a table that may turn out to have no rows */
const orZero = (c: Context, guard: Guard, dtype: DType, value: Value): Value =>
  bind(c, 'v', { kind: 'apply', fn: 'select', dtype: computedAs(dtype), args: [{ kind: 'guard', guard }, value.expr, number(dtype, 0)] }, Math.max(value.depth, guardDepth(c, guard)));

/** a part of a tensor, read where its starts say; or that in place of what the tensor has there */
const partValue = (c: Context, node: Node<PartOp>, at: readonly Index[], guard: Guard): Value => {
  const [x, update] = node.inputs, from = partFrom(c, node);
  if (node.op === 'dynamicSlice') return valueAt(c, x, at.map((i, axis) => ix.add(i, from[axis])), guard);
  const inPart = at.map((i, axis) => ix.sub(i, from[axis]));
  const inside = inPart.flatMap((i, axis): Guard => (isWhole(node, axis) ? []
    : [{ is: 'ge0', of: i }, { is: 'ge0', of: ix.sub(ix.constant(maxSize(update.type.shape[axis]) - 1), i) }]));
  return viewValue(c, node.type.dtype, { pieces: [{ x: update, at: inPart, guard: inside }, { x, at, guard: [] }] }, guard);
};
/** where a part begins along each axis */
export const partFrom = (c: Context, node: Node<PartOp>): readonly Index[] => startsOf(node).map((start, axis) =>
  (isWhole(node, axis) ? ix.constant(0) : startIndex(c, start, maxSize(node.inputs[0].type.shape[axis]) - maxSize(partOf(node).type.shape[axis]))));
/** a start as an index, moved into 0 … last */
const startIndex = (c: Context, start: Node, last: number): Index => {
  const wanted = valueAt(c, start, []), key = `start ${start.id} up to ${last}`, known = c.scopes[wanted.depth]?.memo.get(key);
  const floor: Expr = { kind: 'apply', fn: 'max', dtype: 'i32', args: [wanted.expr, number('i32', 0)] };
  const from = known ?? bind(c, 'from', { kind: 'apply', fn: 'min', dtype: 'i32', args: [floor, number('i32', last)] }, wanted.depth);
  invariant(from.expr.kind === 'local', 'a start is computed before its loops');
  c.scopes[from.depth].memo.set(key, from);
  return ix.data(from.expr.local, 0, last);
};
