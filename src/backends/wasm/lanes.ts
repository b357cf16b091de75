import { mentions, type AxisId, type Index } from '../../core/affine.ts';
import { monoidRow } from '../../ir/monoids.ts';
import type { Block, BufferId, Expr, Place, Stmt } from '../../ir/loop/syntax.ts';
import { blocksOf, exprsOf, walkExpr, writesOf } from '../../ir/loop/visit.ts';
import { dtypeOf, heldOf, type Writer } from './writer.ts';

/*
 * What can be known of a block before it is written: whether its iterations fit into lanes, in which form a value or a
 * register is wanted.
 */
const inside = (e: Expr): readonly Expr[] => { const all: Expr[] = []; walkExpr(e, (x) => { all.push(x); }); return all; };
const placesOf = (s: Stmt): readonly Place[] => [...writesOf(s), ...exprsOf(s).flatMap(inside).flatMap((e) => (e.kind === 'load' ? [e.from] : []))];

/** the places that a block mentions at any depth */
export const placesIn = (block: Block): readonly Place[] => block.flatMap((s) => [...placesOf(s), ...blocksOf(s).flatMap(placesIn)]);

export const foldsExtreme = (block: Block, buffer: BufferId): boolean =>
  block.some((s) => (s.kind === 'fold' && (s.monoid === 'max' || s.monoid === 'min') && s.into[0].buffer === buffer) || blocksOf(s).some((b) => foldsExtreme(b, buffer)));

/** 32-bit numbers, no test, one number a state, stores along the axis, no index that is computed in the block */
export const canGoInLanes = (w: Writer, block: Block, axis: AxisId): boolean => {
  const wide = (s: Stmt): boolean => exprsOf(s).flatMap(inside).some((e) => (e.kind === 'load' || (e.kind === 'local' && w.values.has(e.local)) ? dtypeOf(w, e) === 'f64' : (e.kind === 'apply' || e.kind === 'const' || e.kind === 'index') && e.dtype === 'f64'));
  const own = block.flatMap((s) => (s.kind === 'let' ? [s.local] : []));
  if (block.some((s) => placesOf(s).some((p) => p.at.some((index) => own.some((local) => mentionsLocal(index, local)))))) return false;
  return block.every((s) => {
    switch (s.kind) {
      case 'let': return !wide(s);
      case 'store': return !wide(s) && s.guard.every(({ of }) => isOf(of, axis)) && heldOf(w, s.to.buffer).dtype !== 'f64' && s.to.at.some((index) => mentions(index, axis));
      case 'fold': return !wide(s) && hasLanes(s, axis) && heldOf(w, s.into[0].buffer).dtype !== 'f64';
      case 'for': case 'alloc': case 'if': case 'block': case 'contract': return false;
    }
  });
};

/** whether a value is wanted alone, and whether in all lanes */
export const usesOf = (w: Writer, block: Block, local: string): { readonly alone: boolean; readonly together: boolean } => {
  let alone = false, together = false;
  const see = (s: Stmt, vector: boolean): void => {
    const indices = [...placesOf(s).flatMap((p) => p.at), ...exprsOf(s).flatMap(inside).flatMap((e) => (e.kind === 'index' ? [e.index] : e.kind === 'guard' || e.kind === 'load' ? e.guard.map((g) => g.of) : []))];
    const guards = s.kind === 'store' ? s.guard.map((g) => g.of) : s.kind === 'for' ? [s.extent] : [];
    if ([...indices, ...guards].some((index) => mentionsLocal(index, local))) alone = true;
    if (exprsOf(s).flatMap(inside).some((e) => e.kind === 'local' && e.local === local)) { if (vector) together = true; else alone = true; }
    const inner = vector || (s.kind === 'for' && s.mode.at === 'vector' && fits(w, s));
    blocksOf(s).forEach((b) => b.forEach((t) => see(t, inner)));
    // the remainder of a vector loop goes one by one
    if (s.kind === 'for' && inner && s.extent.bias % 4 !== 0) s.body.forEach((t) => see(t, false));
  };
  block.forEach((s) => see(s, false));
  return { alone, together };
};
/** known for each lane, whatever runs */
const isOf = (index: Index, axis: AxisId): boolean => index.terms.every(({ of }) => of.kind === 'axis' && of.axis === axis);
/** one number, or a number and its position, each lane in a place of its own */
const hasLanes = ({ monoid, into }: Extract<Stmt, { kind: 'fold' }>, axis: AxisId): boolean =>
  monoidRow(monoid).state === 1 || ((monoid === 'argMax' || monoid === 'argMin') && into.every((p) => p.at.some((index) => mentions(index, axis))));
const mentionsLocal = (index: Index, local: string): boolean => index.terms.some(({ of }) => (of.kind === 'data' ? of.local === local : (of.kind === 'floorDiv' || of.kind === 'mod') && mentionsLocal(of.num, local)));
/** before the block's own buffers are declared, only its form can be asked */
const fits = (_: Writer, s: Extract<Stmt, { kind: 'for' }>): boolean => s.body.every((t) => (t.kind === 'let' || (t.kind === 'store' && t.guard.every(({ of }) => isOf(of, s.axis))) || (t.kind === 'fold' && hasLanes(t, s.axis))));

/** whether some vector loop walks the register's last dimension */
export const packedRegisters = (w: Writer, block: Block, buffer: BufferId): boolean => {
  const see = (s: Stmt, axes: readonly AxisId[]): boolean => {
    const walked = placesOf(s).some((p) => p.buffer === buffer && p.at.at(-1)?.terms.some(({ by, of }) => by === 1 && of.kind === 'axis' && axes.includes(of.axis)));
    const inner = s.kind === 'for' && s.mode.at === 'vector' && fits(w, s) ? [...axes, s.axis] : axes;
    return walked || blocksOf(s).some((b) => b.some((t) => see(t, inner)));
  };
  return block.some((s) => see(s, []));
};
