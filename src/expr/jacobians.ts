import { isFloat, type Float } from '../core/dtype.ts';
import { unlike } from './alike.ts';
import { problem } from './codes.ts';
import { reshapeTo } from './dims.ts';
import { exprOf, here, invalid, isValue, typed, typeOf, type Expr, type Problem } from './expr.ts';
import { convertTo, iotaOf, map, reshaped } from './primitives.ts';
import { asBody, gradient, jvp, vjp, wrtProblem } from './transforms.ts';
import { leavesOf, mapLeaves } from './tree.ts';
import { vmap } from './vmap.ts';
import type { Scalar } from './types/functions.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Check, Tensor } from './types/tensor.ts';

type Of<S extends Shape, D extends Float, R extends unknown[], T extends Shape> = (x: Tensor<S, D>, ...rest: R) => Tensor<T, D>;
type Any = Tensor<Shape, Float>;

const countOf = (x: Expr): Dim => {
  const flat = reshapeTo(x.shape, [-1]);
  return 'wrong' in flat ? 0 : flat.shape[0];
};
/** the tensors like x of one 1 and zeros else, one for each place, along a new axis 0 */
const basis = (x: Expr): Expr => {
  const at = here(), n = countOf(x), type = typeOf('i32', [n, n]);
  return reshaped(at, convertTo(at, map(at, 'eq', [iotaOf(at, type, 0), iotaOf(at, type, 1)]), x.dtype), [n, ...x.shape]);
};
/** why there is no Jacobian between these two */
const mistake = (op: string, x: Expr, y: unknown): Problem | undefined => {
  if (!isValue(y)) return problem('trees', `${op}: the function must give one tensor`);
  const bad = [x, y].find((e) => !e.poisoned && !isFloat(e.dtype));
  return bad && problem('notDifferentiable', `${op}: ${bad === x ? 'the argument' : 'the result'} is ${bad.dtype}, which has no derivative`, { hint: "convert(x, 'f32')" });
};
/** the shape of a Jacobian: the result's axes, then the argument's */
const both = (x: Expr, y: Expr): readonly Dim[] => [...y.shape, ...x.shape];

type Mode = 'forward' | 'reverse';
const jacobianBy = (op: string, f: (x: Any) => Any, x: Any, chosen: Mode | undefined): never => {
  const y = f(x), e = exprOf(x), wrong = mistake(op, e, y), at = here();
  if (wrong) return typed(invalid(at, [e], e.type, wrong));
  const r = exprOf(y), columns = countOf(e), rows = countOf(r);
  const isForward = chosen === undefined ? typeof columns === 'number' && (typeof rows === 'string' || columns <= rows) : chosen === 'forward';
  if (isForward) {
    const along = vmap((v: Any) => jvp(f)([x], [v])[1], columns, [0], -1);
    return typed(reshaped(at, exprOf(along(typed(basis(e)))), both(e, r)));
  }
  const pull = vjp(f)(x)[1], back = vmap((ct: Any) => pull(ct)[0], rows);
  return typed(reshaped(at, exprOf(back(typed(basis(r)))), both(e, r)));
};
const jacobianOf = (op: string, f: unknown, mode: Mode | undefined) => (x: unknown, ...rest: readonly unknown[]): never => {
  // SAFETY: the signatures say that it is a function of a tensor, and of what else is passed along
  const of = f as (x: Any, ...rest: readonly unknown[]) => Any;
  return jacobianBy(op, (z) => of(z, ...rest), typed(exprOf(x as Any)), mode);
};

/**
 * All derivatives of a function of one tensor: of each element of the result by each of the first argument, of shape
 * [...result, ...argument]. Forward or reverse, whichever needs fewer passes, unless `mode` names one.
 * @example jacobian((x: F32<[3]>) => mul(x, x))(x) // [3, 3], 2x on the diagonal
 */
export const jacobian = <S extends Shape, D extends Float, R extends unknown[], T extends Shape>(f: Of<S, D, R, T>, mode?: Mode): Of<S, D, R, [...T, ...S]> => jacobianOf('jacobian', f, mode);
/** As `jacobian`, in forward mode: one pass for each element of the argument, all at once. @example jacfwd(f)(x) */
export const jacfwd = <S extends Shape, D extends Float, R extends unknown[], T extends Shape>(f: Of<S, D, R, T>): Of<S, D, R, [...T, ...S]> => jacobianOf('jacfwd', f, 'forward');
/** As `jacobian`, in reverse mode: one pass for each element of the result, all at once. @example jacrev(f)(x) */
export const jacrev = <S extends Shape, D extends Float, R extends unknown[], T extends Shape>(f: Of<S, D, R, T>): Of<S, D, R, [...T, ...S]> => jacobianOf('jacrev', f, 'reverse');

/**
 * All second derivatives of a scalar function of one tensor, of shape [...argument, ...argument]: forward over reverse.
 * @example hessian((x: F32<[3]>) => sum(mul(mul(x, x), x)))(x) // [3, 3], 6x on the diagonal
 */
export const hessian = <S extends Shape, D extends Float, R extends unknown[], T>(f: Check<Scalar<T, 'hessian'>, (x: Tensor<S, D>, ...rest: R) => Tensor<T, D>>): Of<S, D, R, [...S, ...S]> =>
  jacobianOf('hessian', gradient('hessian', asBody<[Tensor<S, D>, ...R], unknown>(f)), 'forward');

/**
 * The Hessian of a scalar function times a vector, without the Hessian: forward over reverse. The argument and the vector
 * are trees that are alike; what comes after them is passed along.
 * @example hvp(lossOf)(params, direction, x, y)
 */
export const hvp = <P, R extends unknown[], T>(f: Check<Scalar<T, 'hvp'>, (p: P, ...rest: R) => Tensor<T, Float>>): ((p: P, v: P, ...rest: R) => P) => (p, v, ...rest) => {
  const wrong = wrtProblem('hvp', p) ?? unlike('hvp', 'vector', leavesOf(p), v), at = here();
  if (wrong) return mapLeaves(p, (x) => invalid(at, [], x.type, wrong));
  const slope = gradient('hvp', asBody<[P, ...R], unknown>(f));
  return jvp((q: P) => slope(q, ...rest))([p], [v])[1];
};
