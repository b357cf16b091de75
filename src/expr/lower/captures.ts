import { isFloat } from '../../core/dtype.ts';
import { functionsOf, type Expr, type Traced } from '../expr.ts';

/**
 * What a function takes from outside: the expressions that its body needs and that depend on no placeholder of its own.
 * What depends on no placeholder at all is built again inside; so are indices and masks, since rules tell a mask by how
 * it is made.
 */
export const capturing = (): ((fn: Traced) => readonly Expr[]) => {
  const known = new Map<Traced, readonly Expr[]>();
  const capturesOf = (fn: Traced): readonly Expr[] => {
    const before = known.get(fn);
    if (before) return before;
    const seen = new Set<Expr>(), found: Expr[] = [], stack = [...fn.results].reverse();
    for (let e = stack.pop(); e !== undefined; e = stack.pop()) {
      if (seen.has(e) || e.scopes.size === 0) continue;
      seen.add(e);
      if (e.scopes.has(fn.scope) || isIndexLike(e)) stack.push(...[...needsOf(e, capturesOf)].reverse());
      else found.push(e);
    }
    known.set(fn, found);
    return found;
  };
  return capturesOf;
};

const views: ReadonlySet<Expr['op']> = new Set(['broadcastInDim', 'reshape', 'transpose']);
/** elementwise integers and truth values, also as floats, and views of them */
const isIndexLike = (e: Expr): boolean => {
  let of = e;
  while (views.has(of.op)) [of] = of.inputs;
  if (of.op !== 'map') return of !== e && !isFloat(of.dtype);
  return !isFloat(of.dtype) || (of.attrs.fn === 'convert' && !isFloat(of.inputs[0].dtype));
};

/** what an expression needs in the graph that holds it: its operands, and what its functions take from outside */
export const needsOf = (e: Expr, capturesOf: (fn: Traced) => readonly Expr[]): readonly Expr[] => {
  const held = functionsOf(e);
  return held.length === 0 ? e.inputs : [...e.inputs, ...capturedBy(held, capturesOf)];
};
/** without repetition, in order */
export const capturedBy = (held: readonly Traced[], capturesOf: (fn: Traced) => readonly Expr[]): readonly Expr[] => [...new Set(held.flatMap(capturesOf))];
