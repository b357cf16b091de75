import type { LocalId } from '../../core/affine.ts';
import { computedAs, type Computed } from '../../core/dtype.ts';
import { isScalarName, scalarRow } from '../scalars.ts';
import type { ScalarOp } from '../scalars.ts';
import type { BufferId, Expr, Kernel, Stmt } from './syntax.ts';

/** The dtypes of the values that a statement can see: printer, parser and verifier infer with it, so that they agree. */
export interface Scope {
  readonly buffers: Names<BufferId>;
  readonly locals: Names<LocalId>;
}
/** Names of a block over those of the blocks around it. */
export interface Names<K> { readonly get: (name: K) => Computed | undefined; readonly has: (name: K) => boolean; readonly set: (name: K, dtype: Computed | undefined) => void }
/** a block declares few names, and asks for fewer than there are around it: nothing is copied */
const names = <K>(around?: Names<K>, own?: Map<K, Computed | undefined>): Names<K> => {
  let known = own;
  const get = (name: K): Computed | undefined => (known?.has(name) === true ? known.get(name) : around?.get(name));
  return { get, has: (name) => get(name) !== undefined, set: (name, dtype) => { (known ??= new Map()).set(name, dtype); } };
};

export const emptyScope = (buffers?: ReadonlyMap<BufferId, Computed>): Scope => ({ buffers: names(undefined, buffers && new Map(buffers)), locals: names() });
/** What an inner block declares ends with it; what is declared around it later is seen in it too. */
export const innerScope = (scope: Scope): Scope => ({ buffers: names(scope.buffers), locals: names(scope.locals) });
export const kernelScope = (params: Kernel['params']): Scope =>
  ({ buffers: names(undefined, new Map(params.map((p) => [p.name, computedAs(p.dtype)]))), locals: names() });

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
  scope.locals.set(stmt.local, dtypeOf(stmt.value, scope));
};

/** The scope of a contraction's `then`: its result has the dtype of its operands. */
export const contractScope = (stmt: Extract<Stmt, { kind: 'contract' }>, scope: Scope): Scope => {
  const inner = innerScope(scope);
  inner.locals.set(stmt.c, dtypeOf(stmt.a, scope));
  return inner;
};
