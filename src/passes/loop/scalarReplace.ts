import * as ix from '../../core/affine.ts';
import type { Index, LocalId } from '../../core/affine.ts';
import type { Computed } from '../../core/dtype.ts';
import { declare, innerScope, kernelScope, type Scope } from '../../ir/loop/scope.ts';
import type { Block, BufferId, Expr, Kernel, Place, Program, Stmt } from '../../ir/loop/syntax.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { freshNames, type Fresh } from './names.ts';
import { mapInner, mapKernels, mapStmts } from './rewrite.ts';
import { exprsOf, walk, walkExpr, writesOf } from '../../ir/loop/visit.ts';

type For = Extract<Stmt, { kind: 'for' }>;
type Fold = Extract<Stmt, { kind: 'fold' }>;

/** Keeps what a loop folds into one memory cell in a register while the loop runs, where nothing else in it touches that memory. */
export const scalarReplace = (program: Program): Program => {
  const aliased = aliasedKernels(program);
  return mapKernels(program, (kernel) => (aliased.has(kernel.name) ? kernel : replaceKernel(kernel)));
};

const replaceKernel = (kernel: Kernel): Kernel => {
  const fresh = freshNames(kernel);
  return { ...kernel, body: replaceIn(kernel.body, kernelScope(kernel.params), new Set(), fresh) };
};

/** from the outside in: the outermost loop in which a cell stays the same holds it */
const replaceIn = (block: Block, outer: Scope, registers: ReadonlySet<BufferId>, fresh: Fresh): Block => {
  const scope = innerScope(outer), kept = new Set(registers);
  return block.flatMap((s): Block => {
    declare(s, scope);
    if (s.kind === 'alloc' && s.space === 'register') kept.add(s.buffer);
    const replaced = s.kind === 'for' && s.mode.at !== 'grid' ? holdCells(s, scope, kept, fresh) : [s];
    return replaced.map((r) => mapInner(r, (inner) => replaceIn(inner, scope, kept, fresh)));
  });
};

const holdCells = (loop: For, scope: Scope, registers: ReadonlySet<BufferId>, fresh: Fresh): Block => {
  const fold = steadyFolds(loop, scope, registers)[0];
  if (fold === undefined) return [loop];
  const cells = fold.into.map((place) => ({ place, dtype: scope.buffers.get(place.buffer) ?? 'f32', register: fresh('cell') }));
  const inRegisters = new Map(cells.map(({ place, register }) => [place.buffer, register]));
  const body = mapStmts(loop.body, (s) => (s.kind !== 'fold' ? [s] : [{ ...s, into: s.into.map((p) => register(inRegisters.get(p.buffer), p)) }]));
  const held: Block = [
    ...cells.flatMap(({ place, dtype, register }): Block => [
      { kind: 'alloc', buffer: register, space: 'register', dtype, shape: [1] },
      { kind: 'store', to: first(register), guard: [], value: loadOf(place, dtype) },
    ]),
    { ...loop, body },
    ...cells.map(({ place, dtype, register }): Stmt => ({ kind: 'store', to: place, guard: [], value: loadOf(first(register), dtype) })),
  ];
  // the cell need not be there where the loop never runs
  const runs = (ix.constantOf(loop.extent) ?? 0) > 0;
  return [runs ? { kind: 'block', body: held } : { kind: 'if', test: { kind: 'guard', guard: ix.ge0(ix.shift(loop.extent, -1)) }, then: held, else: [] }];
};
const first = (buffer: BufferId): Place => ({ buffer, at: [ix.zero] });
const register = (name: BufferId | undefined, place: Place): Place => (name === undefined ? place : first(name));
const loadOf = (from: Place, dtype: Computed): Expr => ({ kind: 'load', from, guard: [], other: { kind: 'const', dtype, value: 0 } });

/** folds into memory whose cells no axis or local of the loop moves, and whose buffers nothing else in the loop touches */
const steadyFolds = (loop: For, scope: Scope, registers: ReadonlySet<BufferId>): readonly Fold[] => {
  const folds: Fold[] = [], uses = new Map<BufferId, number>(), conditional = new Set<Stmt>();
  const use = (buffer: BufferId): void => void uses.set(buffer, (uses.get(buffer) ?? 0) + 1);
  walk(loop.body, (s) => {
    if (s.kind === 'if') for (const arm of [s.then, s.else]) walk(arm, (inner) => conditional.add(inner));
    if (s.kind === 'for' && (ix.constantOf(s.extent) ?? 0) < 1) walk(s.body, (inner) => conditional.add(inner));
    if (s.kind === 'fold') folds.push(s);
    writesOf(s).forEach((place) => use(place.buffer));
    for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'load') use(x.from.buffer); });
  });
  const inner = boundIn(loop);
  return folds.filter((fold) => !conditional.has(fold) && fold.into.every((place) =>
    !registers.has(place.buffer) && scope.buffers.has(place.buffer) && uses.get(place.buffer) === 1 && place.at.every((index) => steady(index, inner))));
};

const boundIn = (loop: For): ReadonlySet<string> => {
  const bound = new Set<string>([loop.axis]);
  walk(loop.body, (s) => {
    if (s.kind === 'for') bound.add(s.axis);
    if (s.kind === 'let') bound.add(s.local);
    if (s.kind === 'contract') [s.c, ...[...s.m, ...s.n, ...s.k].map((a) => a.axis)].forEach((name: LocalId) => bound.add(name));
  });
  return bound;
};
const steady = (index: Index, bound: ReadonlySet<string>): boolean =>
  ix.leaves(index).every((leaf) => leaf.kind === 'size' || !bound.has(leaf.kind === 'axis' ? leaf.axis : leaf.local));
