import type { DType, Float } from '../core/dtype.ts';
import { isFloat, isInteger } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { scalarRow, type ScalarName, type ScalarRow } from '../ir/scalars.ts';
import { problem } from './codes.ts';
import { broadcast, show } from './dims.ts';
import { define, isValue, operandOf, typed, type Expr, type Problem } from './expr.ts';
import { convertTo, filled, map, scalar, stretch } from './primitives.ts';
import { ofDtype } from './unavailable.ts';
import type { Bin, BinR, Cmp, NumberUnary, Test, Unary } from './types/operations.ts';
import type * as T from './types/shape.ts';
import type { Dyn, Shape } from './types/shape.ts';
import type { Check, Ok, Tensor } from './types/tensor.ts';

const takes: { readonly [K in ScalarRow['takes']]: (d: DType) => boolean } = {
  float: isFloat, number: (d) => d !== 'bool', integer: isInteger, bool: (d) => d === 'bool', integerOrBool: (d) => isInteger(d) || d === 'bool', any: () => true,
};
const refusal = (op: string, wants: ScalarRow['takes'], dtype: DType): Problem | undefined => {
  if (takes[wants](dtype)) return undefined;
  const hint = wants === 'float' ? "convert(x, 'f32')" : wants === 'number' ? "convert(x, 'i32')" : undefined;
  return problem('notTaken', `${op}: does not take ${dtype}`, hint === undefined ? {} : { hint });
};

/** A number takes the dtype of the tensor beside it. */
const operand = (at: Origin, x: unknown, beside: unknown): Expr => {
  if (isValue(x)) return x;
  return scalar(at, Number(x), isValue(beside) ? beside.dtype : 'f32');
};
/** the operands but for plain numbers, which are none */
const exprs = (...xs: readonly unknown[]): readonly Expr[] => xs.filter((x) => !isNumber(x)).map(operandOf);
const isNumber = (x: unknown): boolean => typeof x === 'number' || typeof x === 'boolean';

/** the operands brought to one shape, or what is wrong */
const aligned = (at: Origin, op: string, xs: readonly Expr[]): readonly Expr[] | Problem => {
  let shape: Shape = [];
  for (const x of xs) {
    const both = broadcast(shape, x.shape, op);
    if ('wrong' in both) return problem('broadcast', both.wrong, { shapes: xs.map((e) => show(e.shape)), hint: 'sizes must be equal or 1, counted from the last axis' });
    shape = both.shape;
  }
  return xs.map((x) => stretch(at, x, shape));
};
const sameDtypes = (op: string, a: Expr, b: Expr): Problem | undefined => (a.dtype === b.dtype ? undefined
  : problem('dtypes', `${op}: dtypes differ: ${a.dtype} and ${b.dtype}`, { shapes: [show(a.shape), show(b.shape)], hint: `convert(x, '${isFloat(b.dtype) && !isFloat(a.dtype) ? b.dtype : a.dtype}')` }));
const isWrong = (x: readonly Expr[] | Problem): x is Problem => !Array.isArray(x);

/** a function of two operands of one dtype, brought to one shape; a number may stand on either side */
export const ofPair = (op: string, wants: ScalarRow['takes'], rule: (at: Origin, both: readonly Expr[]) => Expr) => (a: unknown, b: unknown): never => typed(define(exprs(a, b), (at) => {
  const x = operand(at, a, b), y = operand(at, b, a);
  const wrong = sameDtypes(op, x, y) ?? refusal(op, wants, x.dtype);
  if (wrong) return wrong;
  const both = aligned(at, op, [x, y]);
  return isWrong(both) ? both : rule(at, both);
}));
/** an element-wise function of two operands, with broadcasting */
export const binary = (op: string, fn: ScalarName) => ofPair(op, scalarRow(fn).takes, (at, both) => map(at, fn, both));
const ofSingle = (op: string, wants: ScalarRow['takes'], rule: (at: Origin, x: Expr) => Expr) => (x: unknown): never => typed(define(exprs(x), (at) => {
  const e = operand(at, x, undefined);
  return refusal(op, wants, e.dtype) ?? rule(at, e);
}));
export const unary = (op: string, fn: ScalarName) => ofSingle(op, scalarRow(fn).takes, (at, x) => map(at, fn, [x]));
const test = (op: string, rule: (at: Origin, x: Expr) => Expr) => ofSingle(op, 'float', rule);

// ── arithmetic: NumPy's broadcasting; a number takes the tensor's dtype; integers wrap

/** x + y, element by element. Shapes broadcast as in NumPy; dtypes must be equal. @example add(x, 1) */
export const add: Bin<'add'> = binary('add', 'add');
/** x − y. @example sub(1, x) */
export const sub: Bin<'sub'> = binary('sub', 'sub');
/** x · y. @example mul(x, y) */
export const mul: Bin<'mul'> = binary('mul', 'mul');
/** x / y; integers toward zero. @example div(x, 2) */
export const div: Bin<'div'> = binary('div', 'div');
/** The remainder of x / y, with the sign of x. @example rem(x, 3) */
export const rem: Bin<'rem'> = binary('rem', 'rem');
/** x to the power y; floats only. @example pow(x, 3) */
export const pow: Bin<'pow'> = binary('pow', 'pow');
/** The angle of the point (x, y) from −π to π, of all quadrants; floats only. @example atan2(y, x) */
export const atan2: Bin<'atan2', Float> = binary('atan2', 'atan2');
/** The larger of two; NaN if either is. @example maximum(x, 0) */
export const maximum: Bin<'maximum'> = binary('maximum', 'max');
/** The smaller of two; NaN if either is. @example minimum(x, 6) */
export const minimum: Bin<'minimum'> = binary('minimum', 'min');

/** x = y, as bool. */
export const equal: Cmp<'equal'> = binary('equal', 'eq');
/** x ≠ y, as bool. */
export const notEqual: Cmp<'notEqual'> = binary('notEqual', 'ne');
/** x < y, as bool. @example less(x, 0) */
export const less: Cmp<'less'> = binary('less', 'lt');
/** x ≤ y, as bool. */
export const lessEqual: Cmp<'lessEqual'> = binary('lessEqual', 'le');
/** x > y, as bool. */
export const greater: Cmp<'greater'> = binary('greater', 'gt');
/** x ≥ y, as bool. */
export const greaterEqual: Cmp<'greaterEqual'> = binary('greaterEqual', 'ge');

type Logic<Op extends string> = <A extends Shape, B extends Shape>(a: Tensor<A, 'bool'>, b: Check<T.Broadcast<A, B, Op>, Tensor<B, 'bool'>>) => Tensor<Ok<T.Broadcast<A, B, Op>>, 'bool'>;
/** Both true. */
export const logicalAnd: Logic<'logicalAnd'> = binary('logicalAnd', 'and');
/** At least one true. */
export const logicalOr: Logic<'logicalOr'> = binary('logicalOr', 'or');
/** Exactly one true. */
export const logicalXor: Logic<'logicalXor'> = binary('logicalXor', 'xor');
/** True where false. */
export const logicalNot: <A extends Shape>(a: Tensor<A, 'bool'>) => Tensor<A, 'bool'> = unary('logicalNot', 'not');

/** Neither infinite nor NaN. @example where(isFinite(x), x, 0) */
export const isFinite: Test = unary('isFinite', 'isFinite');
/** Infinite, of either sign. @example any(isInf(x)) */
export const isInf: Test = test('isInf', (at, x) => map(at, 'eq', [map(at, 'abs', [x]), filled(at, Infinity, x.type)]));
/** Not a number. @example any(isNaN(loss)) */
export const isNaN: Test = test('isNaN', (at, x) => map(at, 'ne', [x, x]));

// ── functions of one operand

/** −x. */
export const neg: NumberUnary = unary('neg', 'neg');
/** |x|. */
export const abs: NumberUnary = unary('abs', 'abs');
/** −1, 0 or 1; keeps NaN and the sign of zero. */
export const sign: NumberUnary = unary('sign', 'sign');
/** The largest integer not above x. */
export const floor: Unary = unary('floor', 'floor');
/** The smallest integer not below x. */
export const ceil: Unary = unary('ceil', 'ceil');
/** The nearest integer; halves to the even one. */
export const round: Unary = unary('round', 'round');
/** eˣ. */
export const exp: Unary = unary('exp', 'exp');
/** eˣ − 1, accurate near 0. */
export const expm1: Unary = unary('expm1', 'expm1');
/** The natural logarithm. */
export const log: Unary = unary('log', 'log');
/** log(1 + x), accurate near 0. */
export const log1p: Unary = unary('log1p', 'log1p');
/** The square root. */
export const sqrt: Unary = unary('sqrt', 'sqrt');
/** 1 / √x. */
export const rsqrt: Unary = unary('rsqrt', 'rsqrt');
/** The sine, of radians. */
export const sin: Unary = unary('sin', 'sin');
/** The cosine, of radians. */
export const cos: Unary = unary('cos', 'cos');
/** The hyperbolic tangent. */
export const tanh: Unary = unary('tanh', 'tanh');
/** 1 / (1 + e⁻ˣ). */
export const sigmoid: Unary = unary('sigmoid', 'logistic');
/** The same as `sigmoid`. */
export const logistic: Unary = unary('logistic', 'logistic');
/** The error function. */
export const erf: Unary = unary('erf', 'erf');
/** x itself, through which no derivative flows. */
export const stopGradient: NumberUnary = unary('stopGradient', 'stopGradient');
/** x². */
export const square: NumberUnary = typedUnary((x) => mul(x, x));
/** max(x, 0); its derivative at 0 is 0. */
export const relu: NumberUnary = typedUnary((x) => maximum(x, 0));
/** 1 / x. */
export const reciprocal: Unary = typedUnary((x) => div(1, x));

function typedUnary(f: (x: Tensor<Dyn, Float>) => Tensor<Dyn, Float>): (x: unknown) => never {
  // SAFETY: f is element-wise, so that its result has the type of its operand
  return (x) => f(x as Tensor<Dyn, Float>) as never;
}

/**
 * x between two bounds.
 * @example clamp(x, -1, 1)
 */
export function clamp<A extends Shape, D extends DType>(x: Tensor<A, D>, low: number, high: number): Tensor<A, D> {
  return minimum(maximum(x, low), high);
}

/** x with another element type: to integers toward zero, to bool by x ≠ 0. @example convert(labels, 'f32') */
export function convert<A extends Shape, D extends DType>(x: Tensor<A>, dtype: D): Tensor<A, D> {
  return typed(ofDtype('convert', dtype, exprs(x), (at) => convertTo(at, operand(at, x, undefined), dtype)));
}

type WhereR<C extends Shape, A extends Shape, D, B extends Shape, E> = T.Broadcast<C, A, 'where'> extends infer R ? R extends Shape ? BinR<R, D, B, E, 'where'> : R : never;
/**
 * `yes` where the condition holds, else `no`; all three broadcast together.
 * @example where(greater(x, 0), x, 0)
 */
export const where: {
  <C extends Shape, A extends Shape, D extends DType>(cond: Tensor<C, 'bool'>, yes: Check<T.Broadcast<C, A, 'where'>, Tensor<A, D>>, no: number): Tensor<Ok<T.Broadcast<C, A, 'where'>>, D>;
  <C extends Shape, A extends Shape, D extends DType>(cond: Tensor<C, 'bool'>, yes: number, no: Check<T.Broadcast<C, A, 'where'>, Tensor<A, D>>): Tensor<Ok<T.Broadcast<C, A, 'where'>>, D>;
  <C extends Shape, A extends Shape, D extends DType, B extends Shape, E extends DType>(
    cond: Tensor<C, 'bool'>, yes: Check<T.Broadcast<C, A, 'where'>, Tensor<A, D>>, no: Check<WhereR<C, A, D, B, E>, Tensor<B, E>>): Tensor<Ok<WhereR<C, A, D, B, E>>, D>;
} = (cond: unknown, yes: unknown, no: unknown): never => typed(define(exprs(cond, yes, no), (at) => {
  const c = operand(at, cond, undefined), x = operand(at, yes, no), y = operand(at, no, yes);
  if (c.dtype !== 'bool') return problem('notTaken', `where: the condition must be bool, but is ${c.dtype}`, { hint: 'compare: greater(x, 0)' });
  const wrong = sameDtypes('where', x, y);
  if (wrong) return wrong;
  const all = aligned(at, 'where', [c, x, y]);
  return isWrong(all) ? all : map(at, 'select', all);
}));
/** The same as `where`. */
export const select: typeof where = where;

