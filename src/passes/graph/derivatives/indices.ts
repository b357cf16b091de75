import { isSym } from '../../../core/dim.ts';
import type { Builder } from '../../../ir/graph/build.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import { position } from './reductions.ts';
import { axesOf, sizeLike } from './shapes.ts';

/** indices into axis 0 of the table, those beyond it moved to the nearest row: what `gather` reads */
export const clamped = (b: Builder, ids: Node, table: Node): Node => {
  const [rows] = table.type.shape;
  const last = isSym(rows) ? b.map('sub', [sizeLike(b, table, 0, ids), b.like(ids, 1)]) : b.like(ids, rows - 1);
  return b.map('max', [b.map('min', [ids, last]), b.like(ids, 0)]);
};
/** whether each element of the updates has an index within x: what `scatter` writes */
export const isInRange = (b: Builder, ids: Node, x: Node, updates: Node): Node => {
  const known = b.map('and', [b.map('ge', [ids, b.like(ids, 0)]), b.map('lt', [ids, sizeLike(b, x, 0, ids)])]);
  return b.broadcastInDim(known, updates.type.shape, axesOf(ids.type.shape));
};
/** whether each element of the updates is of the last of those with its index */
export const isLast = (b: Builder, ids: Node, x: Node, updates: Node): Node => {
  const place = position(b, ids, axesOf(ids.type.shape)), none = b.constant({ dtype: 'i32', shape: x.type.shape.slice(0, 1) }, -1);
  const last = b.gather(b.scatter('max', none, ids, place), ids);
  return b.broadcastInDim(b.map('eq', [place, last]), updates.type.shape, axesOf(ids.type.shape));
};
