import type { Index } from '../../../core/affine.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Expr, Place, Stmt } from '../../../ir/loop/syntax.ts';
import type { Alignment } from '../plan.ts';
import { valueAxes } from '../seeds.ts';
import { elementOf, push, type Context } from './context.ts';
import { valueAt } from './value.ts';

/** How a nest is told where its axes stand: an axis of the space as an index. */
export type Where = (spaceAxis: number) => Index;
export const serial = { at: 'serial' } as const;

export const atOf = (align: Alignment, node: Node, where: Where): readonly Index[] => {
  const own = align.get(node) ?? [];
  return valueAxes(node).map((axis) => where(own[axis]));
};

export const storeRoot = (c: Context, root: Node, at: readonly Index[], value: Expr): void => {
  push(c, { kind: 'store', to: elementOf(c, root, at, 'write'), guard: [], value });
};

/** an element of a value whose others keep what they are */
export const storePart = (c: Context, root: Node, at: readonly Index[], value: Expr): void => {
  elementOf(c, root, at, 'read');
  storeRoot(c, root, at, value);
};

/** all values first, then all stores: a store may overwrite what another value reads */
export const storeRoots = (c: Context, roots: readonly Node[], at: (root: Node) => readonly Index[]): void => {
  const values = roots.map((root) => valueAt(c, root, at(root)).expr);
  roots.forEach((root, i) => storeRoot(c, root, at(root), values[i]));
};
/** numbers are computed before the loops that store all others, and stored after them: what those read is still there */
export const storeAround = (c: Context, roots: readonly Node[], loops: (wide: readonly Node[]) => void): void => {
  const numbers = roots.filter((n) => n.type.shape.length === 0), wide = roots.filter((n) => n.type.shape.length > 0);
  const values = numbers.map((n) => valueAt(c, n, []).expr);
  if (wide.length > 0) loops(wide);
  numbers.forEach((n, i) => storeRoot(c, n, [], values[i]));
};

/** an update combined with what a place holds: folded by a monoid, or put there */
export const combined = (monoid: Node<'scatter'>['attrs']['monoid'], place: Place, value: Expr): Stmt =>
  (monoid === 'set' ? { kind: 'store', to: place, guard: [], value } : { kind: 'fold', into: [place], monoid, values: [value] });
