import type { Diagnostic } from '../../core/diagnostic.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import type { Origin } from '../../core/origin.ts';
import { placeOf } from '../../core/place.ts';
import { problem } from '../codes.ts';
import { functionsOf, type Expr, type Problem, type Traced } from '../expr.ts';

/** A problem with the place where the user wrote what has it. */
export const located = (p: Problem, origin: Origin): Diagnostic => {
  const place = placeOf(origin);
  return diagnostic(p.code, p.message, { ...(place && { place }), ...(p.shapes && { shapes: p.shapes }), ...(p.hint !== undefined && { hint: p.hint }) });
};

/** Everything that a function's results need, operands first, with the insides of inner functions. */
export const everything = (main: Traced): readonly Expr[] => {
  const seen = new Set<Expr>(), order: Expr[] = [];
  const stack: { readonly expr: Expr; readonly needs: readonly Expr[]; next: number }[] = [];
  const push = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    stack.push({ expr, needs: [...expr.inputs, ...functionsOf(expr).flatMap((f) => [...f.results])], next: 0 });
  };
  for (const result of main.results) {
    push(result);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.next < top.needs.length) push(top.needs[top.next++]);
      else { stack.pop(); order.push(top.expr); }
    }
  }
  return order;
};

/** What is wrong with a function before any size is known. */
export const inspect = (main: Traced, exprs: readonly Expr[], checkKeys: boolean): readonly Diagnostic[] => [
  ...mistakes(exprs),
  ...unbound(main, exprs),
  ...duplicates(main),
  ...(checkKeys ? reusedKeys(exprs) : []),
];

/** one mistake may stand on several expressions: on every leaf of a tree that it spoilt */
const mistakes = (exprs: readonly Expr[]): readonly Diagnostic[] => {
  const told = new Set<Problem>();
  return exprs.flatMap((e) => {
    if (e.problem === undefined || told.has(e.problem)) return [];
    told.add(e.problem);
    return [located(e.problem, e.origin)];
  });
};
const unbound = (main: Traced, exprs: readonly Expr[]): readonly Diagnostic[] => {
  const open = new Set(main.results.flatMap((r) => [...r.scopes]).filter((s) => s !== main.scope));
  return exprs.flatMap((e) => (e.op === 'placeholder' && open.has(e.attrs.scope)
    ? [located(problem('unbound', `'${main.name}' uses an input that it does not take: ${e.dtype}[${e.shape.join(', ')}]`, { hint: 'add it to the arguments of fn, or give it numbers with array(…)' }), e.origin)] : []));
};

const duplicates = (main: Traced): readonly Diagnostic[] => {
  const names = main.params.map((p) => p.attrs.name);
  return [...new Set(names.filter((n, i) => names.indexOf(n) < i))].map((name) => {
    const second = main.params[names.lastIndexOf(name)];
    return located(problem('duplicate', `two arguments of '${main.name}' are called '${name}'`, { hint: 'give every argument its own name in args' }), second.origin);
  });
};

interface Use { readonly key: Expr; readonly use: object; readonly at: Expr }
const useOf = (e: Expr): Use | undefined => {
  if (e.op === 'composite' && e.attrs.consumes) return { key: e.attrs.consumes, use: e, at: e };
  return e.op === 'constant' && e.attrs.splitFrom ? { ...e.attrs.splitFrom, at: e } : undefined;
};
/** A key from which two things are drawn gives both the same bits. */
const reusedKeys = (exprs: readonly Expr[]): readonly Diagnostic[] => {
  const first = new Map<Expr, Use>(), found: Diagnostic[] = [], told = new Set<object>();
  for (const use of exprs.map(useOf)) {
    if (use === undefined) continue;
    const before = first.get(use.key) ?? use;
    first.set(use.key, before);
    if (before.use === use.use || told.has(use.use)) continue;
    told.add(use.use);
    const place = placeOf(before.at.origin), where = place ? ` (first at ${place.file}:${place.line})` : '';
    found.push(located(problem('keyReuse', `a random key is used twice${where}: both draws give the same bits`, { hint: 'const [a, b] = split(key), and use each once' }), use.at.origin));
  }
  return found;
};
