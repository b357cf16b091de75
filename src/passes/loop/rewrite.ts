import * as ix from '../../core/affine.ts';
import type { AxisId, Guard, Index, LocalId } from '../../core/affine.ts';
import type { Axes, Block, Expr, Kernel, Place, Program, Stmt } from '../../ir/loop/syntax.ts';
import { ofKernels } from '../../ir/loop/visit.ts';
import { inLoop, type Known } from './bounds.ts';
import type { Fresh } from './names.ts';

/** What a copy of loop code changes: axes become indices, locals and buffers other names. */
export interface Renaming {
  readonly axis: (axis: AxisId) => Index | undefined;
  readonly local: (local: LocalId) => Expr;
  readonly buffer: (buffer: string) => string;
}

const index = (r: Renaming, i: Index): Index => ix.substituteLeaves(i, (leaf) => {
  if (leaf.kind === 'axis') return r.axis(leaf.axis);
  if (leaf.kind !== 'data') return undefined;
  const renamed = r.local(leaf.local);
  return renamed.kind === 'local' ? ix.data(renamed.local, leaf.lo, leaf.hi) : undefined;
});
const guard = (r: Renaming, g: Guard): Guard => g.map(({ is, of }) => ({ is, of: index(r, of) }));
const place = (r: Renaming, p: Place): Place => ({ buffer: r.buffer(p.buffer), at: p.at.map((i) => index(r, i)) });

export const renameExpr = (r: Renaming, e: Expr): Expr => {
  switch (e.kind) {
    case 'const': return e;
    case 'index': return { ...e, index: index(r, e.index) };
    case 'guard': return { kind: 'guard', guard: guard(r, e.guard) };
    case 'load': return { kind: 'load', from: place(r, e.from), guard: guard(r, e.guard), other: renameExpr(r, e.other) };
    case 'local': return r.local(e.local);
    case 'apply': return { ...e, args: e.args.map((x) => renameExpr(r, x)) };
  }
};

/** a new name for each local and buffer that the block defines */
const localName = (r: Renaming, local: LocalId): LocalId => {
  const renamed = r.local(local);
  return renamed.kind === 'local' ? renamed.local : local;
};
const axes = (r: Renaming, all: Axes): Axes => all.map((a) => ({ axis: a.axis, extent: index(r, a.extent) }));

export const renameBlock = (r: Renaming, block: Block): Block => block.map((s) => renameStmt(r, s));
const renameStmt = (r: Renaming, s: Stmt): Stmt => {
  switch (s.kind) {
    case 'for': return { ...s, extent: index(r, s.extent), body: renameBlock(r, s.body) };
    case 'let': return { kind: 'let', local: localName(r, s.local), value: renameExpr(r, s.value) };
    case 'alloc': return { ...s, buffer: r.buffer(s.buffer) };
    case 'store': return { kind: 'store', to: place(r, s.to), guard: guard(r, s.guard), value: renameExpr(r, s.value) };
    case 'fold': return { ...s, into: s.into.map((p) => place(r, p)), values: s.values.map((v) => renameExpr(r, v)) };
    case 'if': return { kind: 'if', test: renameExpr(r, s.test), then: renameBlock(r, s.then), else: renameBlock(r, s.else) };
    case 'block': return { ...s, body: renameBlock(r, s.body) };
    case 'contract': return {
      ...s, m: axes(r, s.m), n: axes(r, s.n), k: axes(r, s.k), a: renameExpr(r, s.a), b: renameExpr(r, s.b), c: localName(r, s.c),
      ...(s.init && { init: renameExpr(r, s.init) }), then: renameBlock(r, s.then),
    };
  }
};

/** locals and buffers that a block defines, at any depth */
export const definedIn = (block: Block): ReadonlySet<string> => {
  const names = new Set<string>(), pending: Stmt[] = [...block];
  for (let s = pending.pop(); s !== undefined; s = pending.pop()) {
    if (s.kind === 'let') names.add(s.local);
    if (s.kind === 'alloc') names.add(s.buffer);
    if (s.kind === 'contract') { names.add(s.c); pending.push(...s.then); }
    if (s.kind === 'for' || s.kind === 'block') pending.push(...s.body);
    if (s.kind === 'if') pending.push(...s.then, ...s.else);
  }
  return names;
};

/** A copy with axes replaced, and with names of its own for all that it defines: it may stand beside the original. */
export const copyOf = (block: Block, fresh: Fresh, axis: Renaming['axis'], locals: ReadonlyMap<LocalId, LocalId> = new Map()): Block => {
  const names = new Map([...definedIn(block)].map((name) => [name, fresh(name)]));
  return renameBlock({
    axis,
    local: (local) => ({ kind: 'local', local: locals.get(local) ?? names.get(local) ?? local }),
    buffer: (buffer) => names.get(buffer) ?? buffer,
  }, block);
};

/** The block with axes replaced and nothing renamed. */
export const replaceAxes = (block: Block, axis: Renaming['axis']): Block => renameBlock(onlyAxes(axis), block);
export const onlyAxes = (axis: Renaming['axis']): Renaming => ({ axis, local: (local) => ({ kind: 'local', local }), buffer: (b) => b });
export const onlyBuffers = (buffer: Renaming['buffer']): Renaming => ({ ...onlyAxes(() => undefined), buffer });

/** Rewrites every statement from the inside out; a statement may become several. */
export const mapStmts = (block: Block, f: (s: Stmt) => readonly Stmt[]): Block => block.flatMap((s) => f(mapInner(s, (inner) => mapStmts(inner, f))));
/** The statement with each of its blocks replaced. */
export const mapInner = (s: Stmt, f: (block: Block) => Block): Stmt => {
  switch (s.kind) {
    case 'for': case 'block': return { ...s, body: f(s.body) };
    case 'if': return { ...s, then: f(s.then), else: f(s.else) };
    case 'contract': return { ...s, then: f(s.then) };
    case 'let': case 'alloc': case 'store': case 'fold': return s;
  }
};
/** The block with each of its guards replaced, with what is known of the loops inside it. */
export const mapGuards = (block: Block, inside: Known, f: (guard: Guard, inside: Known) => Guard): Block => {
  const value = (e: Expr): Expr => {
    switch (e.kind) {
      case 'const': case 'index': case 'local': return e;
      case 'guard': return { kind: 'guard', guard: f(e.guard, inside) };
      case 'load': return { ...e, guard: f(e.guard, inside), other: value(e.other) };
      case 'apply': return { ...e, args: e.args.map(value) };
    }
  };
  return block.map((s): Stmt => {
    switch (s.kind) {
      case 'let': return { ...s, value: value(s.value) };
      case 'store': return { ...s, guard: f(s.guard, inside), value: value(s.value) };
      case 'fold': return { ...s, values: s.values.map(value) };
      case 'for': return { ...s, body: mapGuards(s.body, inLoop(inside, s.axis, s.extent), f) };
      case 'block': return { ...s, body: mapGuards(s.body, inside, f) };
      case 'if': return { ...s, test: value(s.test), then: mapGuards(s.then, inside, f), else: mapGuards(s.else, inside, f) };
      case 'alloc': case 'contract': return s;
    }
  });
};
/** The program with each of its kernels replaced, those that are one kernel by one. */
export const mapKernels = (program: Program, f: (kernel: Kernel) => Kernel): Program => ({ ...program, kernels: ofKernels(program, f) });
