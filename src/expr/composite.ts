import { isFloat, type Float } from '../core/dtype.ts';
import type { Attrs } from '../ir/graph/syntax.ts';
import { problem } from './codes.ts';
import { define, exprOf, here, make, typed, type Expr } from './expr.ts';
import { trace } from './functions.ts';
import { resultsOf } from './primitives.ts';
import { axesOf, inFloats, isIndex, oneAxis } from './reduction.ts';
import { abs, add, div, equal, erf, exp, expm1, greater, greaterEqual, log, log1p, maximum, minimum, mul, neg, ofPair, sigmoid, stopGradient, sub, tanh, where } from './elementwise.ts';
import { max, sum } from './reduction.ts';
import { reshape } from './reshaping.ts';
import { keptShape } from './reduction.ts';
import { zerosLike } from './leaves.ts';
import type { AlongAxis, Red, Unary } from './types/operations.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

export type Attributes = Attrs['composite']['attributes'];
/** A named operation whose meaning is an expression over its operands. */
export const composite = (name: string, attributes: Attributes, inputs: readonly Expr[], body: (...xs: readonly Expr[]) => readonly Expr[], consumes?: Expr): readonly Expr[] => {
  const { traced } = trace(name, inputs, (...xs: readonly Expr[]) => body(...xs));
  const types = traced.results.map((r) => r.type), at = here();
  return resultsOf(at, make(at, 'composite', { name, attributes, body: traced, shared: true, ...(consumes && { consumes }) }, inputs, types));
};

export type FloatTensor = Tensor<Dyn, Float>;
type T = FloatTensor;
/** An element-wise function, or one along an axis, of one float operand. */
const ofOne = (name: string, attributes: Attributes, x: Tensor<Shape>, body: (x: T) => T): never => {
  const e = exprOf(x);
  return typed(define([e], () => (isFloat(e.dtype) ? composite(name, attributes, [e], (v) => [exprOf(body(typed(v)))])[0]
    : problem('notTaken', `${name}: does not take ${e.dtype}`, { hint: "convert(x, 'f32')" }))));
};
export const elementwise = (name: string, body: (x: T) => T): Unary => (x) => ofOne(name, {}, x, body);
/** An element-wise function of two operands, which broadcast. */
export const ofTwo = (name: string, wants: 'float' | 'number', body: (x: T, y: T) => T): ((a: unknown, b: unknown) => never) =>
  ofPair(name, wants, (_, both) => composite(name, {}, both, (x, y) => [exprOf(body(typed(x), typed(y)))])[0]);
/** An element-wise function of one float operand whose slope is known better than from its body: `slope` of x and the result. */
export const sloped = (name: string, body: (x: T) => T, slope: (x: T, y: T) => T): Unary => (x) => {
  const e = exprOf(x);
  return typed(define([e], (at) => {
    if (!isFloat(e.dtype)) return problem('notTaken', `${name}: does not take ${e.dtype}`, { hint: "convert(x, 'f32')" });
    const along = (v: Expr, y: Expr, t: Expr): Expr => exprOf(mul<Dyn, Float>(typed(t), slope(typed(v), typed(y))));
    const { traced } = trace(name, [e], (v: Expr) => [exprOf(body(typed(v)))]);
    const vjp = trace(`${name}_vjp`, [e, e, e], (v: Expr, y: Expr, t: Expr) => [along(v, y, t)]).traced;
    const jvp = trace(`${name}_jvp`, [e, e], (v: Expr, t: Expr) => { const y = exprOf(body(typed(v))); return [y, along(v, y, t)]; }).traced;
    return make(at, 'composite', { name, attributes: {}, body: traced, vjp, jvp, shared: true }, [e], [e.type]);
  }));
};

// ── activations; the inputs and results are floats of one shape. A tie of min or max gives the slope to the second
// operand: the corners of −|x|, max(x, 0) and min(x, 0) are written so that at 0 the slopes add up to the smooth function's

/** log(1 + eˣ), without overflow. */
export const softplus: Unary = elementwise('softplus', (x) => add(maximum(x, 0), log1p(exp(minimum(neg(x), x)))));
/** log(sigmoid(x)), without underflow. */
export const logSigmoid: Unary = elementwise('logSigmoid', (x) => sub(minimum(x, 0), log1p(exp(minimum(x, neg(x))))));
/** x · sigmoid(x), also called swish. */
export const silu: Unary = elementwise('silu', (x) => mul(x, sigmoid(x)));
/** x · tanh(softplus(x)) (Misra 2019). */
export const mish: Unary = elementwise('mish', (x) => mul(x, tanh(add(maximum(x, 0), log1p(exp(minimum(neg(x), x)))))));
/** x / (1 + |x|). */
export const softsign: Unary = elementwise('softsign', (x) => div(x, add(abs(x), 1)));
/** max(0, min(6, x)). */
export const relu6: Unary = elementwise('relu6', (x) => minimum(maximum(x, 0), 6));
/** A straight line from 0 at −3 to 1 at 3. */
export const hardSigmoid: Unary = elementwise('hardSigmoid', (x) => minimum(maximum(add(mul(x, 1 / 6), 0.5), 0), 1));
/** x · hardSigmoid(x). */
export const hardSwish: Unary = elementwise('hardSwish', (x) => mul(x, minimum(maximum(add(mul(x, 1 / 6), 0.5), 0), 1)));
/** Self-normalising (Klambauer et al. 2017). */
export const selu: Unary = elementwise('selu', (x) => mul(where(greater(x, 0), x, mul(expm1(minimum(0, x)), 1.6732632423543772)), 1.0507009873554805));
/** 1 where x ≥ 0, else 0; its derivative is 0. */
export const step: Unary = elementwise('step', (x) => where(greaterEqual(x, 0), onesOf(x), zerosLike(x)));
const onesOf = (x: T): T => add(zerosLike(x), 1);

/** x · Φ(x), with the normal distribution's Φ by `erf`, or its approximation by `tanh` (Hendrycks and Gimpel 2016). @example gelu(x, { approximate: 'tanh' }) */
export function gelu<A extends Shape, D extends Float>(x: Tensor<A, D>, options: { readonly approximate?: 'none' | 'tanh' } = {}): Tensor<A, D> {
  const approximate = options.approximate ?? 'none';
  return ofOne('gelu', { approximate }, x, approximate === 'tanh' ? geluTanh : geluErf);
}
const geluErf = (x: T): T => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
const geluTanh = (x: T): T => mul(mul(x, 0.5), add(tanh(mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1));
/** x where positive, else α(eˣ − 1). */
export function elu<A extends Shape, D extends Float>(x: Tensor<A, D>, alpha = 1): Tensor<A, D> {
  return ofOne('elu', { alpha }, x, (v) => where(greater(v, 0), v, mul(expm1(minimum(0, v)), alpha)));
}
/** x where positive, else slope · x. */
export function leakyRelu<A extends Shape, D extends Float>(x: Tensor<A, D>, slope = 0.01): Tensor<A, D> {
  return ofOne('leakyRelu', { slope }, x, (v) => where(greater(v, 0), v, mul(v, slope)));
}

// ── along axes

const keep = { keepdims: true } as const;
const alongAxis = (name: string, body: (x: T, axis: number) => T) => (x: Tensor<Shape>, axis: unknown = -1): never => {
  const e = exprOf(x);
  return typed(define([e], () => {
    // SAFETY: the overload takes a number or a name
    const place = oneAxis(name, e, axis as Dim);
    if (!isIndex(place)) return place;
    return exprOf(ofOne(name, { axis: place }, x, (v) => body(v, place)));
  }));
};
/** eˣ / Σ eˣ along an axis, the last by default; a row of −∞ alone gives NaN. @example softmax(logits) */
export const softmax: AlongAxis<'softmax'> = alongAxis('softmax', (x, axis) => {
  const e = exp(sub(x, stopGradient(max(x, axis, keep))));
  return div(e, sum(e, axis, keep));
});
/** The logarithm of softmax, accurate where softmax is near 0. */
export const logSoftmax: AlongAxis<'logSoftmax'> = alongAxis('logSoftmax', (x, axis) => {
  const shifted = sub(x, stopGradient(max(x, axis, keep)));
  return sub(shifted, log(sum(exp(shifted), axis, keep)));
});

/** log Σ eˣ along axes (all by default), without overflow; of −∞ alone it is −∞. */
export const logSumExp: Red<'logSumExp', Float> = (x: Tensor<Shape, Float>, axis?: unknown, options: { readonly keepdims?: boolean } = {}): never => {
  const e = exprOf(x);
  return typed(define([e], () => {
    // SAFETY: the overloads let an axis, a list of axes or nothing through
    const axes = axesOf('logSumExp', e.shape, axis as Dim | undefined);
    if (!isList(axes)) return axes;
    const shape = options.keepdims ? keptShape(e.shape, axes) : e.shape.filter((_, i) => !axes.includes(i));
    return exprOf(ofOne('logSumExp', { axes, keepdims: options.keepdims ?? false }, x, (v) => reshape(logSumExpBody(v, axes), [...shape])));
  }));
};
const isList = (x: object): x is readonly number[] => Array.isArray(x);
const logSumExpBody = (x: T, axes: readonly number[]): T => typed(inFloats(here(), exprOf(x), (v) => exprOf(shiftedLog(typed(v), axes))));
/** the largest is taken out first, but not where it is infinite */
const shiftedLog = (x: T, axes: readonly number[]): T => {
  const top = max(x, [...axes], keep), finite = stopGradient(where(equal(abs(top), Infinity), zerosLike(top), top));
  return add(log(sum(exp(sub(x, finite)), [...axes], keep)), finite);
};
