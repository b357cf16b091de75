import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import { maxCount } from '../../../core/dim.ts';
import { computedAs } from '../../../core/dtype.ts';
import type { Expr } from '../../../ir/loop/syntax.ts';
import { flatten } from '../access.ts';
import type { Held, Nest } from '../plan.ts';
import { bind, fresh, here, indexDepth, push, type Context } from './context.ts';
import type { Where } from './stores.ts';
import { number, valueAt } from './value.ts';

type Rows = Extract<Nest, { kind: 'rows' }>;
/** A value that stays in scratch from a sweep on, where, and how deep that scratch is declared. */
export interface Place { readonly held: Held; readonly buffer: string; readonly depth: number }

/** scratch for one row of each slot */
export const allocateHeld = (c: Context, { held, cols }: Rows): readonly Place[] => {
  const buffers = new Map<number, string>();
  return held.map((h) => {
    const buffer = buffers.get(h.slot) ?? fresh(c, 'row');
    if (!buffers.has(h.slot)) push(c, { kind: 'alloc', buffer, space: 'scratch', dtype: computedAs(h.node.type.dtype), shape: [maxCount(cols.map((axis) => axis.size))] });
    buffers.set(h.slot, buffer);
    return { held: h, buffer, depth: here(c) };
  });
};

/** where the row's values stand, for the loops of a sweep */
const columnAt = ({ cols }: Rows, column: (axis: string) => Index): Index => flatten(cols.map((axis) => column(axis.name)), cols.map((axis) => axis.size));
const sameAt = (held: Held, at: readonly Index[], where: Where): boolean => held.axes.every((axis, k) => axis === undefined || ix.equalIndex(at[k], where(axis)));

/** In a sweep, what earlier ones have computed is loaded from scratch. */
export const recallHeld = (c: Context, nest: Rows, places: readonly Place[], sweep: number, where: Where, column: (axis: string) => Index): void => {
  for (const { held: { node } } of places) {
    const there = places.filter(({ held }) => held.node === node && held.sweep < sweep);
    c.inside.set(node, (at) => {
      const found = there.find(({ held }) => sameAt(held, at, where));
      if (found === undefined) return undefined;
      const index = columnAt(nest, column), depth = Math.max(found.depth, indexDepth(c, index));
      const expr: Expr = { kind: 'load', from: { buffer: found.buffer, at: [index] }, guard: [], other: number(node.type.dtype, 0) };
      return depth > here(c) ? { expr, depth } : bind(c, 'v', expr, depth);
    });
  }
};

/** After the rows their scratch is gone: what is still needed is computed again. */
export const forgetHeld = (c: Context, { held }: Rows): void => { for (const { node } of held) c.inside.delete(node); };

/** What this sweep is the first to compute goes to scratch, after everything else: it may take the place of what was read. */
export const keepHeld = (c: Context, nest: Rows, places: readonly Place[], sweep: number, where: Where, column: (axis: string) => Index): (() => void) => {
  const values = places.filter(({ held }) => held.sweep === sweep).map(({ held, buffer }) => {
    const at = held.axes.map((axis) => (axis === undefined ? ix.zero : where(axis)));
    return { buffer, value: valueAt(c, held.node, at).expr };
  });
  return () => { for (const { buffer, value } of values) push(c, { kind: 'store', to: { buffer, at: [columnAt(nest, column)] }, guard: [], value }); };
};
