import * as ix from '../../core/affine.ts';
import type { Guard, Index, LocalId } from '../../core/affine.ts';
import { printExpr } from '../../ir/loop/print.ts';
import type { Block, BufferId, Expr, Kernel, Program, Stmt } from '../../ir/loop/syntax.ts';
import { aliasedKernels } from '../../ir/loop/aliases.ts';
import { boundsOf, inLoop, type Known } from './bounds.ts';
import { freshNames, type Fresh } from './names.ts';
import { definedIn, mapKernels, renameBlock, renameExpr, type Renaming } from './rewrite.ts';
import { indicesOf, walkExpr, writtenIn } from '../../ir/loop/visit.ts';

type For = Extract<Stmt, { kind: 'for' }>;
interface Hoist { readonly fresh: Fresh; readonly sizes: ReadonlyMap<BufferId, number>; readonly aliased: boolean }

/** Computes what does not change in a loop before it, from the innermost loop outwards: values, loads, and parts of expressions. */
export const hoist = (program: Program): Program => {
  const aliased = aliasedKernels(program);
  return mapKernels(program, (kernel) => hoistKernel(kernel, { syms: program.syms, axes: new Map() }, aliased.has(kernel.name)));
};

const hoistKernel = (kernel: Kernel, known: Known, aliased: boolean): Kernel => {
  const h: Hoist = { fresh: freshNames(kernel), sizes: new Map(kernel.params.map((p) => [p.name, p.size])), aliased };
  return { ...kernel, body: hoistIn(kernel.body, known, h) };
};

const hoistIn = (block: Block, known: Known, h: Hoist): Block => block.flatMap((s): Block => {
  switch (s.kind) {
    case 'for': {
      const loop = { ...s, body: hoistIn(s.body, inLoop(known, s.axis, s.extent), h) };
      return s.mode.at === 'grid' ? [loop] : hoistLoop(loop, known, h);
    }
    case 'block': return [{ ...s, body: hoistIn(s.body, known, h) }];
    case 'if': return [{ ...s, then: hoistIn(s.then, known, h), else: hoistIn(s.else, known, h) }];
    case 'let': case 'alloc': case 'store': case 'fold': case 'contract': return [s];
  }
});

/** What leaves a loop, and what it was called inside. */
interface Leaving {
  readonly h: Hoist;
  readonly loop: For;
  readonly known: Known;
  readonly runs: boolean;
  readonly written: ReadonlySet<BufferId>;
  readonly defined: ReadonlySet<string>;
  readonly lets: Stmt[];
  readonly moved: Map<LocalId, LocalId>;
  readonly byText: Map<string, LocalId>;
}

const hoistLoop = (loop: For, known: Known, h: Hoist): Block => {
  const l: Leaving = {
    h, loop, known, runs: (ix.constantOf(loop.extent) ?? 0) > 0, written: writtenIn(loop.body), defined: definedIn(loop.body),
    lets: [], moved: new Map(), byText: new Map(),
  };
  const body = hoistFrom(loop.body, l);
  return [...l.lets, { ...loop, body: l.moved.size === 0 ? body : renameBlock(renaming(l), body) }];
};
const renamed = (e: Expr, l: Leaving): Expr => (l.moved.size === 0 ? e : renameExpr(renaming(l), e));
const renaming = (l: Leaving): Renaming => ({
  axis: () => undefined, local: (local) => ({ kind: 'local', local: l.moved.get(local) ?? local }), buffer: (b) => b,
});

/** the statements that stay; inner loops have given up theirs to this one already */
const hoistFrom = (block: Block, l: Leaving): Block => block.flatMap((s): Block => {
  switch (s.kind) {
    case 'let': {
      const value = renamed(s.value, l);
      // another name for a value that stays: the value's own name will do
      if (value.kind === 'local' && l.defined.has(value.local)) { l.moved.set(s.local, value.local); return []; }
      if (value.kind !== 'local' && value.kind !== 'const' && !leaves(value, l, l.runs)) return [{ ...s, value: parts(value, l, l.runs) }];
      l.moved.set(s.local, named(value, s.local, l));
      return [];
    }
    case 'store': return [{ ...s, value: parts(renamed(s.value, l), l, l.runs && s.guard.length === 0) }];
    case 'fold': return [{ ...s, values: s.values.map((v) => parts(renamed(v, l), l, l.runs)) }];
    case 'if': return [{ ...s, test: parts(renamed(s.test, l), l, l.runs) }];
    case 'block': return [{ ...s, body: hoistFrom(s.body, l) }];
    case 'for': case 'alloc': case 'contract': return [s];
  }
});

const named = (value: Expr, wish: string, l: Leaving): LocalId => {
  const key = printExpr(value), known = l.byText.get(key);
  if (known !== undefined) return known;
  const local = l.h.fresh(wish);
  l.lets.push({ kind: 'let', local, value });
  l.byText.set(key, local);
  return local;
};

/** the largest parts of an expression that can leave, as locals; only calls and loads are worth a name */
const parts = (e: Expr, l: Leaving, sure: boolean): Expr => {
  if (e.kind !== 'apply' && e.kind !== 'load') return e;
  if (leaves(e, l, sure)) return { kind: 'local', local: named(e, 'h', l) };
  return e.kind === 'apply' ? { ...e, args: e.args.map((arg, i) => parts(arg, l, sure && !(e.fn === 'select' && i > 0))) } : e;
};

/** Whether the value is the same in every iteration, and can be had even if there is none. `sure`: it is computed in each. */
const leaves = (e: Expr, l: Leaving, sure: boolean): boolean => {
  let can = true;
  indicesOf(e, (index) => { can &&= steady(index, l); });
  walkExpr(e, (x) => {
    if (x.kind === 'local') can &&= !l.defined.has(x.local);
    if (x.kind === 'load') can &&= unchanged(x.from.buffer, l) && (sure || within(x.from.at, x.guard, x.from.buffer, l));
  });
  return can;
};
const steady = (index: Index, l: Leaving): boolean =>
  ix.leaves(index).every((leaf) => leaf.kind === 'size' || (leaf.kind === 'axis' ? leaf.axis !== l.loop.axis : !l.defined.has(leaf.local)));
const unchanged = (buffer: BufferId, l: Leaving): boolean =>
  !l.defined.has(buffer) && !(l.h.aliased && l.written.size > 0 ? l.h.sizes.has(buffer) || l.written.has(buffer) : l.written.has(buffer));
/** proven to lie in a parameter's memory */
const within = ([index]: readonly Index[], guard: Guard, buffer: BufferId, l: Leaving): boolean => {
  const size = l.h.sizes.get(buffer);
  if (size === undefined) return false;
  const { lo, hi } = ix.rangeUnder(index, guard, boundsOf(l.known));
  return lo >= 0 && hi < size;
};
