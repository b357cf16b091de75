import { f32x4, f64x2, get, i32, i32x4, i64x2, set, v128, type Code, type Local } from './code.ts';
import { byHalves, floats, horner64, naturals, unlessEasy, type InPlace } from './inPlace.ts';
import type { Fn } from './module.ts';
import { areaTangent, exponential, log2High, log2Low } from './series.ts';

/*
 * Two f64 at once, and the functions of four 32-bit lanes that are computed in them: powers, remainders, integer
 * quotients. Lanes with NaN, infinities or zeros go to `slow`, a function of the same operands.
 */
const k = f64x2.all;
/** adding it leaves a whole number in the low bits */
const magic = 1.5 * 2 ** 52, magicBits = 0x4338000000000000n;

/** e^x of |x| < 700 by a series of `terms` terms; at 9 within 2⁻³⁶ */
const exp = (fn: Fn, x: Code, terms: number): Code => {
  const t = fn.local('v128'), n = fn.local('v128'), r = fn.local('v128'), whole = fn.local('v128');
  return [
    set(r, x), set(t, f64x2.add(f64x2.mul(get(r), k(Math.LOG2E)), k(magic))), set(n, f64x2.sub(get(t), k(magic))),
    set(r, f64x2.sub(f64x2.sub(get(r), f64x2.mul(get(n), k(log2High))), f64x2.mul(get(n), k(log2Low)))),
    set(whole, i64x2.add(i64x2.shl(get(t), i32.const(52)), k(1))),
    f64x2.mul(f64x2.add(k(1), f64x2.mul(get(r), horner64(r, exponential(terms)))), get(whole))];
};
/** of a positive normal number by a series of `terms` terms; at 8 within 2⁻⁴⁴ of itself */
const log = (fn: Fn, x: Local, terms: number): Code => {
  const bits = fn.local('v128'), e = fn.local('v128'), m = fn.local('v128'), s = fn.local('v128'), z = fn.local('v128'), root = i64x2.all(0x3fe6a09e667f3bcdn);
  return [
    set(bits, i64x2.sub(get(x), root)), set(e, f64x2.sub(i64x2.add(i64x2.shrS(get(bits), i32.const(52)), i64x2.all(magicBits)), k(magic))),
    set(m, i64x2.add(v128.and(get(bits), i64x2.all(0x000fffffffffffffn)), root)),
    set(s, f64x2.div(f64x2.sub(get(m), k(1)), f64x2.add(get(m), k(1)))), set(z, f64x2.mul(get(s), get(s))),
    f64x2.add(f64x2.mul(get(e), k(log2High)), f64x2.add(f64x2.mul(f64x2.add(get(s), get(s)), horner64(z, areaTangent(terms))), f64x2.mul(get(e), k(log2Low))))];
};

/** |x|^y = e^(y log |x|); below zero NaN but at whole powers, odd ones of which keep the sign */
export const pow = (slow: number): InPlace => (fn, base, exponent) => {
  const x = fn.local('v128'), y = fn.local('v128'), a = fn.local('v128'), z = fn.local('v128'), whole = fn.local('v128');
  const raised = (a: Local, y: Local): Code => exp(fn, f64x2.pmax(f64x2.pmin(f64x2.mul(get(y), log(fn, a, 8)), k(200)), k(-200)), 9);
  const half = f32x4.trunc(f32x4.mul(get(y), f32x4.all(0.5))), odd = v128.andnot(get(whole), f32x4.eq(f32x4.add(half, half), get(y)));
  const between = v128.and(f32x4.gt(get(a), f32x4.all(0)), f32x4.lt(get(a), f32x4.all(Infinity)));
  return [
    set(x, base), set(y, exponent), set(a, f32x4.abs(get(x))), set(z, byHalves(fn, floats, [a, y], raised)), set(whole, f32x4.eq(f32x4.trunc(get(y)), get(y))),
    set(z, v128.xor(get(z), v128.and(v128.and(odd, get(x)), i32x4.all(0x80000000 | 0)))),
    set(z, v128.or(get(z), v128.andnot(f32x4.lt(get(x), f32x4.all(0)), get(whole)))),
    unlessEasy(v128.and(between, f32x4.lt(f32x4.abs(get(y)), f32x4.all(Infinity))), z, slow, x, y), get(z)];
};

/** |x| − ⌊|x|/|y|⌋·|y| with the dividend's sign: exact, for below 2²⁷ no quotient is rounded to a whole number that it is not */
export const rem = (slow: number): InPlace => (fn, dividend, divisor) => {
  const x = fn.local('v128'), y = fn.local('v128'), a = fn.local('v128'), b = fn.local('v128'), z = fn.local('v128');
  const left = (a: Local, b: Local): Code => f64x2.sub(get(a), f64x2.mul(f64x2.trunc(f64x2.div(get(a), get(b))), get(b)));
  return [
    set(x, dividend), set(y, divisor), set(a, f32x4.abs(get(x))), set(b, f32x4.abs(get(y))),
    set(z, v128.or(byHalves(fn, floats, [a, b], left), v128.and(get(x), i32x4.all(0x80000000 | 0)))),
    unlessEasy(v128.and(f32x4.lt(f32x4.div(get(a), get(b)), f32x4.all(2 ** 27)), f32x4.lt(get(b), f32x4.all(Infinity))), z, slow, x, y), get(z)];
};

const quotient = (fn: Fn, a: Local, b: Local): Code => byHalves(fn, naturals, [a, b], (a, b) => f64x2.div(get(a), get(b)));
/** toward zero; x / 0 = −1, x rem 0 = x, and the smallest i32 by −1 wraps */
export const divide = (what: 'div' | 'rem', dtype: 'i32' | 'u32'): InPlace => (fn, dividend, divisor) => {
  const x = fn.local('v128'), y = fn.local('v128'), a = fn.local('v128'), b = fn.local('v128'), q = fn.local('v128'), sign = fn.local('v128');
  const signed: Code = [
    set(a, i32x4.abs(get(x))), set(b, i32x4.abs(get(y))), set(sign, i32x4.shrS(v128.xor(get(x), get(y)), i32.const(31))),
    set(q, i32x4.sub(v128.xor(quotient(fn, a, b), get(sign)), get(sign)))];
  return [
    set(x, dividend), set(y, divisor), dtype === 'i32' ? signed : set(q, quotient(fn, x, y)), set(q, v128.or(get(q), i32x4.eq(get(y), i32x4.all(0)))),
    what === 'div' ? get(q) : i32x4.sub(get(x), i32x4.mul(get(q), get(y)))];
};

/** toward zero, wrapping */
export const whole = (slow: number): InPlace => (fn, value) => {
  const x = fn.local('v128'), y = fn.local('v128');
  return [set(x, value), set(y, i32x4.fromF32(get(x))), unlessEasy(v128.not(f32x4.ge(f32x4.abs(get(x)), f32x4.all(2 ** 31))), y, slow, x), get(y)];
};
