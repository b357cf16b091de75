import { isSym, type Dim } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import { oneByOne } from './control.ts';
import { again, fromFront, mapped, spread, toFront, type Batch, type BatchRule, type Value } from './rule.ts';

/** Indices that differ between examples, into rows that do too: the rows of all examples stand one after another, if their number is fixed. */

export const times = (d: Dim, n: number): Dim => (isSym(d) ? { ...d, by: d.by * n } : d * n);
/** [size, n, …rest] as [size·n, …rest] */
const flat = (b: Builder, x: Node, n: number): Node => b.reshape(x, [times(x.type.shape[0], n), ...x.type.shape.slice(2)]);
/** where the rows of each example begin, as a tensor like its indices */
const starts = (b: Builder, ids: Node, n: number): Node => b.map('mul', [b.iota(ids.type, 0), b.like(ids, n)]);

export const gather: BatchRule<'gather'> = (node, [table, ids], c) => {
  const { b } = c;
  if (!table.isMapped) return again(c, node, {}, [table.node, ids.node]);
  // every example reads the same rows: they are read with all examples beside each other
  if (!ids.isMapped) return again(c, node, {}, [fromFront(b, table.node, 1), ids.node]).map(({ node: x }) => mapped(toFront(b, x, ids.node.type.shape.length)));
  const n = table.node.type.shape[1];
  if (isSym(n)) return oneByOne(node, [table, ids], c);
  const read = b.map('max', [b.map('min', [ids.node, b.like(ids.node, n - 1)]), b.like(ids.node, 0)]);
  return again(c, node, {}, [flat(b, table.node, n), b.map('add', [starts(b, ids.node, n), read])]);
};

export const scatter: BatchRule<'scatter'> = (node, [x, ids, updates], c) => {
  const { b } = c, into = spread(c, x), from = spread(c, updates);
  if (!ids.isMapped) {
    const rank = ids.node.type.shape.length;
    return again(c, node, node.attrs, [fromFront(b, into, 1), ids.node, fromFront(b, from, rank)]).map(({ node: y }) => mapped(toFront(b, y, 1)));
  }
  const n = into.type.shape[1];
  if (isSym(n)) return oneByOne(node, [x, ids, updates], c);
  return again(c, node, node.attrs, [flat(b, into, n), places(c, ids, n), from]).map(({ node: y }) => mapped(b.reshape(y, into.type.shape)));
};
/** an index out of one example's rows stays out of those of all */
const places = ({ b, size }: Batch, { node: ids }: Value, n: number): Node => {
  const isInside = b.map('and', [b.map('ge', [ids, b.like(ids, 0)]), b.map('lt', [ids, b.like(ids, n)])]);
  const beyond = b.like(ids, ids.type.dtype === 'i32' ? -1 : isSym(size) ? 0xffffffff : size * n);
  return b.map('select', [isInside, b.map('add', [starts(b, ids, n), ids]), beyond]);
};
