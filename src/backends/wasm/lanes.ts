import { equalIndex, leaves, mentions, type AxisId, type Guard, type Index } from '../../core/affine.ts';
import { monoidRow } from '../../ir/monoids.ts';
import type { Block, BufferId, Expr, Place, Stmt } from '../../ir/loop/syntax.ts';
import { blocksOf, exprsOf, walkExpr, writesOf } from '../../ir/loop/visit.ts';
import { dtypeOf, heldOf, type LaneCount, type Writer } from './writer.ts';

/*
 * What can be known of a block before it is written: whether its iterations fit into lanes, and into how many, in which
 * form a value or a register is wanted.
 */
/** the statement's own expressions, at any depth */
const expressionsOf = (s: Stmt): readonly Expr[] => { const all: Expr[] = []; exprsOf(s).forEach((e) => { walkExpr(e, (x) => { all.push(x); }); }); return all; };
const placesOf = (s: Stmt, expressions = expressionsOf(s)): readonly Place[] => {
  const places = writesOf(s).slice();
  expressions.forEach((e) => { if (e.kind === 'load') places.push(e.from); });
  return places;
};

/** the places that a block mentions at any depth */
export const placesIn = (block: Block): readonly Place[] => block.flatMap((s) => [...placesOf(s), ...blocksOf(s).flatMap(placesIn)]);

const isPlain = (s: Stmt): s is Extract<Stmt, { kind: 'let' | 'store' | 'fold' }> => s.kind === 'let' || s.kind === 'store' || s.kind === 'fold';
/**
 * In how many lanes the block's iterations go, undefined where in none: no test, one number a state, stores along the axis,
 * no index that is computed in the block. Two if it computes, reads or writes f64: see Note [Two lanes] in writer.ts.
 */
export const lanesFor = (w: Writer, block: Block, axis: AxisId): LaneCount | undefined => {
  // every copy of an unrolled loop around it asks again
  const before = counted.get(block), count = before === undefined ? countLanes(w, block, axis) : before.count;
  if (before === undefined) counted.set(block, { count });
  return count;
};
const counted = new WeakMap<Block, { readonly count: LaneCount | undefined }>();
const countLanes = (w: Writer, block: Block, axis: AxisId): LaneCount | undefined => {
  if (!block.every(isPlain)) return undefined;
  const own = new Set(block.flatMap((s) => (s.kind === 'let' ? [s.local] : [])));
  const isDouble = (s: Stmt): boolean => {
    const expressions = expressionsOf(s);
    return placesOf(s, expressions).some((p) => heldOf(w, p.buffer).dtype === 'f64') || expressions.some((e) => e.kind !== 'local' && dtypeOf(w, e) === 'f64');
  };
  if (own.size > 0 && block.some((s) => placesOf(s).some((p) => p.at.some((index) => mentionsLocal(index, own))))) return undefined;
  const fit = block.every((s) => {
    switch (s.kind) {
      case 'let': return true;
      case 'store': return s.guard.every(({ of }) => isOf(of, axis)) && s.to.at.some((index) => mentions(index, axis));
      case 'fold': return hasLanes(s, axis);
    }
  });
  if (!fit) return undefined;
  const doubles = block.some(isDouble);
  // positions are gathered in four lanes only
  return doubles && block.some((s) => s.kind === 'fold' && monoidRow(s.monoid).state > 1) ? undefined : doubles ? 2 : 4;
};

/** What the statements of a block want of its values and registers. */
export interface Wishes {
  /** values that are wanted alone, and values that are wanted in all lanes */
  readonly alone: ReadonlySet<string>;
  readonly together: ReadonlySet<string>;
  /** registers whose last dimension some vector loop walks */
  readonly packed: ReadonlySet<BufferId>;
  /** registers that a maximum or a minimum is folded into */
  readonly extremes: ReadonlySet<BufferId>;
}
const known = new WeakMap<Block, Wishes>();
export const wishesOf = (block: Block): Wishes => {
  const before = known.get(block);
  if (before !== undefined) return before;
  const alone = new Set<string>(), together = new Set<string>(), packed = new Set<BufferId>(), extremes = new Set<BufferId>();
  const inIndex = (index: Index): void => { leaves(index).forEach((leaf) => { if (leaf.kind === 'data') alone.add(leaf.local); }); };
  const inGuard = (guard: Guard): void => { guard.forEach((g) => { inIndex(g.of); }); };
  const inPlace = ({ buffer, at }: Place, axes: readonly AxisId[]): void => {
    at.forEach(inIndex);
    if (axes.length > 0 && at.at(-1)?.terms.some(({ by, of }) => by === 1 && of.kind === 'axis' && axes.includes(of.axis)) === true) packed.add(buffer);
  };
  const see = (s: Stmt, axes: readonly AxisId[]): void => {
    writesOf(s).forEach((place) => { inPlace(place, axes); });
    exprsOf(s).forEach((whole) => {
      walkExpr(whole, (e) => {
        if (e.kind === 'local') (axes.length > 0 ? together : alone).add(e.local);
        if (e.kind === 'index') inIndex(e.index);
        if (e.kind === 'load') inPlace(e.from, axes);
        if (e.kind === 'guard' || e.kind === 'load') inGuard(e.guard);
      });
    });
    if (s.kind === 'store') inGuard(s.guard);
    if (s.kind === 'fold' && (s.monoid === 'max' || s.monoid === 'min')) extremes.add(s.into[0].buffer);
    if (s.kind !== 'for') { for (const inner of blocksOf(s)) for (const t of inner) see(t, axes); return; }
    inIndex(s.extent);
    const vector = s.mode.at === 'vector' && fits(s), within = vector ? [...axes, s.axis] : axes;
    for (const t of s.body) see(t, within);
    // the remainder of a vector loop goes one by one
    if (within.length > 0 && s.extent.bias % 4 !== 0) for (const t of s.body) see(t, []);
  };
  for (const s of block) see(s, []);
  const wishes = { alone, together, packed, extremes };
  known.set(block, wishes);
  return wishes;
};
/**
 * Whether a register of one dimension begins with constants, gathers maxima or minima, and then hands every cell on to one
 * number by the same monoid, some through others first: which of its cells met a NaN is then the same. Nothing stands between.
 */
export const comesTogether = (block: Block, buffer: BufferId, size: number): boolean => {
  const left = new Set(Array.from({ length: size }, (_, cell) => cell)), isOwn = (e: Expr): e is Extract<Expr, { kind: 'load' }> => e.kind === 'load' && e.from.buffer === buffer;
  const reads = (s: Stmt): boolean => { let found = false; exprsOf(s).forEach((e) => { walkExpr(e, (x) => { found ||= isOwn(x); }); }); return found; };
  const mentionsOwn = (s: Stmt): boolean => reads(s) || writesOf(s).some((p) => p.buffer === buffer) || blocksOf(s).some((body) => body.some(mentionsOwn));
  let stage = 0, monoid: string | undefined, home: Place | undefined;
  const reach = (next: number): boolean => { const isInOrder = stage <= next; stage = Math.max(stage, next); return isInOrder; };
  const alike = (s: Fold): boolean => { monoid ??= s.monoid; return (s.monoid === 'max' || s.monoid === 'min') && s.monoid === monoid; };
  const gathers = (s: Stmt): boolean => (s.kind === 'fold' && s.into[0].buffer === buffer ? alike(s) && !reads(s) : !reads(s) && !writesOf(s).some((p) => p.buffer === buffer) && blocksOf(s).every((body) => body.every(gathers)));
  /** the cells of a place, of which a loop around it takes one after the other */
  const cellsOf = ({ at: [{ bias, terms }] }: Place, axis: AxisId, count: number): readonly number[] => {
    const [term] = terms, isAlong = terms.length === 1 && term.by === 1 && term.of.kind === 'axis' && term.of.axis === axis;
    return isAlong ? Array.from({ length: count }, (_, l) => bias + l) : terms.length === 0 ? [bias] : [];
  };
  const handedOn = (s: Fold, axis: AxisId, count: number): boolean => {
    const [value] = s.values, [into] = s.into, from = isOwn(value) && value.guard.length === 0 ? cellsOf(value.from, axis, count) : [];
    if (from.length === 0 || !alike(s) || !from.every((cell) => left.delete(cell))) return false;
    if (into.buffer === buffer) { const to = cellsOf(into, axis, count); return reach(2) && to.length > 0 && to.every((cell) => left.has(cell)); }
    home ??= into;
    return reach(3) && into.buffer === home.buffer && into.at.every((index, k) => equalIndex(index, home?.at[k] ?? index) && !mentions(index, axis));
  };
  const fits = (s: Stmt): boolean => {
    if (stage === 3 && left.size > 0 && !(s.kind === 'for' && s.body.every(reads))) return false;
    if (!mentionsOwn(s) || s.kind === 'alloc') return true;
    if (s.kind !== 'for' || s.mode.at === 'serial' || s.mode.at === 'grid') return reach(1) && gathers(s);
    return s.body.every((t) => {
      if (t.kind === 'store' && t.to.buffer === buffer) return stage === 0 && t.value.kind === 'const';
      return t.kind === 'fold' && reads(t) ? handedOn(t, s.axis, s.extent.terms.length === 0 ? s.extent.bias : 0) : reach(1) && gathers(t);
    });
  };
  return block.every(fits) && left.size === 0;
};
type Fold = Extract<Stmt, { kind: 'fold' }>;

/** known for each lane, whatever runs */
const isOf = (index: Index, axis: AxisId): boolean => index.terms.every(({ of }) => of.kind === 'axis' && of.axis === axis);
/** one number, or a number and its position, each lane in a place of its own */
const hasLanes = ({ monoid, into }: Extract<Stmt, { kind: 'fold' }>, axis: AxisId): boolean =>
  monoidRow(monoid).state === 1 || ((monoid === 'argMax' || monoid === 'argMin') && into.every((p) => p.at.some((index) => mentions(index, axis))));
const mentionsLocal = (index: Index, own: ReadonlySet<string>): boolean => leaves(index).some((leaf) => leaf.kind === 'data' && own.has(leaf.local));
/** before the block's own buffers are declared, only its form can be asked */
const fits = (s: Extract<Stmt, { kind: 'for' }>): boolean => s.body.every((t) => (t.kind === 'let' || (t.kind === 'store' && t.guard.every(({ of }) => isOf(of, s.axis))) || (t.kind === 'fold' && hasLanes(t, s.axis))));
