import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { arranged, contractable, dotNamed } from './contraction.ts';
import { show, unify } from './dims.ts';
import { define, exprOf, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { broadcastInDim, filled, iotaOf, map, reduced } from './primitives.ts';
import type { Shapes } from './types/operations.ts';
import type * as T from './types/shape.ts';
import type { Dim } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

/**
 * Sums of products, by names of axes: one letter an axis, an operand's letters between commas, the result's after the
 * arrow. A letter that the result lacks is summed over; a letter twice in one operand is its diagonal.
 * @example einsum('bhqd,bhkd->bhqk', q, k)
 */
export function einsum<Eq extends string, L extends Tensor[]>(equation: Check<T.Einsum<Eq, Shapes<L>>, Eq>, ...xs: L): Tensor<Ok<T.Einsum<Eq, Shapes<L>>>, L[0]['dtype']>;
export function einsum(equation: string, ...xs: readonly Tensor[]): never {
  const operands = xs.map(exprOf);
  return typed(define(operands, (at) => {
    const parsed = parse(equation, operands);
    return 'code' in parsed ? parsed : contract(at, operands, parsed);
  }));
}

interface Equation { readonly terms: readonly (readonly string[])[]; readonly out: readonly string[] }
const wrong = (message: string, xs: readonly Expr[]): Problem => problem('einsum', message, { shapes: xs.map((x) => show(x.shape)), hint: "one letter for each axis, as in einsum('ij,jk->ik', a, b)" });

const parse = (equation: string, xs: readonly Expr[]): Equation | Problem => {
  const [left, right, more] = equation.replaceAll(' ', '').split('->');
  if (right === undefined || more !== undefined) return wrong(`einsum: '${equation}' needs an output, as in 'ij,jk->ik'`, xs);
  const terms = left.split(',').map((t) => [...t]), out = [...right];
  if (terms.length > xs.length) return wrong('einsum: fewer operands than the equation names', xs);
  if (terms.length < xs.length) return wrong('einsum: the number of operands is not the one the equation names', xs);
  const sizes = new Map<string, Dim>();
  for (const [i, term] of terms.entries()) {
    if (term.length !== xs[i].shape.length) return wrong(`einsum: '${term.join('')}' does not fit operand ${i + 1}, which is ${show(xs[i].shape)}`, xs);
    for (const [axis, c] of term.entries()) {
      const before = sizes.get(c), size = xs[i].shape[axis], both = before === undefined ? size : unify(before, size);
      if (both === undefined) return wrong(`einsum: '${c}' is ${before} before, but ${size} in operand ${i + 1}`, xs);
      sizes.set(c, both);
    }
  }
  const stray = out.find((c) => !sizes.has(c));
  if (stray !== undefined) return wrong(`einsum: output index '${stray}' occurs in no operand`, xs);
  return new Set(out).size === out.length ? { terms, out } : wrong(`einsum: the output '${out.join('')}' repeats an index`, xs);
};

interface Named { readonly expr: Expr; readonly names: readonly string[] }
/** one operand after another, each index summed as soon as nothing later needs it */
const contract = (at: Origin, xs: readonly Expr[], { terms, out }: Equation): Expr | Problem => {
  const mixed = xs.map((x) => contractable('einsum', xs[0], x)).find((p) => p !== undefined);
  if (mixed) return mixed;
  const needed = (from: number): ReadonlySet<string> => new Set([...out, ...terms.slice(from).flat()]);
  const single = (i: number, keep: ReadonlySet<string>): Named => summed(at, diagonal(at, { expr: xs[i], names: terms[i] }), keep);
  let sofar = single(0, needed(1));
  for (let i = 1; i < xs.length; i++) {
    const keep = needed(i + 1);
    const next = single(i, new Set([...keep, ...sofar.names]));
    sofar = summed(at, dotNamed(at, sofar.expr, sofar.names, next.expr, next.names, keep), keep);
  }
  return arranged(at, sofar.expr, sofar.names, out);
};
const summed = (at: Origin, { expr, names }: Named, keep: ReadonlySet<string>): Named => {
  const axes = names.flatMap((n, i) => (keep.has(n) ? [] : [i]));
  return { expr: reduced(at, 'add', expr, axes), names: names.filter((n) => keep.has(n)) };
};

/** A letter twice in one operand: everything off the diagonal is masked away, then one of the two axes summed. */
const diagonal = (at: Origin, named: Named): Named => {
  const again = named.names.findIndex((n, i) => named.names.indexOf(n) < i);
  if (again < 0) return named;
  const { expr, names } = named, first = names.indexOf(names[again]);
  const along = (axis: number): Expr => broadcastInDim(at, iotaOf(at, typeOf('i32', [expr.shape[axis]]), 0), expr.shape, [axis]);
  const kept = map(at, 'select', [map(at, 'eq', [along(first), along(again)]), expr, filled(at, 0, expr.type)]);
  return diagonal(at, { expr: reduced(at, 'add', kept, [again]), names: names.filter((_, i) => i !== again) });
};
