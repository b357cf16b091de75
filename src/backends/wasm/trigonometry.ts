import { f32x4, f64x2, get, i32, i32x4, set, v128, type Code, type Local } from './code.ts';
import { byHalves, floats, horner, unlessEasy, type InPlace } from './inPlace.ts';

/*
 * Sine and cosine of four f32. The quarters of a turn are taken away in f64, in two parts of π/2, so that what is left is
 * right to the last bit of f32 up to 2¹⁵; larger angles go to `slow`. The polynomials are minimax fits on [−π/4, π/4].
 */
const c = f32x4.all;
const quick = 2 ** 15;

/** `quarter`: 0 for the sine, which has the sign of its angle, 1 for the cosine */
const turned = (quarter: 0 | 1) => (slow: number): InPlace => (fn, value) => {
  const x = fn.local('v128'), a = fn.local('v128'), t = fn.local('v128'), n = fn.local('v128'), r = fn.local('v128'), z = fn.local('v128'), y = fn.local('v128');
  const left = (x: Local, n: Local): Code => f64x2.sub(f64x2.sub(get(x), f64x2.mul(get(n), f64x2.all(1.5707963267341256))), f64x2.mul(get(n), f64x2.all(6.077100506506192e-11)));
  const sine = f32x4.add(get(r), f32x4.mul(f32x4.mul(get(r), get(z)), horner(z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])));
  const cosine = f32x4.add(f32x4.sub(c(1), f32x4.mul(c(0.5), get(z))), f32x4.mul(f32x4.mul(get(z), get(z)), horner(z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2])));
  const odd = i32x4.shrS(i32x4.shl(get(t), i32.const(31)), i32.const(31)), sign = i32x4.shl(get(t), i32.const(30));
  return [
    set(x, value), set(a, f32x4.abs(get(x))),
    // adding 1.5·2²³ leaves the quarters in the low bits
    set(t, f32x4.add(f32x4.mul(get(a), c(2 / Math.PI)), c(12582912))), set(n, f32x4.sub(get(t), c(12582912))),
    set(r, byHalves(fn, floats, [a, n], left)), set(z, f32x4.mul(get(r), get(r))), set(t, i32x4.add(get(t), i32x4.all(quarter))),
    set(y, v128.bitselect(cosine, sine, odd)), set(y, v128.xor(get(y), v128.and(quarter === 0 ? v128.xor(sign, get(x)) : sign, i32x4.all(0x80000000 | 0)))),
    unlessEasy(f32x4.le(get(a), c(quick)), y, slow, x), get(y)];
};
export const sin = turned(0);
export const cos = turned(1);
