import { f64x2, get, i32, i64x2, set, v128, type Code, type Local } from './code.ts';
import { horner64, unlessEasy, type InPlace } from './inPlace.ts';
import type { Fn } from './module.ts';
import { areaTangent, exponential, log2High, log2Low } from './series.ts';

/*
 * Functions of two f64 at once, step by step those of one in maths64.ts, and so with the same bits: a loop's last element,
 * which is computed alone, does not differ from the others. Numbers that need branches there go to `slow`, or are clamped:
 * pmax(pmin(x, high), low) keeps NaN.
 */
const k = f64x2.all, signs = i64x2.all(-(2n ** 63n));

/** x = n log 2 + r */
const reduced = (fn: Fn, x: Local): { readonly n: Local; readonly r: Local; readonly code: Code } => {
  const n = fn.local('v128'), r = fn.local('v128');
  return { n, r, code: [set(n, f64x2.nearest(f64x2.mul(get(x), k(Math.LOG2E)))), set(r, f64x2.sub(f64x2.sub(get(x), f64x2.mul(get(n), k(log2High))), f64x2.mul(get(n), k(log2Low))))] };
};
/** 2ⁿ: adding 2⁵² + 2⁵¹ leaves n in the low bits */
const power = (n: Code): Code => i64x2.add(i64x2.shl(f64x2.add(n, k(1.5 * 2 ** 52)), i32.const(52)), k(1));
const series = (r: Local): Code => f64x2.mul(get(r), horner64(r, exponential(14)));

/** clamped where the result is ∞ or 0 anyway */
export const exp: InPlace = (fn, value) => {
  const x = fn.local('v128'), half = fn.local('v128'), { n, r, code } = reduced(fn, x);
  return [
    set(x, f64x2.pmax(f64x2.pmin(value, k(710)), k(-746))), code, set(half, f64x2.floor(f64x2.mul(get(n), k(0.5)))),
    f64x2.mul(f64x2.mul(f64x2.add(k(1), series(r)), power(get(half))), power(f64x2.sub(get(n), get(half))))];
};
/** of −40 to 709 */
const expm1Near = (fn: Fn, x: Local): Code => {
  const p = fn.local('v128'), { n, r, code } = reduced(fn, x);
  return [code, set(p, power(get(n))), f64x2.add(f64x2.mul(get(p), series(r)), f64x2.sub(get(p), k(1)))];
};
/** it has the sign of x, that of zero too */
export const expm1 = (slow: number): InPlace => (fn, value) => {
  const x = fn.local('v128'), y = fn.local('v128');
  return [
    set(x, value), set(y, v128.or(expm1Near(fn, x), v128.and(get(x), signs))),
    unlessEasy(v128.and(f64x2.ge(get(x), k(-40)), f64x2.le(get(x), k(709))), y, slow, x), get(y)];
};
export const tanh: InPlace = (fn, value) => {
  const x = fn.local('v128'), a = fn.local('v128'), t = fn.local('v128');
  return [
    set(x, value), set(a, f64x2.mul(k(2), f64x2.pmin(f64x2.abs(get(x)), k(22)))), set(t, expm1Near(fn, a)),
    v128.or(f64x2.div(get(t), f64x2.add(get(t), k(2))), v128.and(get(x), signs))];
};
export const logistic: InPlace = (fn, value) => f64x2.div(k(1), f64x2.add(k(1), exp(fn, f64x2.neg(value))));

/** Of positive normal numbers. The exponent, raised to be natural, is put below the digits of 2⁵², which makes it an f64. */
export const log = (slow: number): InPlace => (fn, value) => {
  const x = fn.local('v128'), bits = fn.local('v128'), e = fn.local('v128'), m = fn.local('v128'), s = fn.local('v128'), z = fn.local('v128'), y = fn.local('v128');
  const root = 0x3fe6a09e667f3bcdn, one = 0x3ff0000000000000n;
  return [
    set(x, value), set(bits, i64x2.sub(get(x), i64x2.all(root - one))),
    set(e, f64x2.sub(v128.or(i64x2.shrU(get(bits), i32.const(52)), k(2 ** 52)), k(2 ** 52 + 1023))),
    set(m, i64x2.add(v128.and(get(bits), i64x2.all(0x000fffffffffffffn)), i64x2.all(root))),
    set(s, f64x2.div(f64x2.sub(get(m), k(1)), f64x2.add(get(m), k(1)))), set(z, f64x2.mul(get(s), get(s))),
    set(y, f64x2.add(f64x2.mul(get(e), k(log2High)), f64x2.add(f64x2.mul(f64x2.mul(k(2), get(s)), horner64(z, areaTangent(11))), f64x2.mul(get(e), k(log2Low))))),
    unlessEasy(v128.and(f64x2.ge(get(x), k(2 ** -1022)), f64x2.lt(get(x), k(Infinity))), y, slow, x), get(y)];
};
