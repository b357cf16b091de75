import * as ix from '../../../core/affine.ts';
import type { Index } from '../../../core/affine.ts';
import type { Dim } from '../../../core/dim.ts';
import type { Node } from '../../../ir/graph/syntax.ts';
import type { Nest, Phase } from '../plan.ts';
import { finished, foldElement, startAccumulator, type Accumulator } from './accumulate.ts';
import { bind, fresh, here, inLoops, type Context } from './context.ts';
import { allocateHeld, forgetHeld, keepHeld, recallHeld, type Place } from './held.ts';
import { atOf, serial, storeAround, storeRoots, type Where } from './stores.ts';

type Rows = Extract<Nest, { kind: 'rows' }>;
type Reduce = Node<'reduce'>;

/** Loops over rows, sweeps over columns in each, and what remains after the last row. */
export const rowsNest = (c: Context, nest: Rows, roots: readonly Node[]): void => {
  const across = reduces(nest, (p) => p.at === 'across').map((n) => startAccumulator(c, n, keptColumns(nest, n)));
  const where: Where = (i) => ix.axis(nameOf(nest, i));
  inLoops(c, nest.rows, serial, () => rowBody(c, nest, roots, where, across));
  for (const acc of across) finishAcross(c, acc);
  endRoots(c, nest, roots.filter((n) => nest.phases.get(n)?.at === 'end' || across.some((a) => a.node === n)));
};

/** One row: the sweeps in order, then the values of the row. `where` says where the row stands. */
export const rowBody = (c: Context, nest: Rows, roots: readonly Node[], where: Where, across: readonly Accumulator[]): void => {
  const places = allocateHeld(c, nest);
  const sweeps = 1 + Math.max(...[...nest.phases.values()].flatMap((p) => (sweepsOver(p) ? [p.sweep] : [])));
  for (let sweep = 0; sweep < sweeps; sweep++) oneSweep(c, nest, roots, where, across, places, sweep);
  for (const acc of across) {
    const phase = nest.phases.get(acc.node);
    if (phase?.at === 'across' && !phase.inner) foldElement(c, acc, iterationAt(nest, acc.node, where), []);
  }
  storeRoots(c, roots.filter((n) => finishedInRow(nest.phases.get(n), n)), (root) => atOf(nest.align, root, where));
  forgetHeld(c, nest);
};

const sweepsOver = (p: Phase): p is Extract<Phase, { sweep: number }> => p.at === 'sweep' || (p.at === 'across' && p.inner);
const finishedInRow = (p: Phase | undefined, n: Node): boolean => p?.at === 'row' || (p?.at === 'sweep' && n.op === 'reduce');
const reduces = (nest: Rows, want: (p: Phase) => boolean): readonly Reduce[] =>
  [...nest.phases].flatMap(([n, p]) => (n.op === 'reduce' && want(p) ? [n] : []));
const spaceOf = (nest: Rows): readonly { readonly name: string; readonly size: Dim }[] =>
  [...nest.rows, ...nest.cols].sort((a, b) => Number(a.name.slice(1)) - Number(b.name.slice(1)));
const nameOf = (nest: Rows, i: number): string => spaceOf(nest)[i].name;
const iterationAt = (nest: Rows, n: Node, where: Where): readonly Index[] => (nest.align.get(n) ?? []).map(where);

const oneSweep = (c: Context, nest: Rows, roots: readonly Node[], where: Where, across: readonly Accumulator[], places: readonly Place[], sweep: number): void => {
  const folding = reduces(nest, (p) => p.at === 'sweep' && p.sweep === sweep).map((n) => startAccumulator(c, n, []));
  const crossing = across.filter(({ node }) => { const p = nest.phases.get(node); return p?.at === 'across' && p.inner && p.sweep === sweep; });
  const storing = roots.filter((n) => { const p = nest.phases.get(n); return n.op !== 'reduce' && p?.at === 'sweep' && p.sweep === sweep; });
  const { loops, inLoop, column } = columnLoops(nest, where, sweep);
  recallHeld(c, nest, places, sweep, inLoop, column);
  inLoops(c, loops, serial, () => {
    for (const acc of folding) foldElement(c, acc, iterationAt(nest, acc.node, inLoop), []);
    for (const acc of crossing) foldElement(c, acc, iterationAt(nest, acc.node, inLoop), keptAt(nest, acc.node, inLoop));
    const keep = keepHeld(c, nest, places, sweep, inLoop, column);
    storeRoots(c, storing, (root) => atOf(nest.align, root, inLoop));
    keep();
  });
  for (const acc of folding) {
    const value = bind(c, 'r', finished(acc, [], here(c)).expr, here(c));
    c.inside.set(acc.node, () => value);
  }
};

/** each sweep has column axes of its own; its values of the row stay where they are */
const columnLoops = (nest: Rows, where: Where, sweep: number): { readonly loops: Rows['cols']; readonly inLoop: Where; readonly column: (axis: string) => Index } => {
  const renamed = new Map(nest.cols.map((axis) => [axis.name, `${axis.name}_${sweep}`]));
  return {
    column: (axis) => ix.axis(renamed.get(axis) ?? axis),
    loops: nest.cols.map((axis) => ({ name: renamed.get(axis.name) ?? axis.name, size: axis.size })),
    inLoop: (i) => { const name = renamed.get(nameOf(nest, i)); return name === undefined ? where(i) : ix.axis(name); },
  };
};

// ── reductions over the rows

const isColumn = (nest: Rows, i: number): boolean => nest.cols.some((axis) => axis.name === nameOf(nest, i));
const keptAxes = (nest: Rows, n: Reduce): readonly number[] => {
  const own = nest.align.get(n) ?? [];
  return own.filter((i, axis) => !n.attrs.axes.includes(axis) && isColumn(nest, i));
};
const keptColumns = (nest: Rows, n: Reduce): readonly Dim[] => keptAxes(nest, n).map((i) => spaceOf(nest)[i].size);
const keptAt = (nest: Rows, n: Reduce, where: Where): readonly Index[] => keptAxes(nest, n).map(where);

const finishAcross = (c: Context, acc: Accumulator): void => {
  if (acc.kept.length > 0) {
    c.inside.set(acc.node, (at) => bind(c, 'r', finished(acc, at, here(c)).expr, here(c)));
    return;
  }
  const value = bind(c, 'r', finished(acc, [], here(c)).expr, here(c));
  c.inside.set(acc.node, () => value);
};

const endRoots = (c: Context, nest: Rows, roots: readonly Node[]): void => {
  storeAround(c, roots, (wide) => {
    const loops = nest.cols.map((axis) => ({ name: fresh(c, 'e'), size: axis.size }));
    const where: Where = (i) => ix.axis(loops[nest.cols.findIndex((axis) => axis.name === nameOf(nest, i))].name);
    inLoops(c, loops, serial, () => storeRoots(c, wide, (root) => atOf(nest.align, root, where)));
  });
};
