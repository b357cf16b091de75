import type { Node } from '../../ir/graph/syntax.ts';
import type { Aligned } from './align.ts';
import type { AnchorReads } from './anchors.ts';
import type { Piece, Slot } from './plan.ts';
import { iterationShape, valueAxes } from './seeds.ts';

/** Anchors with inputs before users, and the axes that every row has. */
export interface Layout {
  readonly anchors: readonly Node[];
  readonly reads: ReadonlyMap<Node, AnchorReads>;
  readonly aligned: Aligned;
  readonly rows: readonly number[];
  readonly roots: ReadonlySet<Node>;
  /** whether a value comes from memory */
  readonly isOutside: (n: Node) => boolean;
}
/**
 * When each anchor is computed: at a level, contractions come first and sweeps next. `host`: the contraction at whose store an
 * elementwise value is computed. `ends`: what comes after the last row. See Note [Levels of a block]
 */
export interface Levels {
  readonly level: ReadonlyMap<Node, number>;
  readonly host: ReadonlyMap<Node, Node>;
  readonly cols: ReadonlyMap<Node, readonly number[]>;
  /** contractions over the rows */
  readonly over: readonly Node[];
  readonly ends: ReadonlySet<Node>;
}
interface Refused { readonly refused: string }

export const levelsOf = (l: Layout): Levels | Refused => {
  const level = new Map<Node, number>(), host = new Map<Node, Node>(), cols = new Map<Node, readonly number[]>(), ends = new Set<Node>(), over: Node[] = [];
  for (const n of l.anchors) {
    const own = l.aligned.align.get(n) ?? [], inputs = inputsOf(l, n);
    if (new Set(own).size !== iterationShape(n).length) return { refused: 'two axes of one value run together' };
    if (inputs.some((x) => valueIn(l, x).some((i) => !own.includes(i)))) return { refused: 'a value is read outside its loop' };
    if (inputs.some((x) => ends.has(x) || over.includes(x))) {
      const isEnd = n.op === 'map' && inputs.every((x) => (ends.has(x) || over.includes(x)) && sameSet(valueIn(l, n), valueIn(l, x)));
      if (!isEnd) return { refused: 'the rows would be swept again' };
      ends.add(n);
      continue;
    }
    const columns = columnsOf(l, n, own);
    if (typeof columns === 'string') return { refused: columns };
    const at = Math.max(0, ...inputs.map((x) => readyFor(n, x, columns, level, cols)));
    level.set(n, at);
    cols.set(n, columns);
    if (n.op === 'dotGeneral' && own.slice(n.type.shape.length).some((i) => l.rows.includes(i))) over.push(n);
    const hosting = n.op === 'map' ? hostOf(inputs.filter((x) => level.get(x) === at && x.op !== 'reduce'), columns, { host, cols }) : undefined;
    if (hosting !== undefined) host.set(n, hosting);
  }
  return { level, host, cols, over, ends };
};

export const inputsOf = ({ reads }: Layout, n: Node): readonly Node[] => (reads.get(n)?.inside ?? []).map((r) => r.node);
export const valueIn = ({ aligned }: Layout, n: Node): readonly number[] => { const own = aligned.align.get(n) ?? []; return valueAxes(n).map((axis) => own[axis]); };
const sameSet = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((i) => b.includes(i));

/** the columns of what an anchor computes, or why it has no place in a block of rows */
const columnsOf = ({ rows }: Layout, n: Node, own: readonly number[]): readonly number[] | string => {
  if (!rows.every((i) => own.includes(i))) return 'a value that does not run over all rows';
  const rest = own.filter((i) => !rows.includes(i));
  if (n.op === 'map') return rest;
  if (n.op === 'dotGeneral') return rest.filter((i) => own.indexOf(i) < n.type.shape.length);
  if (n.op !== 'reduce') return 'an operation of another kind';
  const reduced = n.attrs.axes.map((axis) => own[axis]);
  if (reduced.some((i) => rows.includes(i))) return 'a reduction over the rows beside contractions';
  return reduced.length === rest.length ? rest : 'a reduction over some of the columns';
};

/** the level from which on `n` can read `x` */
const readyFor = (n: Node, x: Node, columns: readonly number[], level: ReadonlyMap<Node, number>, cols: ReadonlyMap<Node, readonly number[]>): number => {
  const at = level.get(x) ?? 0, own = cols.get(x) ?? [];
  if (x.op === 'reduce') return at + 1;
  if (n.op === 'dotGeneral') return own.length === 0 && x.op === 'map' ? at : at + 1;
  return x.op === 'dotGeneral' || own.length === 0 || sameSet(own, columns) ? at : at + 1;
};

/** the last contraction of its level, if everything of that level is computed there, over the same columns */
const hostOf = (beside: readonly Node[], columns: readonly number[], { host, cols }: Pick<Levels, 'host' | 'cols'>): Node | undefined => {
  const hosts = beside.map((x) => (x.op === 'dotGeneral' ? x : host.get(x)));
  const found = hosts.reduce((last, x) => (x === undefined || (last !== undefined && last.id > x.id) ? last : x), undefined);
  return found !== undefined && columns.length > 0 && hosts.every((x) => x !== undefined) && sameSet(cols.get(found) ?? [], columns) ? found : undefined;
};

/** a sum over the rows grows in its own memory where it is stored, else in that of a value that is made of it */
export const homesOf = (l: Layout, { over, ends }: Levels): ReadonlyMap<Node, Node> | undefined => {
  const homes = new Map<Node, Node>(), taken = new Set<Node>();
  for (const dot of over) {
    const home = [dot, ...ends].find((n) => l.roots.has(n) && !taken.has(n) && n.type.dtype === dot.type.dtype && sameSet(valueIn(l, n), valueIn(l, dot)) && (n === dot || inputsOf(l, n).includes(dot)));
    if (home === undefined) return undefined;
    homes.set(dot, home);
    taken.add(home);
  }
  return homes;
};

/** The contractions and sweeps of a block in order; what is kept but stored nowhere is a store of its piece too. */
export const piecesOf = (l: Layout, { level, host, cols, ends }: Levels): readonly Piece[] => {
  const pieces: Piece[] = [], inRows = l.anchors.filter((n) => level.has(n) && !ends.has(n)), last = Math.max(0, ...level.values());
  for (let at = 0; at <= last; at++) {
    const here = inRows.filter((n) => level.get(n) === at);
    for (const dot of here) if (dot.op === 'dotGeneral') pieces.push({ at: 'contract', dot, stores: here.filter((n) => host.get(n) === dot) });
    const swept = new Map<string, { cols: readonly number[]; folds: Node<'reduce'>[]; stores: Node[] }>();
    for (const n of here) {
      const own = cols.get(n) ?? [], key = [...own].sort((a, b) => a - b).join();
      if (n.op === 'dotGeneral' || host.has(n) || (n.op === 'map' && own.length === 0)) continue;
      const sweep = swept.get(key) ?? { cols: own, folds: [], stores: [] };
      swept.set(key, sweep);
      if (n.op === 'reduce') sweep.folds.push(n);
      else sweep.stores.push(n);
    }
    for (const sweep of swept.values()) pieces.push({ at: 'sweep', ...sweep });
  }
  return pieces;
};

/** Which products and elementwise values stay, and where: those of the pieces that a later one reads, and those of `always`. */
export const keptValues = (l: Layout, { cols, over, ends }: Levels, pieces: readonly Piece[], always: ReadonlySet<Node> = new Set()): { readonly kept: ReadonlyMap<Node, number>; readonly slots: readonly Slot[] } => {
  const madeIn = new Map<Node, number>(), lastUse = new Map<Node, number>();
  pieces.forEach((p, k) => { for (const n of p.at === 'contract' ? [p.dot, ...p.stores] : [...p.folds, ...p.stores]) madeIn.set(n, k); });
  for (const n of l.anchors) {
    if (ends.has(n)) continue;
    const at = madeIn.get(n) ?? pieces.length;
    for (const x of inputsOf(l, n)) lastUse.set(x, Math.max(lastUse.get(x) ?? 0, at));
  }
  for (const n of always) lastUse.set(n, pieces.length);
  const kept = new Map<Node, number>(), slots: (Slot & { last: number; by: Node })[] = [];
  const wide = [...madeIn].filter(([n, k]) => n.op !== 'reduce' && !over.includes(n) && (lastUse.get(n) ?? 0) > k);
  for (const [n, k] of wide) {
    const piece = pieces[k], own = cols.get(n) ?? [], last = lastUse.get(n) ?? k, { dtype } = n.type;
    const isOperand = (x: Node): boolean => piece.at === 'contract' && inputsOf(l, piece.dot).includes(x);
    const free = slots.findIndex((s) => s.dtype === dtype && s.cols.join() === own.join() && (s.last < k || (s.last === k && madeIn.get(s.by) !== k && !isOperand(s.by))));
    if (free < 0) slots.push({ dtype, cols: own, last, by: n });
    else slots[free] = { ...slots[free], last, by: n };
    kept.set(n, free < 0 ? slots.length - 1 : free);
  }
  return { kept, slots: slots.map(({ dtype, cols: own }) => ({ dtype, cols: own })) };
};

/*
Note [Levels of a block]
A sweep can read what a contraction of its own level has made, and a contraction what was made before its level: all of its
operand must be there before it begins. A reduction along a row is known one level after it is folded. An elementwise value
that needs nothing of its own level but a contraction is computed at that contraction's store, so that the bare product need
not be kept. In a slot, a value may take the place of one that its own piece reads for the last time, element by element;
not that of an operand, whose elements are read again for every column.
*/
