import * as ix from '../../core/affine.ts';
import type { AxisId, Conjunct, Guard, Index } from '../../core/affine.ts';
import type { Block, Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import { boundsOf, inLoop, type Known } from './bounds.ts';
import { freshNames, type Fresh } from './names.ts';
import { copyOf, mapGuards, mapKernels, mapStmts } from './rewrite.ts';
import { exprsOf, sizeOf, walk, walkExpr } from '../../ir/loop/visit.ts';

type For = Extract<Stmt, { kind: 'for' }>;
/** what a loop may become: more would cost more to compile than its guards do */
const most = { parts: 6, statements: 400 } as const;

/**
 * Splits serial loops where a guard over their axis, and over axes of loops inside them, changes: in each part it holds
 * always, never, or in some windows only (`simplifyIndex` then drops the first two). What depends on loops outside too is
 * asked once in an iteration, for all windows together. The borders of a padded image are loops of their own, and its
 * inside has no guards.
 */
export const peelGuards = (program: Program): Program => mapKernels(program, (kernel) => (hasGuards(kernel.body) ? peelKernel(kernel) : kernel));
const hasGuards = (block: Block): boolean => { let any = false; eachConjunct(block, within, () => { any = true; }); return any; };

const peelKernel = (kernel: Kernel): Kernel => {
  const fresh = freshNames(kernel);
  return { ...kernel, body: mapStmts(kernel.body, (s) => (s.kind === 'for' && s.mode.at === 'serial' ? peel(lifted(s, fresh), fresh) : [s])) };
};

const peel = (loop: For, fresh: Fresh): Block => {
  const extent = ix.constantOf(loop.extent);
  if (extent === undefined) return [loop];
  const all: Change[] = [];
  eachConjunct(loop.body, within, (c, inside) => { all.push(...changes(c, loop.axis, inside)); });
  const blurred = all.filter((c) => !c.isSharp), first = Math.max(0, ...blurred.map((c) => c.holdsFrom)), beyond = Math.min(extent, ...blurred.map((c) => c.holdsTo)), hasInside = beyond - first >= 2;
  const cuts = [...new Set(all.filter((c) => hasInside || c.isSharp).flatMap((c) => c.cuts))].filter((at) => at > 0 && at < extent).sort((a, b) => a - b), parts = cuts.length + 1;
  if (parts === 1 || parts > most.parts || parts * sizeOf(loop.body) > most.statements) return [loop];
  return [0, ...cuts].map((from, i): Stmt => {
    const axis = fresh(loop.axis), length = (cuts[i] ?? extent) - from;
    const body = copyOf(loop.body, fresh, (other) => (other === loop.axis ? ix.shift(ix.axis(axis), from) : undefined));
    return { ...loop, axis, extent: ix.constant(length), body };
  });
};

/** nothing is known but of the loops inside */
const within: Known = { syms: new Map(), axes: new Map() };
const eachConjunct = (block: Block, inside: Known, see: (c: Conjunct, inside: Known) => void): void => {
  for (const s of block) {
    const guard = (g: Guard): void => g.forEach((c) => see(c, inside));
    if (s.kind === 'store') guard(s.guard);
    for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'guard' || x.kind === 'load') guard(x.guard); });
    if (s.kind === 'for') eachConjunct(s.body, inLoop(inside, s.axis, s.extent), see);
    if (s.kind === 'block') eachConjunct(s.body, inside, see);
    if (s.kind === 'if') { eachConjunct(s.then, inside, see); eachConjunct(s.else, inside, see); }
  }
};

/** a conjunct as what moves with an axis, what moves with loops inside, by how much, and what stands outside */
interface Parts { readonly by: number; readonly inner: ix.Range; readonly outer: Index }
const partsOf = ({ of }: Conjunct, axis: AxisId, inside: Known): Parts | undefined => {
  const own = of.terms.find((t) => t.of.kind === 'axis' && t.of.axis === axis), rest = of.terms.filter((t) => t !== own);
  if (own === undefined || ix.mentions({ bias: 0, terms: rest }, axis)) return undefined;
  const isInner = (leaf: ix.Leaf): boolean => leaf.kind === 'axis' && inside.axes.has(leaf.axis), leavesOf = (t: ix.Term): readonly ix.Leaf[] => ix.leaves({ bias: 0, terms: [t] });
  const inner = rest.filter((t) => leavesOf(t).every(isInner)), outer = rest.filter((t) => !inner.includes(t));
  if (outer.some((t) => leavesOf(t).some((leaf) => leaf.kind === 'data' || isInner(leaf)))) return undefined;
  const range = ix.range({ bias: of.bias, terms: inner }, boundsOf(inside));
  return Number.isFinite(range.hi - range.lo) ? { by: own.by, inner: range, outer: { bias: 0, terms: outer } } : undefined;
};

/** where along the axis a conjunct over it and loops inside alone changes, and from where to where it holds in all windows; sharp if from one to the next */
interface Change { readonly cuts: readonly number[]; readonly holdsFrom: number; readonly holdsTo: number; readonly isSharp: boolean }
const changes = (c: Conjunct, axis: AxisId, inside: Known): readonly Change[] => {
  const parts = partsOf(c, axis, inside);
  if (parts === undefined || parts.outer.terms.length > 0) return [];
  const { by, inner: { lo, hi } } = parts, root = -lo / by, isSharp = lo === hi;
  if (c.is === 'eq0') return isSharp && Number.isInteger(root) ? [{ cuts: [root, root + 1], holdsFrom: root, holdsTo: root + 1, isSharp }] : [];
  const cuts = [lo, hi].map((rest) => (by > 0 ? Math.ceil(-rest / by) : Math.floor(rest / -by) + 1));
  return [{ cuts, holdsFrom: by > 0 ? cuts[0] : 0, holdsTo: by > 0 ? Infinity : cuts[0], isSharp }];
};

/**
 * The iteration twice, where it stores and has loops inside: where the conjuncts that need axes outside too hold in all windows,
 * and elsewhere.
 */
const lifted = (loop: For, fresh: Fresh): For => {
  const sure = (c: Conjunct, inside: Known): Guard => {
    const parts = c.is === 'ge0' ? partsOf(c, loop.axis, inside) : undefined;
    return parts === undefined || parts.outer.terms.length === 0 ? [] : ix.ge0(ix.add(ix.constant(parts.inner.lo), ix.scale(ix.axis(loop.axis), parts.by), parts.outer));
  };
  const found: Conjunct[] = [];
  if (loop.body.some((s) => s.kind === 'for') && stores(loop.body)) eachConjunct(loop.body, within, (c, inside) => { found.push(...sure(c, inside)); });
  if (found.length === 0 || 2 * sizeOf(loop.body) > most.statements) return loop;
  const holding = mapGuards(copyOf(loop.body, fresh, () => undefined), within, (guard, inside) => guard.filter((c) => sure(c, inside).length === 0));
  return { ...loop, body: [{ kind: 'if', test: { kind: 'guard', guard: ix.simplifyGuard(found, ix.unbounded) }, then: holding, else: loop.body }] };
};
const stores = (block: Block): boolean => { let any = false; walk(block, (s) => { any ||= s.kind === 'store'; }); return any; };
