import { isSym, type Dim as IrDim, type TensorType } from '../core/dim.ts';
import { renameDim } from './dims.ts';
import { functionsOf, make, toIr, type Expr, type ExprAttrs, type Scope, type Traced } from './expr.ts';
import type { Dim } from './types/shape.ts';
import { tag } from './types/tensor.ts';

/**
 * The results of a traced function over given arguments, its named dimensions replaced. What the function captures
 * from outside stays as it is, whatever its dimensions are called.
 */
export const instantiate = (fn: Traced, args: readonly Expr[], dims: ReadonlyMap<string, Dim>): readonly Expr[] => {
  const made = new Map<Expr, Expr>(fn.params.map((p, i) => [p, args[i]])), own = new Set<Scope>([fn.scope]);
  rebuild(fn.results, { made, own, dims });
  return fn.results.map((r) => made.get(r) ?? r);
};

interface Rebuilding { readonly made: Map<Expr, Expr>; readonly own: Set<Scope>; readonly dims: ReadonlyMap<string, Dim> }

const changes = (e: Expr, { own }: Rebuilding): boolean => e.scopes.size === 0 || [...e.scopes].some((s) => own.has(s));
const rebuild = (results: readonly Expr[], c: Rebuilding): void => {
  const stack: { readonly expr: Expr; readonly needs: readonly Expr[]; next: number }[] = [];
  const push = (expr: Expr): void => { if (!c.made.has(expr) && changes(expr, c)) stack.push({ expr, needs: expr.inputs, next: 0 }); };
  for (const result of results) {
    push(result);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.next < top.needs.length) { push(top.needs[top.next++]); continue; }
      stack.pop();
      if (!c.made.has(top.expr)) c.made.set(top.expr, again(top.expr, c));
    }
  }
};
const again = (e: Expr, c: Rebuilding): Expr => {
  const inputs = e.inputs.map((x) => c.made.get(x) ?? x), results = e.results.map((t) => renamed(t, c));
  const same = functionsOf(e).length === 0 && inputs.every((x, i) => x === e.inputs[i]) && results.every((t, i) => t === e.results[i]);
  if (same) return e;
  return make(e.origin, e.op, attrsOf(e, c), inputs, results, { ...(e.problem && { problem: e.problem }), ...(e[tag] === 'key' && { key: true }) });
};
const renamed = (type: TensorType, { dims }: Rebuilding): TensorType => {
  const dim = (d: IrDim): IrDim => {
    if (!isSym(d)) return d;
    const to = renameDim(d.name, dims);
    return to === d.name ? d : toIr(to);
  };
  const shape = type.shape.map(dim);
  return shape.every((d, i) => d === type.shape[i]) ? type : { dtype: type.dtype, shape };
};
const attrsOf = (e: Expr, c: Rebuilding): ExprAttrs[typeof e.op] => {
  switch (e.op) {
    case 'call': case 'transform': return { ...e.attrs, fn: functionAgain(e.attrs.fn, c) };
    case 'composite': {
      const { body, vjp, jvp, consumes } = e.attrs;
      return {
        ...e.attrs, body: functionAgain(body, c), ...(vjp && { vjp: functionAgain(vjp, c) }), ...(jvp && { jvp: functionAgain(jvp, c) }),
        ...(consumes && { consumes: c.made.get(consumes) ?? consumes }),
      };
    }
    default: return e.attrs;
  }
};
const functionAgain = (fn: Traced, c: Rebuilding): Traced => {
  const scope: Scope = { what: 'scope' };
  c.own.add(fn.scope);
  const params = fn.params.map((p) => make(p.origin, 'placeholder', { ...p.attrs, scope }, [], [renamed(p.type, c)], p[tag] === 'key' ? { key: true } : {}));
  fn.params.forEach((p, i) => c.made.set(p, params[i]));
  rebuild(fn.results, c);
  return { name: fn.name, scope, params, results: fn.results.map((r) => c.made.get(r) ?? r) };
};
