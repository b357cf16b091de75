import { isInteger } from '../../core/dtype.ts';
import type { Block, BufferId, Expr, Kernel, Stmt } from '../../ir/loop/syntax.ts';
import { identityIn, type MonoidName } from '../../ir/monoids.ts';

/** The least and the greatest integer of a dtype, which stand where there is no number: in gpu.js floats beyond all integers that it tells apart. */

/** registers that become the greatest or the least of what is folded into them */
export const extremesOf = ({ body }: Kernel): ReadonlySet<BufferId> => {
  const found = new Set<BufferId>();
  eachStmt(body, (s) => { if (s.kind === 'fold' && compares.has(s.monoid)) found.add(s.into[0].buffer); });
  return found;
};
const compares: ReadonlySet<MonoidName> = new Set<MonoidName>(['max', 'min', 'argMax', 'argMin']);
/** the dtype's least or greatest, in place of no number: rounded to a float it is still beyond all integers that there are, and refused where it is a result */
export const isExtreme = (e: Expr): boolean => e.kind === 'const' && isInteger(e.dtype) && [-Infinity, Infinity].some((end) => e.value === identityIn(e.dtype, end));
/**
 * Whether the kernel may give such extremes, and what looks like one is one: it holds or reads them, chooses, and computes no
 * integers, which could come as far.
 */
export const givesExtremes = ({ body }: Kernel, readsExtremes: boolean): boolean => {
  let found = readsExtremes, computes = false;
  const visit = (e: Expr): void => {
    if (isExtreme(e)) found = true;
    if (e.kind === 'load') visit(e.other);
    if (e.kind !== 'apply') return;
    if (isInteger(e.dtype) && e.fn !== 'select' && e.fn !== 'max' && e.fn !== 'min') computes = true;
    e.args.forEach(visit);
  };
  eachStmt(body, (s) => {
    if (s.kind === 'let' || s.kind === 'store') visit(s.value);
    if (s.kind === 'fold') { s.values.forEach(visit); if (!compares.has(s.monoid)) computes = true; }
    if (s.kind === 'if') visit(s.test);
  });
  return found && !computes;
};

export const eachStmt = (block: Block, visit: (s: Stmt) => void): void => {
  const pending = [...block].reverse();
  for (let s = pending.pop(); s !== undefined; s = pending.pop()) {
    visit(s);
    if (s.kind === 'for' || s.kind === 'block') pending.push(...[...s.body].reverse());
    if (s.kind === 'if') pending.push(...s.then, ...s.else);
    if (s.kind === 'contract') pending.push(...s.then);
  }
};
