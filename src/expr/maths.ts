import type { Float } from '../core/dtype.ts';
import { elementwise, ofTwo, sloped, type FloatTensor } from './composite.ts';
import {
  abs, add, atan2, cos, div, equal, exp, expm1, greater, less, log, log1p, logicalAnd, logicalOr, maximum, minimum, mul, neg, notEqual, pow, rem, sin, sqrt, square, stopGradient, sub, where,
} from './elementwise.ts';
import { exprOf } from './expr.ts';
import type { Bin, Unary } from './types/operations.ts';

/*
 * Functions made of others, so that they keep their digits near 0 and far from it, and their derivatives with them.
 * On wasm off by at most so many units in the last place, of f32 and of f64: cbrt 1, log2 and log10 2 and 3, atan 2, the others 4,
 * acosh of f64 5, exp2 as pow. See Note [Both branches] and Note [Odd functions].
 */
type T = FloatTensor;

// ── angles, in radians

/** The tangent. @example tan(x) */
export const tan: Unary = elementwise('tan', (x) => div(sin(x), cos(x)));
/** √(1 − x²), of which neither end has lost its digits; its derivative there is infinite, not NaN */
const cosineOf = (x: T): T => mul(sqrt(sub(1, x)), sqrt(add(1, x)));
/** The angle whose sine is x, from −π/2 to π/2; NaN beyond [−1, 1]. @example asin(x) */
export const asin: Unary = elementwise('asin', (x) => atan2(x, cosineOf(x)));
/** The angle whose cosine is x, from 0 to π; NaN beyond [−1, 1]. @example acos(x) */
export const acos: Unary = elementwise('acos', (x) => atan2(cosineOf(x), x));
/** The angle whose tangent is x, from −π/2 to π/2. @example atan(x) */
export const atan: Unary = elementwise('atan', (x) => atan2(x, 1));

// ── hyperbolas

/** 2·sinh(x/2) of x, and 2·cosh(x/2): by halves, so that they overflow only where the result does */
const halves = (x: T): readonly [T, T] => {
  const up = expm1(mul(x, 0.5)), down = expm1(mul(x, -0.5));
  return [sub(up, down), add(add(up, down), 2)];
};
const sine = (x: T): T => { const [s, c] = halves(x); return mul(mul(s, 0.5), c); };
const cosine = (x: T): T => { const [s] = halves(x); return add(mul(mul(s, 0.5), s), 1); };
// each is the other's slope: through the halves it would be a difference of infinities where the result is infinite
/** The hyperbolic sine. @example sinh(x) */
export const sinh: Unary = sloped('sinh', sine, cosine);
/** The hyperbolic cosine. @example cosh(x) */
export const cosh: Unary = sloped('cosh', cosine, sine);

/** beyond it x² + 1 is x², and x² does not overflow before it */
const large = 1e9;
/** The inverse of sinh. @example asinh(x) */
export const asinh: Unary = elementwise('asinh', (x) => {
  // log(a + √(1 + a²)) of a = |x|, and log 2a of large ones
  const isNegative = less(x, 0), a = where(isNegative, neg(x), x), isLarge = greater(a, large), b = where(isLarge, 0, a);
  const rest = div(b, add(sqrt(add(mul(b, b), 1)), 1)), grown = log1p(where(isLarge, sub(a, 1), mul(a, add(rest, 1)))), value = where(isLarge, add(grown, Math.LN2), grown);
  return where(isNegative, neg(value), value);
});
/** The inverse of cosh, from 0 up; NaN below 1. @example acosh(x) */
export const acosh: Unary = elementwise('acosh', (x) => {
  // log(1 + d + √d·√(2 + d)) of d = x − 1, and log 2x of large ones
  const d = sub(x, 1), isLarge = greater(d, large), b = where(isLarge, 1, d), root = mul(sqrt(b), sqrt(add(b, 2))), grown = log1p(add(d, where(isLarge, 0, root)));
  return where(isLarge, add(grown, Math.LN2), grown);
});
/** The inverse of tanh; NaN beyond [−1, 1]. @example atanh(x) */
export const atanh: Unary = elementwise('atanh', (x) => mul(sub(log1p(x), log1p(neg(x))), 0.5));

// ── powers and logarithms

/** 2ˣ, exact at whole numbers. @example exp2(x) */
export const exp2: Unary = elementwise('exp2', (x) => pow(2, x));
/** The logarithm to base 2. @example log2(x) */
export const log2: Unary = elementwise('log2', (x) => div(log(x), Math.LN2));
/** The logarithm to base 10. @example log10(x) */
export const log10: Unary = elementwise('log10', (x) => div(log(x), Math.LN10));
/** The cube root, of negative numbers too. @example cbrt(x) */
export const cbrt: Unary = elementwise('cbrt', (x) => {
  // Newton's step makes good what 1/3 has lost; at the edges the square root is as good, with the right slope
  const isNegative = less(x, 0), a = where(isNegative, neg(x), x), isEdge = logicalOr(equal(a, 0), equal(a, Infinity)), b = where(isEdge, 1, a);
  const y = pow(b, 1 / 3), better = sub(y, mul(sub(y, div(b, square(y))), 1 / 3)), value = where(isEdge, sqrt(where(isEdge, a, 1)), better);
  return where(isNegative, neg(value), value);
});
/** log(eˣ + eʸ), without overflow; of −∞ alone it is −∞. @example logaddexp(x, y) */
export const logaddexp: Bin<'logaddexp', Float> = ofTwo('logaddexp', 'float', (x, y) => {
  const top = maximum(x, y), isEndless = equal(abs(top), Infinity), d = where(isEndless, 0, sub(x, y));
  // the tie of the minimum gives its slope to d, as that of the maximum gives its to y: together a half to each
  return add(top, where(isEndless, 0, log1p(exp(minimum(neg(d), d)))));
});
/** √(x² + y²), without overflow or underflow; its slopes at (0, 0) are 0. @example hypot(x, y) */
export const hypot: Bin<'hypot', Float> = ofTwo('hypot', 'float', (x, y) => {
  // whatever the unit, the length is the same: no slope is lost by taking the unit for a constant
  const longer = stopGradient(maximum(abs(x), abs(y))), isZero = equal(longer, 0), unit = where(logicalOr(isZero, equal(longer, Infinity)), 1, longer);
  const squares = add(square(div(x, unit)), square(div(y, unit)));
  return where(isZero, 0, mul(unit, sqrt(where(isZero, 1, squares))));
});
/** The remainder of x / y with the sign of y, as Python and NumPy have it; of integers by zero it is x. A zero keeps the sign of x. @example remainder(-7, y) */
export const remainder: Bin<'remainder'> = ofTwo('remainder', 'number', (x, y) => {
  const r = rem(x, y), isOther = logicalAnd(notEqual(r, 0), notEqual(less(r, 0), less(y, 0)));
  return where(isOther, add(r, y), r);
});

// ── the normal distribution

/** a polynomial, its highest coefficient first */
const polynomial = (x: T, [first, second, ...rest]: readonly number[]): T => rest.reduce<T>((sum, c) => add(mul(sum, x), c), add(mul(x, first), second));

/** erf⁻¹(x) / x in w = −log(1 − x²): w − 2.5 below 5, √w − 3 above (Giles 2010, in single precision) */
const narrow = {
  near: [2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3, 0.246640727, 1.50140941],
  far: [-2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406, 2.83297682],
};
/** in double precision: w − 3.125 below 6.25, √w − 3.25 below 16, √w − 5 above */
const wide = {
  near: [
    -3.6444120640178196996e-21, -1.685059138182016589e-19, 1.2858480715256400167e-18, 1.115787767802518096e-17, -1.333171662854620906e-16, 2.0972767875968561637e-17,
    6.6376381343583238325e-15, -4.0545662729752068639e-14, -8.1519341976054721522e-14, 2.6335093153082322977e-12, -1.2975133253453532498e-11, -5.4154120542946279317e-11,
    1.051212273321532285e-9, -4.1126339803469836976e-9, -2.9070369957882005086e-8, 4.2347877827932403518e-7, -1.3654692000834678645e-6, -1.3882523362786468719e-5,
    1.867342080340571352e-4, -7.4070253416626697512e-4, -6.0336708714301490533e-3, 0.24015818242558961693, 1.6536545626831027356],
  middle: [
    2.2137376921775787049e-9, 9.0756561938885390979e-8, -2.7517406297064545428e-7, 1.8239629214389227755e-8, 1.5027403968909827627e-6, -4.013867526981545969e-6,
    2.9234449089955446044e-6, 1.2475304481671778723e-5, -4.7318229009055733981e-5, 6.8284851459573175448e-5, 2.4031110387097893999e-5, -3.550375203628474796e-4,
    9.5328937973738049703e-4, -1.6882755560235047313e-3, 2.4914420961078508066e-3, -3.7512085075692412107e-3, 5.370914553590063617e-3, 1.0052589676941592334, 3.0838856104922207635],
  far: [
    -2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-9, -3.7894654401267369937e-9, 7.6157012080783393804e-9, -1.4960026627149240478e-8,
    2.9147953450901080826e-8, -6.7711997758452339498e-8, 2.2900482228026654717e-7, -9.9298272942317002539e-7, 4.5260625972231537039e-6, -1.9681778105531670567e-5,
    7.5995277030017761139e-5, -2.1503011930044477347e-4, -1.3871931833623122026e-4, 1.0103004648645343977, 4.8499064014085844221],
};
const inverseErf = (x: T): T => {
  const w = neg(log(mul(sub(1, x), add(1, x)))), isEdge = equal(abs(x), 1), isDouble = exprOf(x).dtype === 'f64', limit = isDouble ? 6.25 : 5;
  const isNear = less(w, limit), near = sub(where(isNear, w, 0), isDouble ? 3.125 : 2.5), root = sqrt(where(logicalOr(isNear, isEdge), limit, w));
  const far = isDouble ? where(less(root, 4), polynomial(sub(root, 3.25), wide.middle), polynomial(sub(root, 5), wide.far)) : polynomial(sub(root, 3), narrow.far);
  return mul(x, where(isEdge, Infinity, where(isNear, polynomial(near, isDouble ? wide.near : narrow.near), far)));
};
/** The inverse of erf, infinite at −1 and 1 and NaN beyond (Giles 2010). @example mul(erfInv(sub(mul(u, 2), 1)), Math.SQRT2) */
export const erfInv: Unary = sloped('erfInv', inverseErf, (_, y) => mul(exp(square(y)), Math.sqrt(Math.PI) / 2));

// Note [Both branches]
// `where` computes both of its branches, and in a derivative 0 times the slope of the one that is not chosen. Where that
// slope may be infinite or NaN, the operand of the branch is replaced too, by a number at which it is harmless.

// Note [Odd functions]
// Their slope at 0 is that of both sides. Written with |x| it would be lost, since |x| has slope 0 at 0. Instead x is turned
// where it is below zero and the result is turned back, so that 0 belongs to the positive side and −0 passes through.
