import { isFloat, type Float } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { show } from './dims.ts';
import { abs, add, div, equal, greaterEqual, lessEqual, mul, neg, sqrt, sub, where } from './elementwise.ts';
import { define, exprOf, here, make, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { trace } from './functions.ts';
import { foriLoop } from './control.ts';
import { matmul } from './contraction.ts';
import { dynamicSlice, dynamicUpdateSlice } from './parts.ts';
import { filled, iotaOf } from './primitives.ts';
import { argmax } from './reduction.ts';
import { concat, reshape, slice, transpose } from './reshaping.ts';
import type { Dyn, Shape } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

/**
 * Linear systems over matrices, as loops of rows and columns. Their derivatives are formulas (Giles 2008, Collected matrix
 * derivative results; Murray 2016, Differentiation of the Cholesky decomposition), in both modes. For batches: `vmap`.
 */
type Matrix = Tensor<Dyn, Float>;
type Index = Tensor<[], 'i32'>;

const sizesOf = (x: Matrix): readonly [number, number] => [Number(x.shape[0]), Number(x.shape[1])];
const as = (x: unknown): Matrix => {
  // SAFETY: a matrix of whatever float dtype the caller has
  return x as Matrix;
};
const zerosOf = (x: Matrix, rows: number, columns: number): Matrix => typed(filled(here(), 0, { dtype: x.dtype, shape: [rows, columns] }));
/** the numbers of the rows, or of the columns, as i32 of a matrix's shape */
const places = (rows: number, columns: number, axis: 0 | 1): Tensor<[number, number], 'i32'> => typed(iotaOf(here(), typeOf('i32', [rows, columns]), axis));
/** one side of the diagonal, and the diagonal where it belongs to it; zeros elsewhere */
const triangle = (x: Matrix, lower: boolean, diagonal = true): Matrix => {
  const [n, m] = sizesOf(x), row = places(n, m, 0), column = places(n, m, 1), kept = lower ? lessEqual(column, row) : greaterEqual(column, row);
  const inside = as(where(kept, x, 0));
  return diagonal ? inside : as(where(equal(row, column), 0, inside));
};
const rowAt = (x: Matrix, i: Index | number): Matrix => as(dynamicSlice(x, [i, 0], [1, Number(x.shape[1])]));
const columnAt = (x: Matrix, j: Index): Matrix => as(dynamicSlice(x, [0, j], [Number(x.shape[0]), 1]));
const put = (x: Matrix, part: Matrix, i: Index | number, j: Index | number): Matrix => as(dynamicUpdateSlice(x, part, [i, j]));
const product = (a: Matrix, b: Matrix): Matrix => as(matmul(a, b));
const minus = (a: Matrix, b: Matrix): Matrix => as(sub(a, b));
const turned = (x: Matrix): Matrix => as(transpose(x));

// ── the loops

export interface TriangularOptions {
  /** which triangle of `a` is read; the lower one unless told otherwise */
  readonly lower?: boolean;
  /** solves aᵀx = b */
  readonly transposed?: boolean;
  /** the diagonal is taken for ones, and not read */
  readonly unit?: boolean;
}
/** row by row, from the first or from the last: what is not solved yet is zero, and adds nothing */
const substituted = (a: Matrix, b: Matrix, { lower = true, transposed = false, unit = false }: TriangularOptions): Matrix => {
  const read = triangle(a, lower), whole = transposed ? turned(read) : read, forward = lower !== transposed, [n, m] = sizesOf(b);
  return foriLoop(n, (k, x: Matrix) => {
    const i = forward ? k : sub(n - 1, k), rest = minus(rowAt(b, i), product(rowAt(whole, i), x));
    return put(x, unit ? rest : as(div(rest, dynamicSlice(whole, [i, i], [1, 1]))), i, 0);
  }, zerosOf(a, n, m));
};
/** column by column (Golub and Van Loan, 4.2.5) */
const factored = (a: Matrix): Matrix => {
  const [n] = sizesOf(a), rows = places(n, 1, 0);
  return foriLoop(n, (j, l: Matrix) => {
    const rest = minus(columnAt(a, j), product(l, turned(rowAt(l, j)))), scaled = div(rest, sqrt(dynamicSlice(rest, [j, 0], [1, 1])));
    return put(l, as(where(greaterEqual(rows, j), scaled, 0)), 0, j);
  }, zerosOf(a, n, n));
};
/** Gauss and Jordan with the largest pivot of each column */
const eliminated = (a: Matrix, b: Matrix): Matrix => {
  const [n, m] = sizesOf(b), rows = places(n, 1, 0);
  const solved = foriLoop(n, (k, x: Matrix) => {
    const column = columnAt(x, k), pivot: Index = reshape(argmax(where(greaterEqual(rows, k), abs(column), -1), 0), []);
    const chosen = rowAt(x, pivot), scaled = as(div(chosen, dynamicSlice(chosen, [0, k], [1, 1]))), moved = put(x, rowAt(x, k), pivot, 0);
    const factors = as(where(equal(rows, k), 0, columnAt(moved, k)));
    return put(minus(moved, as(mul(factors, scaled))), scaled, k, 0);
  }, as(concat([a, b], 1)));
  return as(slice(solved, 1, n, n + m));
};

// ── with their derivatives

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
export function triangularSolve<A extends Shape, B extends Shape, D extends Float>(a: Tensor<A, D>, b: Tensor<B, NoInfer<D>>, options: TriangularOptions = {}): Tensor<B, D> {
  const l = exprOf(a), r = exprOf(b), { lower = true, transposed = false, unit = false } = options, other = { lower, transposed: !transposed, unit };
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
export function cholesky<A extends Shape, D extends Float>(a: Tensor<A, D>): Tensor<A, D> {
  const e = exprOf(a), symmetric = (x: Matrix): Matrix => as(mul(add(x, turned(x)), 0.5));
  /** the lower triangle with half of the diagonal */
  const halved = (x: Matrix): Matrix => as(mul(add(triangle(x, true), triangle(x, true, false)), 0.5));
  return typed(define([e], () => problemOf('cholesky', e) ?? ruled('cholesky', [typed(e)], ([x]) => factored(symmetric(x)), {
    vjp: (_, l, ct) => { const inner = halved(product(turned(l), ct)), left = substituted(l, inner, { transposed: true }); return [symmetric(turned(substituted(l, turned(left), { transposed: true })))]; },
    jvp: (_, l, [dx]) => product(l, halved(turned(substituted(l, turned(substituted(l, symmetric(dx), {})), {})))),
  })));
}
/**
 * x of a·x = b, for any invertible a [n, n] and b [n, m], by elimination with the largest pivots. A singular a gives ∞ and NaN;
 * sizes that do not fit are FX1003, other than square matrices FX1009.
 * @example solve(a, b)
 */
export function solve<A extends Shape, B extends Shape, D extends Float>(a: Tensor<A, D>, b: Tensor<B, NoInfer<D>>): Tensor<B, D> {
  const l = exprOf(a), r = exprOf(b);
  return typed(define([l, r], () => problemOf('solve', l, r) ?? ruled('solve', [typed(l), typed(r)], ([x, y]) => eliminated(x, y), {
    vjp: ([x], y, ct) => { const back = eliminated(turned(x), ct); return [as(neg(product(back, turned(y)))), back]; },
    jvp: ([x], y, [dx, dy]) => eliminated(x, minus(dy, product(dx, y))),
  })));
}
