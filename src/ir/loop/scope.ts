import type { LocalId } from '../../core/affine.ts';
import { computedAs, type Computed } from '../../core/dtype.ts';
import { isScalarName, scalarRow } from '../scalars.ts';
import type { ScalarOp } from '../scalars.ts';
import type { BufferId, Expr, Kernel, Stmt } from './syntax.ts';

/** The dtypes of the values that a statement can see: printer, parser and verifier infer with it, so that they agree. */
export interface Scope {
  readonly buffers: Map<BufferId, Computed>;
  readonly locals: Map<LocalId, Computed>;
}

export const emptyScope = (): Scope => ({ buffers: new Map(), locals: new Map() });
/** A copy: what an inner block declares ends with it. */
export const innerScope = (scope: Scope): Scope => ({ buffers: new Map(scope.buffers), locals: new Map(scope.locals) });
export const kernelScope = (params: Kernel['params']): Scope =>
  ({ buffers: new Map(params.map((p) => [p.name, computedAs(p.dtype)])), locals: new Map() });

/** The dtype of an expression as far as the scope tells; `apply` says its own. */
export const dtypeOf = (expr: Expr, scope: Scope): Computed | undefined => {
  switch (expr.kind) {
    case 'const': case 'index': return expr.dtype;
    case 'apply': return computedAs(expr.dtype);
    case 'guard': return 'bool';
    case 'load': return scope.buffers.get(expr.from.buffer);
    case 'local': return scope.locals.get(expr.local);
  }
};

/** The result's dtype where the operands' decide it. */
export const resultDType = (fn: ScalarOp, args: readonly Expr[], scope: Scope): Computed | undefined => {
  const operand = args.length === 3 ? args[1] : args[0];
  const same = operand === undefined ? undefined : dtypeOf(operand, scope);
  if (typeof fn !== 'string' || !isScalarName(fn)) return same;
  const { gives } = scalarRow(fn);
  return gives === 'bool' ? 'bool' : gives === 'same' ? same : undefined;
};

/** Enters what the statement declares for the statements after it. */
export const declare = (stmt: Stmt, scope: Scope): void => {
  if (stmt.kind === 'alloc') scope.buffers.set(stmt.buffer, stmt.dtype);
  if (stmt.kind !== 'let') return;
  const dtype = dtypeOf(stmt.value, scope);
  if (dtype !== undefined) scope.locals.set(stmt.local, dtype);
  else scope.locals.delete(stmt.local);
};

/** The scope of a contraction's `then`: its result has the dtype of its operands. */
export const contractScope = (stmt: Extract<Stmt, { kind: 'contract' }>, scope: Scope): Scope => {
  const inner = innerScope(scope), dtype = dtypeOf(stmt.a, scope);
  if (dtype !== undefined) inner.locals.set(stmt.c, dtype);
  else inner.locals.delete(stmt.c);
  return inner;
};
