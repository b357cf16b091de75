import * as ix from '../../core/affine.ts';
import type { AxisId, Index } from '../../core/affine.ts';
import { isInteger } from '../../core/dtype.ts';
import type { Block, Expr, Place, Stmt } from '../../ir/loop/syntax.ts';
import { exprsOf, walk, walkExpr } from '../../ir/loop/visit.ts';
import type { Fresh } from './names.ts';

/** What a pass that makes vectors takes along; the width is of the vectors of one loop. */
export interface Vectors { readonly fresh: Fresh; readonly width: number }

/** by how much the index moves with the axis; undefined where it does unevenly */
export const coefficient = (index: Index, axis: AxisId): number | undefined => {
  const own = index.terms.find(({ of }) => of.kind === 'axis' && of.axis === axis);
  const hidden = index.terms.some((t) => t !== own && ix.mentions({ bias: 0, terms: [t] }, axis));
  return hidden ? undefined : own?.by ?? 0;
};
/** by how many elements the place moves with the axis, where only its last index does */
export const stepOf = ({ at }: Place, axis: AxisId): number | undefined =>
  (at.slice(0, -1).some((index) => ix.mentions(index, axis)) ? undefined : at.length === 0 ? 0 : coefficient(at[at.length - 1], axis));

/** the expressions of a statement, at any depth */
export const insideOf = (s: Stmt): readonly Expr[] => { const all: Expr[] = []; for (const e of exprsOf(s)) walkExpr(e, (x) => { all.push(x); }); return all; };

/** whether a division of integers could fail where a lane is not there */
export const mayTrap = (block: Block): boolean => {
  let found = false;
  walk(block, (s) => { found ||= insideOf(s).some((e) => e.kind === 'apply' && (e.fn === 'div' || e.fn === 'rem') && isInteger(e.dtype)); });
  return found;
};
