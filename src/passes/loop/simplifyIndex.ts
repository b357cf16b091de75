import { computedAs } from '../../core/dtype.ts';
import * as ix from '../../core/affine.ts';
import type { AxisId, Bounds, Guard, Index } from '../../core/affine.ts';
import type { Axes, Block, Expr, Place, Program, Stmt } from '../../ir/loop/syntax.ts';
import { boundsOf, inLoop, type Known } from './bounds.ts';
import { mapKernels, onlyAxes, renameExpr, replaceAxes } from './rewrite.ts';

type Contract = Extract<Stmt, { kind: 'contract' }>;

/**
 * Simplifies every index and guard by what is known of the axes around it; drops guards that always hold and what lies
 * under guards that never do, loops that never run, and axes that only ever stand at 0.
 */
export const simplifyIndex = (program: Program): Program =>
  mapKernels(program, (kernel) => ({ ...kernel, body: simplifyBlock(kernel.body, { syms: program.syms, axes: new Map() }) }));

const simplifyBlock = (block: Block, known: Known): Block => block.flatMap((s) => simplifyStmt(s, known));

const simplifyStmt = (s: Stmt, known: Known): Block => {
  const bounds = boundsOf(known);
  switch (s.kind) {
    case 'for': return simplifyLoop(s, known);
    case 'let': return [{ ...s, value: simplifyExpr(s.value, bounds) }];
    case 'alloc': return [s];
    case 'store': {
      const guard = ix.simplifyGuard(s.guard, bounds), inside = ix.narrow(bounds, guard);
      return ix.isNever(guard) ? [] : [{ ...s, to: place(s.to, inside), guard, value: simplifyExpr(s.value, inside) }];
    }
    case 'fold': return [{ ...s, into: s.into.map((p) => place(p, bounds)), values: s.values.map((v) => simplifyExpr(v, bounds)) }];
    case 'if': return simplifyIf(s, known);
    case 'block': { const body = simplifyBlock(s.body, known); return body.length === 0 ? [] : [{ ...s, body }]; }
    case 'contract': return simplifyContract(s, known);
  }
};

const at0 = (axis: AxisId) => (other: AxisId): Index | undefined => (other === axis ? ix.zero : undefined);

const simplifyLoop = (s: Extract<Stmt, { kind: 'for' }>, known: Known): Block => {
  const extent = ix.simplify(s.extent, boundsOf(known)), count = ix.constantOf(extent);
  // a flat kernel is its grid, even where that is empty
  if (s.mode.at !== 'grid' && ix.range(extent, boundsOf(known)).hi <= 0) return [];
  if (count === 1 && s.mode.at === 'serial') {
    const body = simplifyBlock(replaceAxes(s.body, at0(s.axis)), known);
    // what the body defines ends with it
    return body.length === 0 ? [] : body.some((inner) => inner.kind === 'let' || inner.kind === 'alloc') ? [{ kind: 'block', body }] : body;
  }
  const body = simplifyBlock(s.body, inLoop(known, s.axis, extent));
  return body.length === 0 ? [] : [{ ...s, extent, body }];
};

const simplifyIf = (s: Extract<Stmt, { kind: 'if' }>, known: Known): Block => {
  const test = simplifyExpr(s.test, boundsOf(known));
  const arm = (block: Block): Block => (block.length === 0 ? [] : [{ kind: 'block', body: block }]);
  if (test.kind === 'const') return arm(simplifyBlock(test.value !== 0 ? s.then : s.else, known));
  return [{ ...s, test, then: simplifyBlock(s.then, known), else: simplifyBlock(s.else, known) }];
};

/** axes of extent 1 go; a contraction with nothing to do for its sums goes too */
const simplifyContract = (s: Contract, known: Known): Block => {
  const bounds = boundsOf(known);
  const single = [...s.m, ...s.n, ...s.k].find((axis) => ix.constantOf(ix.simplify(axis.extent, bounds)) === 1);
  if (single !== undefined) {
    const without = (axes: Axes): Axes => axes.filter((axis) => axis !== single);
    const r = onlyAxes(at0(single.axis));
    return simplifyContract({
      ...s, m: without(s.m), n: without(s.n), k: without(s.k), a: renameExpr(r, s.a), b: renameExpr(r, s.b),
      ...(s.init && { init: renameExpr(r, s.init) }), then: replaceAxes(s.then, at0(single.axis)),
    }, known);
  }
  const bind = (axes: Axes, outer: Known): Known => axes.reduce((inner, { axis, extent }) => inLoop(inner, axis, extent), outer);
  const tile = bind([...s.m, ...s.n], known), sum = boundsOf(bind(s.k, tile));
  const then = simplifyBlock(s.then, tile);
  return then.length === 0 ? [] : [{ ...s, a: simplifyExpr(s.a, sum), b: simplifyExpr(s.b, sum), ...(s.init && { init: simplifyExpr(s.init, boundsOf(tile)) }), then }];
};

const place = (p: Place, bounds: Bounds): Place => ({ buffer: p.buffer, at: p.at.map((index) => ix.simplify(index, bounds)) });
const truth = (guard: Guard): boolean | undefined => (guard.length === 0 ? true : ix.isNever(guard) ? false : undefined);

const simplifyExpr = (e: Expr, bounds: Bounds): Expr => {
  switch (e.kind) {
    case 'const': case 'local': return e;
    case 'index': return { ...e, index: ix.simplify(e.index, bounds) };
    case 'guard': {
      const guard = ix.simplifyGuard(e.guard, bounds), known = truth(guard);
      return known === undefined ? { kind: 'guard', guard } : { kind: 'const', dtype: 'bool', value: known ? 1 : 0 };
    }
    case 'load': {
      const guard = ix.simplifyGuard(e.guard, bounds), known = truth(guard);
      if (known === false) return simplifyExpr(e.other, bounds);
      return { kind: 'load', from: place(e.from, ix.narrow(bounds, guard)), guard, other: known === true ? zeroLike(e.other) : simplifyExpr(e.other, bounds) };
    }
    case 'apply': {
      const args = e.args.map((arg) => simplifyExpr(arg, bounds)), [test] = args;
      return e.fn === 'select' && test.kind === 'const' ? args[test.value !== 0 ? 1 : 2] : { ...e, args };
    }
  }
};
/** what is never read may be anything of the dtype, where its dtype is plain to see */
const zeroLike = (e: Expr): Expr => (e.kind === 'apply' || e.kind === 'index' ? { kind: 'const', dtype: computedAs(e.dtype), value: 0 } : e);
