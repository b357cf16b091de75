import { isFloat, type Float } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { show } from './dims.ts';
import { add, mul, neg } from './elementwise.ts';
import { eliminated, factored, substituted, type TriangularOptions } from './elimination.ts';
import { define, exprOf, here, make, typed, type Expr, type Problem } from './expr.ts';
import { trace } from './functions.ts';
import { as, minus, product, triangle, turned, type Matrix } from './matrix.ts';
import type { Shape } from './types/shape.ts';
import type * as T from './types/shape.ts';
import type { Check, Tensor } from './types/tensor.ts';

export type { TriangularOptions };

/**
 * Linear systems over matrices: substitution and elimination (elimination.ts) with their derivatives, which are formulas (Giles
 * 2008, Collected matrix derivative results; Murray 2016, Differentiation of the Cholesky decomposition), in both modes. For
 * batches: `vmap`.
 */
interface Rules { readonly vjp: (xs: readonly Matrix[], y: Matrix, ct: Matrix) => readonly Matrix[]; readonly jvp: (xs: readonly Matrix[], y: Matrix, ts: readonly Matrix[]) => Matrix }
const ruled = (name: string, xs: readonly Matrix[], body: (xs: readonly Matrix[]) => Matrix, rules: Rules): Expr => {
  const inputs = xs.map((x) => exprOf(x)), given = (es: readonly Expr[]): readonly Matrix[] => es.map((e) => typed(e)), n = inputs.length;
  const { traced } = trace(name, inputs, (...es: readonly Expr[]) => [exprOf(body(given(es)))]), [y] = traced.results;
  const vjp = trace(`${name}_vjp`, [...inputs, y, y], (...es: readonly Expr[]) => rules.vjp(given(es.slice(0, n)), typed(es[n]), typed(es[n + 1])).map((x) => exprOf(x))).traced;
  const jvp = trace(`${name}_jvp`, [...inputs, ...inputs], (...es: readonly Expr[]) => {
    const own = given(es.slice(0, n)), value = body(own);
    return [exprOf(value), exprOf(rules.jvp(own, value, given(es.slice(n))))];
  }).traced;
  return make(here(), 'composite', { name, attributes: {}, body: traced, vjp, jvp }, inputs, [y.type]);
};
/** what comes in where the type takes a tensor: a message as its type has no values */
const matrixOf = (x: unknown): Expr => {
  // SAFETY: as it says
  return exprOf(x as Tensor);
};
const problemOf = (op: string, a: Expr, b?: Expr): Problem | undefined => {
  const shapes = [show(a.shape), ...(b === undefined ? [] : [show(b.shape)])];
  if (!isFloat(a.dtype)) return problem('notTaken', `${op}: does not take ${a.dtype}`, { hint: "convert(a, 'f32')" });
  if (a.shape.length !== 2 || a.shape[0] !== a.shape[1] || typeof a.shape[0] !== 'number') return problem('rank', `${op}: needs a square matrix of known size, but is ${show(a.shape)}`, { shapes, hint: 'vmap solves for each of a batch' });
  if (b === undefined) return undefined;
  if (b.dtype !== a.dtype) return problem('dtypes', `${op}: dtypes differ: ${a.dtype} and ${b.dtype}`, { shapes });
  return b.shape.length === 2 && b.shape[0] === a.shape[0] && typeof b.shape[1] === 'number' ? undefined : problem('innerSizes', `${op}: the right side of ${show(a.shape)} must be [${a.shape[0]}, m], but is ${show(b.shape)}`, { shapes, hint: 'expandDims(b, 1) makes a column of a vector' });
};

/**
 * x of a·x = b, of which only one triangle of a [n, n] is read; b and x are [n, m]. Sizes that do not fit are FX1003, other
 * than square matrices FX1009. A zero on the diagonal gives ∞ and NaN.
 * @example triangularSolve(cholesky(a), b)
 */
export function triangularSolve<A extends Shape, B extends Shape, D extends Float>(a: Check<T.Square<'triangularSolve', A>, Tensor<A, D>>, b: Check<T.RightSide<'triangularSolve', A, B>, Tensor<B, NoInfer<D>>>, options?: TriangularOptions): Tensor<B, D>;
export function triangularSolve(a: unknown, b: unknown, options: TriangularOptions = {}): never {
  const l = matrixOf(a), r = matrixOf(b), { lower = true, transposed = false, unit = false } = options, other = { lower, transposed: !transposed, unit };
  const own = (x: Matrix): Matrix => triangle(x, lower, !unit);
  return typed(define([l, r], () => problemOf('triangularSolve', l, r) ?? ruled('triangularSolve', [typed(l), typed(r)], ([x, y]) => substituted(x, y, options), {
    vjp: ([x], y, ct) => { const back = substituted(x, ct, other); return [as(neg(own(transposed ? product(y, turned(back)) : product(back, turned(y))))), back]; },
    jvp: ([x], y, [dx, dy]) => { const change = own(dx); return substituted(x, minus(dy, product(transposed ? turned(change) : change, y)), options); },
  })));
}
/**
 * The lower triangular l with l·lᵀ = a, of a symmetric positive definite matrix [n, n]; its symmetric part is taken. What is
 * not positive definite gives NaN. Other than square matrices are FX1009.
 * @example const l = cholesky(covariance)
 */
export function cholesky<A extends Shape, D extends Float>(a: Check<T.Square<'cholesky', A>, Tensor<A, D>>): Tensor<A, D>;
export function cholesky(a: unknown): never {
  const e = matrixOf(a), symmetric = (x: Matrix): Matrix => as(mul(add(x, turned(x)), 0.5));
  /** the lower triangle with half of the diagonal */
  const halved = (x: Matrix): Matrix => as(mul(add(triangle(x, true), triangle(x, true, false)), 0.5));
  return typed(define([e], () => problemOf('cholesky', e) ?? ruled('cholesky', [typed(e)], ([x]) => turned(factored(symmetric(x))), {
    vjp: (_, l, ct) => { const inner = halved(product(turned(l), ct)), left = substituted(l, inner, { transposed: true }); return [symmetric(turned(substituted(l, turned(left), { transposed: true })))]; },
    jvp: (_, l, [dx]) => product(l, halved(turned(substituted(l, turned(substituted(l, symmetric(dx), {})), {})))),
  })));
}
/**
 * x of a·x = b, for any invertible a [n, n] and b [n, m], by elimination with the largest pivots. A singular a gives ∞ and NaN;
 * sizes that do not fit are FX1003, other than square matrices FX1009.
 * @example solve(a, b)
 */
export function solve<A extends Shape, B extends Shape, D extends Float>(a: Check<T.Square<'solve', A>, Tensor<A, D>>, b: Check<T.RightSide<'solve', A, B>, Tensor<B, NoInfer<D>>>): Tensor<B, D>;
export function solve(a: unknown, b: unknown): never {
  const l = matrixOf(a), r = matrixOf(b);
  return typed(define([l, r], () => problemOf('solve', l, r) ?? ruled('solve', [typed(l), typed(r)], ([x, y]) => eliminated(x, y), {
    vjp: ([x], y, ct) => { const back = eliminated(turned(x), ct); return [as(neg(product(back, turned(y)))), back]; },
    jvp: ([x], y, [dx, dy]) => eliminated(x, minus(dy, product(dx, y))),
  })));
}
