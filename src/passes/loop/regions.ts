import * as ix from '../../core/affine.ts';
import type { AxisId, Bounds, Guard, Index } from '../../core/affine.ts';
import type { Axis, Block, BufferId, Place } from '../../ir/loop/syntax.ts';
import { exprsOf, walkExpr, writesOf } from '../../ir/loop/visit.ts';
import { boundsOf, inLoop, type Known } from './bounds.ts';

/** What each iteration of an axis touches of a buffer: stride·axis + lo … stride·axis + hi. */
export interface Region { readonly stride: number; readonly lo: number; readonly hi: number }
export interface Access { readonly buffer: BufferId; readonly writes: boolean; readonly index: Index; readonly bounds: Bounds; readonly guard: Guard }

/** Every access of a block to buffers that it does not allocate itself, with what is known where it stands. */
export const accessesOf = (block: Block, outer: Known): readonly Access[] => {
  const found: Access[] = [];
  const visit = (stmts: Block, here: Here, own: ReadonlySet<BufferId>): void => {
    const inside = new Set(own);
    const note = ({ buffer, at }: Place, writes: boolean, { bounds, guard }: Here): void => { if (!inside.has(buffer)) found.push({ buffer, writes, index: at.length === 1 ? at[0] : ix.zero, bounds, guard }); };
    for (const s of stmts) {
      if (s.kind === 'alloc') inside.add(s.buffer);
      const axes: readonly Axis[] = s.kind === 'contract' ? [...s.m, ...s.n, ...s.k] : s.kind === 'for' ? [s] : [];
      const within = axes.reduce(entered, here);
      for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'load') note(x.from, false, under(within, x.guard)); });
      const stored = s.kind === 'store' ? under(here, s.guard) : here;
      for (const place of writesOf(s)) { note(place, true, stored); if (s.kind === 'fold') note(place, false, here); }
      if (s.kind === 'for' || s.kind === 'block') visit(s.body, within, inside);
      if (s.kind === 'contract') visit(s.then, within, inside);
      if (s.kind === 'if') { visit(s.then, here, inside); visit(s.else, here, inside); }
    }
  };
  visit(block, { known: outer, bounds: boundsOf(outer), guard: [] }, new Set());
  return found;
};
interface Here { readonly known: Known; readonly bounds: Bounds; readonly guard: Guard }
/** memory is touched only where a guard holds */
const under = (here: Here, guard: Guard): Here => (guard.length === 0 ? here : { ...here, guard: [...here.guard, ...guard] });
/** an axis remembers what it has to do with its extent, where that is no number */
const entered = ({ known: outer, guard }: Here, { axis, extent }: Axis): Here => {
  const known = inLoop(outer, axis, extent);
  return { known, bounds: boundsOf(known), guard: ix.constantOf(extent) === undefined ? [...guard, ...ix.ge0(ix.shift(ix.sub(extent, ix.axis(axis)), -1))] : guard };
};

/** Undefined where the index does not move evenly with the axis, or nobody knows how far. */
export const regionOf = ({ index, bounds, guard }: Access, axis: AxisId): Region | undefined => {
  const own = index.terms.find(({ of }) => of.kind === 'axis' && of.axis === axis), rest = { bias: index.bias, terms: index.terms.filter((t) => t !== own) };
  if (own === undefined || ix.mentions(rest, axis)) return undefined;
  const { lo, hi } = ix.rangeUnder(rest, guard, bounds);
  return Number.isFinite(hi - lo) ? { stride: own.by, lo, hi } : undefined;
};

/** whether iterations of these regions never meet another iteration's */
export const apart = (regions: readonly (Region | undefined)[]): boolean => {
  const known = regions.filter((r) => r !== undefined), [first] = known;
  if (known.length < regions.length || known.some((r) => r.stride !== first.stride)) return false;
  return Math.max(...known.map((r) => r.hi)) - Math.min(...known.map((r) => r.lo)) < Math.abs(first.stride);
};

/** whether each element is touched by one iteration of the axis only: every term outweighs all smaller ones together */
export const distinct = (accesses: readonly Access[], axis: AxisId): boolean => {
  const [{ index, bounds }] = accesses;
  if (!ix.mentions(index, axis) || accesses.some((a) => !ix.equalIndex(a.index, index)) || index.terms.some(({ of }) => of.kind !== 'axis')) return false;
  // axes begin at 0
  const terms = index.terms.map(({ by, of }) => ({ by: Math.abs(by), span: ix.range(ix.ofAtom(of), bounds).hi })).sort((a, b) => a.by - b.by);
  let below = 0;
  return terms.every(({ by, span }) => { const outweighs = by > below; below += by * span; return outweighs; });
};
