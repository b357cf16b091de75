import { leaves, type Guard, type Index, type LocalId } from '../../core/affine.ts';
import type { Block, BufferId, Expr, Kernel, KernelId, Place, Program, Step, Stmt } from './syntax.ts';

/*
 * Reading loop code: what a statement itself mentions, and what it and all statements inside it do. Every pass asks, of
 * programs that are compiled once, so that this runs before V8 has made it quick: loops are counted, and what is empty is shared.
 */
const none: readonly never[] = [];

/** What `f` gives for each kernel; it is asked once for one that has several names. */
export const ofKernels = <A>({ kernels }: Program, f: (kernel: Kernel) => A): ReadonlyMap<KernelId, A> => {
  const given = new Map([...new Set(kernels.values())].map((kernel) => [kernel, f(kernel)]));
  // SAFETY: each of them was asked about
  return new Map([...kernels].map(([id, kernel]) => [id, given.get(kernel) as A]));
};

export const blocksOf = (s: Stmt): readonly Block[] => {
  switch (s.kind) {
    case 'for': case 'block': return [s.body];
    case 'if': return [s.then, s.else];
    case 'contract': return [s.then];
    case 'let': case 'alloc': case 'store': case 'fold': return none;
  }
};
/** Every statement at any depth, outer ones first. */
export const walk = (block: Block, see: (s: Stmt) => void): void => {
  for (let i = 0; i < block.length; i++) {
    const s = block[i], inner = blocksOf(s);
    see(s);
    for (let j = 0; j < inner.length; j++) walk(inner[j], see);
  }
};

/** the expressions of the statement itself */
export const exprsOf = (s: Stmt): readonly Expr[] => {
  switch (s.kind) {
    case 'let': case 'store': return [s.value];
    case 'fold': return s.values;
    case 'if': return [s.test];
    case 'contract': return s.init === undefined ? [s.a, s.b] : [s.a, s.b, s.init];
    case 'for': case 'alloc': case 'block': return none;
  }
};
/** the places that the statement itself writes */
export const writesOf = (s: Stmt): readonly Place[] => (s.kind === 'store' ? [s.to] : s.kind === 'fold' ? s.into : none);

/** Every expression inside an expression, outer ones first. */
export const walkExpr = (e: Expr, see: (e: Expr) => void): void => {
  see(e);
  if (e.kind === 'load') walkExpr(e.other, see);
  if (e.kind === 'apply') for (let i = 0; i < e.args.length; i++) walkExpr(e.args[i], see);
};

const guardIndices = (guard: Guard, see: (i: Index) => void): void => guard.forEach(({ of }) => see(of));
/** Every index of an expression. */
export const indicesOf = (e: Expr, see: (i: Index) => void): void => walkExpr(e, (x) => {
  if (x.kind === 'index') see(x.index);
  if (x.kind === 'guard') guardIndices(x.guard, see);
  if (x.kind === 'load') { x.from.at.forEach(see); guardIndices(x.guard, see); }
});
/** Every index of a block, those of extents too. */
export const indicesIn = (block: Block, see: (i: Index) => void): void => walk(block, (s) => {
  for (const e of exprsOf(s)) indicesOf(e, see);
  for (const place of writesOf(s)) place.at.forEach(see);
  if (s.kind === 'store') guardIndices(s.guard, see);
  if (s.kind === 'for') see(s.extent);
  if (s.kind === 'contract') [...s.m, ...s.n, ...s.k].forEach((axis) => see(axis.extent));
});

/** Buffers that the block writes, stores and folds alike. */
export const writtenIn = (block: Block): ReadonlySet<BufferId> => {
  const written = new Set<BufferId>();
  walk(block, (s) => writesOf(s).forEach((place) => written.add(place.buffer)));
  return written;
};
/** Buffers that the block reads; what is folded into is read too. */
export const readIn = (block: Block): ReadonlySet<BufferId> => {
  const read = new Set<BufferId>();
  walk(block, (s) => {
    if (s.kind === 'fold') writesOf(s).forEach((place) => read.add(place.buffer));
    for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'load') read.add(x.from.buffer); });
  });
  return read;
};
/** Values that the block mentions, in indices too. */
export const localsIn = (block: Block): ReadonlySet<LocalId> => {
  const found = new Set<LocalId>();
  walk(block, (s) => { for (const e of exprsOf(s)) walkExpr(e, (x) => { if (x.kind === 'local') found.add(x.local); }); });
  indicesIn(block, (index) => { for (const leaf of leaves(index)) if (leaf.kind === 'data') found.add(leaf.local); });
  return found;
};
/** The steps that run a kernel, those in loops and branches too. */
export const runsIn = (steps: readonly Step[]): readonly Extract<Step, { kind: 'run' }>[] => steps.flatMap((s): readonly Extract<Step, { kind: 'run' }>[] => {
  switch (s.kind) {
    case 'run': return [s];
    case 'loop': return runsIn(s.body);
    case 'branch': return s.cases.flatMap(runsIn);
    case 'barrier': return none;
  }
});
/** How many statements there are, at any depth. */
export const sizeOf = (block: Block): number => {
  let n = 0;
  walk(block, () => n++);
  return n;
};
