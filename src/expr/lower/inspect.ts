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

/** Everything that a function's results need, operands first, with the insides of inner functions but for one, if that is told. */
export const everything = (main: Traced, without?: Traced): readonly Expr[] => {
  const seen = new Set<Expr>(), order: Expr[] = [];
  const stack: { readonly expr: Expr; readonly needs: readonly Expr[]; next: number }[] = [];
  const push = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    stack.push({ expr, needs: [...expr.inputs, ...functionsOf(expr).flatMap((f) => (f === without ? [] : f.results))], next: 0 });
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
  ...(checkKeys ? reusedKeys(main, exprs) : []),
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
/** For each choice of branches, the number of the only one that an expression is needed in, if there is such a one. */
type Home = ReadonlyMap<Expr, number>;
const homesOf = (main: Traced, exprs: readonly Expr[], wanted: readonly Expr[]): ReadonlyMap<Expr, Home> => {
  const homes = new Map(wanted.map((e) => [e, new Map<Expr, number>()]));
  for (const choice of exprs) {
    if (choice.op !== 'case') continue;
    for (const [i, branch] of choice.attrs.branches.entries()) {
      const rest = new Set(everything(main, branch));
      homes.forEach((home, e) => { if (!rest.has(e)) home.set(choice, i); });
    }
  }
  return homes;
};
/** whether there is a choice that takes one of the two at most */
const exclude = (a: Home, b: Home): boolean => [...a].some(([choice, i]) => (b.get(choice) ?? i) !== i);

/** A key from which two things are drawn gives both the same bits, unless each is drawn in another branch of one choice. */
const reusedKeys = (main: Traced, exprs: readonly Expr[]): readonly Diagnostic[] => {
  const byKey = new Map<Expr, Use[]>();
  for (const use of exprs.map(useOf)) {
    if (use === undefined) continue;
    const uses = byKey.get(use.key) ?? [];
    uses.push(use);
    byKey.set(use.key, uses);
  }
  const several = [...byKey.values()].filter((uses) => uses.some((u) => u.use !== uses[0].use));
  if (several.length === 0) return [];
  const homes = homesOf(main, exprs, several.flat().map((u) => u.at));
  return several.flatMap((uses) => reuses(uses, (u) => homes.get(u.at) ?? new Map()));
};
const reuses = (uses: readonly Use[], homeOf: (u: Use) => Home): readonly Diagnostic[] => {
  const told = new Set<object>();
  return uses.flatMap((use, i) => {
    const before = uses.slice(0, i).find((u) => u.use !== use.use && !exclude(homeOf(u), homeOf(use)));
    if (before === undefined || told.has(use.use)) return [];
    told.add(use.use);
    const place = placeOf(before.at.origin), where = place ? ` (first at ${place.file}:${place.line})` : '';
    return [located(problem('keyReuse', `a random key is used twice${where}: both draws give the same bits`, { hint: 'const [a, b] = split(key), and use each once' }), use.at.origin)];
  });
};
