import * as ix from '../../core/affine.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { declare, dtypeOf, innerScope, kernelScope, type Scope } from '../../ir/loop/scope.ts';
import type { Block, Expr, Kernel, Place, Program, Stmt } from '../../ir/loop/syntax.ts';
import type { MonoidName } from '../../ir/monoids.ts';
import { lanesOf, type Target } from '../../ir/target.ts';
import { blocksOf, exprsOf, indicesIn, walk, walkExpr, writesOf, writtenIn } from '../../ir/loop/visit.ts';
import { freshNames, type Fresh } from './names.ts';
import { insideOf, stepOf, type Vectors } from './neighbours.ts';
import { mapInner, mapKernels } from './rewrite.ts';
import { inVectors, nestInVectors } from './vectors.ts';

type For = Extract<Stmt, { kind: 'for' }>;
type Fold = Extract<Stmt, { kind: 'fold' }>;

/**
 * Loops whose elements lie next to each other go in vectors, innermost ones first; an outer loop does where the loops
 * inside it walk across memory. A fold into one place first gathers in as many places as there are lanes, and joins them
 * after the loop. What is left over goes in a vector of which some lanes are not there, or alone. A loop that computes
 * anything in f64 takes the vectors of f64, whose lanes are half as many.
 */
export const vectorise = (program: Program, target: Target): Program => {
  const aliased = aliasedKernels(program);
  return mapKernels(program, (kernel) => (aliased.has(kernel.name) ? kernel : vectoriseKernel(kernel, target)));
};

const vectoriseKernel = (kernel: Kernel, target: Target): Kernel => ({ ...kernel, body: vectoriseIn(kernel.body, kernelScope(kernel.params), target, freshNames(kernel)) });

const vectoriseIn = (block: Block, outer: Scope, target: Target, fresh: Fresh): Block => {
  const scope = innerScope(outer), inside = (s: Stmt): Stmt => mapInner(s, (body) => vectoriseIn(body, scope, target, fresh));
  return block.flatMap((s): Block => {
    declare(s, scope);
    if (s.kind === 'for' && s.mode.at === 'serial') {
      const doubles = isWide(s.body, scope), v: Vectors = { fresh, width: lanesOf(target, doubles ? 'f64' : 'f32') };
      if (fits(s, scope, v, doubles)) return inVectors(s, scope, v);
      const inner = inside(s);
      return inner.kind === 'for' && !hasVectors(inner.body) && nestFits(s, scope, v, doubles) ? nestInVectors(s, scope, v) : [inner];
    }
    return [s.kind === 'for' && s.mode.at === 'vector' ? s : inside(s)];
  });
};
const hasVectors = (block: Block): boolean => {
  let found = false;
  walk(block, (s) => { found ||= s.kind === 'for' && s.mode.at === 'vector'; });
  return found;
};

const loadsOf = (s: Stmt): readonly Extract<Expr, { kind: 'load' }>[] => {
  const loads: Extract<Expr, { kind: 'load' }>[] = [];
  for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'load') loads.push(x); });
  return loads;
};
const plain: readonly MonoidName[] = ['add', 'mul', 'max', 'min', 'and', 'or'];
const positioned: readonly MonoidName[] = ['argMax', 'argMin'];
/** whether the block computes, reads or writes f64 at any depth; values from outside are the same in all lanes */
const isWide = (block: Block, outer: Scope): boolean => {
  const scope = innerScope(outer), isDouble = (p: Place): boolean => scope.buffers.get(p.buffer) === 'f64';
  return block.some((s) => {
    declare(s, scope);
    return insideOf(s).some((e) => e.kind !== 'local' && dtypeOf(e, scope) === 'f64') || writesOf(s).some(isDouble) || blocksOf(s).some((inner) => isWide(inner, scope));
  });
};
const samePlace = (a: Place, b: Place): boolean => a.at.length === b.at.length && a.at.every((index, i) => ix.equalIndex(index, b.at[i]));
/** whether two places that move with the axis by one element are the same only in the same iteration: all else moves by more than there are */
const meetOnlyThemselves = (a: Place, b: Place, axis: ix.AxisId, count: number): boolean => {
  if (a.at.length !== 1 || b.at.length !== 1) return false;
  const apart = ix.sub(a.at[0], b.at[0]), others = [...a.at[0].terms, ...b.at[0].terms].filter(({ of }) => of.kind !== 'axis' || of.axis !== axis);
  const steps = [apart.bias, ...others.map((t) => t.by)].map(Math.abs).filter((step) => step > 0);
  return steps.every((step) => step % Math.min(...steps) === 0) && Math.min(...steps) >= count;
};
/** no index depends on a value that the loop computes */
const plainIndices = (body: Block): boolean => {
  const own = new Set<string>();
  walk(body, (s) => { if (s.kind === 'let') own.add(s.local); });
  let all = true;
  indicesIn(body, (index) => { all &&= !ix.leaves(index).some((leaf) => leaf.kind === 'data' && own.has(leaf.local)); });
  return all;
};

/** only values, stores and folds; neighbours in memory; nothing that another iteration wrote; where lanes are of f64, sums too */
const fits = (loop: For, outer: Scope, { width }: Vectors, doubles: boolean): boolean => {
  const count = ix.constantOf(loop.extent), scope = innerScope(outer);
  if (width === 1 || (count !== undefined && count < width)) return false;
  const gathers = (s: Fold): boolean => (doubles ? plain.includes(s.monoid) && scope.buffers.get(s.into[0].buffer) === 'f64' : plain.includes(s.monoid) || positioned.includes(s.monoid));
  const written = writtenIn(loop.body), targets = loop.body.flatMap(writesOf);
  if (targets.length === 0 || new Set(targets.map((p) => p.buffer)).size < targets.length || !plainIndices(loop.body)) return false;
  return loop.body.every((s) => {
    declare(s, scope);
    if (s.kind !== 'let' && s.kind !== 'store' && s.kind !== 'fold') return false;
    const reads = loadsOf(s).every(({ from }) => {
      const step = stepOf(from, loop.axis);
      return (step === 0 || step === 1) && (!written.has(from.buffer) || (step === 1 && targets.some((t) => t.buffer === from.buffer && samePlace(t, from))));
    });
    if (!reads) return false;
    if (s.kind === 'store') return s.guard.length === 0 && stepOf(s.to, loop.axis) === 1;
    if (s.kind === 'let') return true;
    return s.into.every((p) => stepOf(p, loop.axis) === 0) ? gathers(s) : plain.includes(s.monoid) && (stepOf(s.into[0], loop.axis) ?? 2) < 2;
  });
};

/** whether the guard holds for all iterations or for none */
const isAlike = (guard: ix.Guard, axis: ix.AxisId): boolean => !guard.some(({ of }) => ix.mentions(of, axis));

/**
 * Iterations that are independent of each other, with registers of their own and loops inside: what they read and write
 * of memory lies next to each other from one iteration to the next, or is the same for all.
 */
const nestFits = (loop: For, outer: Scope, { width }: Vectors, doubles: boolean): boolean => {
  const count = ix.constantOf(loop.extent);
  if (width === 1 || count === undefined || count < width || !plainIndices(loop.body)) return false;
  const own = new Set(loop.body.flatMap((s) => (s.kind === 'alloc' && s.space === 'register' ? [s.buffer] : [])));
  const written = new Set([...writtenIn(loop.body)].filter((buffer) => !own.has(buffer)));
  let moves = 0;
  const place = (p: Place, writes: boolean): boolean => {
    if (own.has(p.buffer)) return !p.at.some((index) => ix.mentions(index, loop.axis));
    const step = stepOf(p, loop.axis);
    if (step === 1) moves++;
    return writes ? step === 1 : step === 1 || (step === 0 && !written.has(p.buffer));
  };
  /** the places of each buffer that is written, where what is read of it lies too: no two iterations meet in them */
  const homes = new Map<string, Place[]>();
  const atHome = (p: Place): boolean => {
    if (own.has(p.buffer) || !written.has(p.buffer)) return true;
    const known = homes.get(p.buffer) ?? [];
    homes.set(p.buffer, [...known, p]);
    return known.every((home) => samePlace(home, p) || meetOnlyThemselves(home, p, loop.axis, count));
  };
  const all = (block: Block, known: Scope, top: boolean): boolean => {
    const scope = innerScope(known);
    return block.every((s) => {
      declare(s, scope);
      const places = [...loadsOf(s).map((l) => l.from), ...writesOf(s)];
      if (!loadsOf(s).every((l) => isAlike(l.guard, loop.axis) && place(l.from, false)) || !places.every(atHome)) return false;
      switch (s.kind) {
        case 'let': return true;
        case 'alloc': return top && s.space === 'register' && (s.dtype === 'f64') === doubles;
        case 'store': return s.guard.length === 0 && place(s.to, true);
        case 'fold': return (plain.includes(s.monoid) || (!doubles && positioned.includes(s.monoid) && s.into.every((p) => own.has(p.buffer)))) && s.into.every((p) => place(p, true));
        case 'for': return (s.mode.at === 'serial' || s.mode.at === 'unroll') && !ix.mentions(s.extent, loop.axis) && all(s.body, scope, false);
        case 'block': return s.outline === undefined && all(s.body, scope, false);
        case 'if': case 'contract': return false;
      }
    });
  };
  return loop.body.some((s) => s.kind === 'for') && all(loop.body, outer, true) && moves > 0;
};
