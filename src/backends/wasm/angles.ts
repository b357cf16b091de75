import { choose, f32x4, f64, get, i32, i32x4, set, v128, when, type Code, type Local } from './code.ts';
import { horner, unlessEasy, type InPlace } from './inPlace.ts';
import type { Fn } from './module.ts';
import { polynomial } from './series.ts';

/*
 * The angle of a point (x, y). With a the larger of |x| and |y| and b the smaller, atan(b/a) is the series of t = b/a, or of
 * t = (b − a)/(b + a) beyond tan(π/8), less a half of a quarter turn; then octants: k·π/4 ± series. π/4 is split so that
 * its head times k ≤ 4 is exact. The polynomial of f32 is the one of Cephes (Moshier 1992), that of f64 of fdlibm (Sun 1993).
 */
const tanEighth = Math.SQRT2 - 1;
/** the larger less than a half of the largest, so that the sum does not overflow */
const limit = 2 ** 126, limit64 = 2 ** 1022;

/** of four f32; points with a zero larger operand, infinities, NaN and the largest numbers go to `slow` */
export const atan2 = (slow: number): InPlace => (fn, ordinate, abscissa) => {
  const y = fn.local('v128'), x = fn.local('v128'), p = fn.local('v128'), q = fn.local('v128'), a = fn.local('v128'), b = fn.local('v128');
  const middle = fn.local('v128'), t = fn.local('v128'), z = fn.local('v128'), octant = fn.local('v128'), turned = fn.local('v128'), c = f32x4.all, sign = i32x4.all(0x80000000 | 0);
  const swapped = f32x4.gt(get(p), get(q)), left = i32x4.shrS(get(x), i32.const(31));
  return [
    set(y, ordinate), set(x, abscissa), set(p, f32x4.abs(get(y))), set(q, f32x4.abs(get(x))), set(a, f32x4.pmax(get(p), get(q))), set(b, f32x4.pmin(get(p), get(q))),
    set(middle, f32x4.gt(get(b), f32x4.mul(get(a), c(tanEighth)))),
    set(t, f32x4.div(f32x4.sub(get(b), v128.and(get(a), get(middle))), f32x4.add(get(a), v128.and(get(b), get(middle))))), set(z, f32x4.mul(get(t), get(t))),
    set(t, f32x4.add(get(t), f32x4.mul(f32x4.mul(get(t), get(z)), horner(z, [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1])))),
    // the octant, and whether its series is subtracted
    set(octant, v128.and(get(middle), c(1))), set(turned, swapped), set(octant, v128.bitselect(f32x4.sub(c(2), get(octant)), get(octant), get(turned))),
    set(octant, v128.bitselect(f32x4.sub(c(4), get(octant)), get(octant), left)), set(turned, v128.and(v128.xor(get(turned), left), sign)),
    set(t, f32x4.add(f32x4.mul(get(octant), c(0.785398006439209)), f32x4.add(f32x4.mul(get(octant), c(1.5695823932524066e-7)), v128.xor(get(t), get(turned))))),
    set(t, v128.or(get(t), v128.and(get(y), sign))),
    unlessEasy(v128.and(v128.and(f32x4.lt(get(p), c(limit)), f32x4.lt(get(q), c(limit))), f32x4.gt(get(a), c(0))), t, slow, y, x), get(t)];
};

const k = f64.const, choice = (test: Code, then: Code, otherwise: Code): Code => choose('f64', test, then, otherwise);
/** (atan t − t) / t³ in t², up to 7/16 */
const arctangent = [
  -1.62858201153657823623e-2, 3.65315727442169155270e-2, -4.97687799461593236017e-2, 5.83357013379057348645e-2, -6.66107313738753120669e-2, 7.69187620504482999495e-2,
  -9.09088713343650656196e-2, 1.11111104054623557880e-1, -1.42857142725034663711e-1, 1.99999999998764832476e-1, -3.33333333333329318027e-1,
];
/** of one f64 */
export const atan2Body = (fn: Fn, y: Local, x: Local): Code => {
  const p = fn.local('f64'), q = fn.local('f64'), a = fn.local('f64'), b = fn.local('f64'), t = fn.local('f64'), z = fn.local('f64'), octant = fn.local('f64'), turned = fn.local('f64');
  const one = (test: Code): Code => choice(test, k(1), k(0)), endless = f64.eq(get(a), k(Infinity)), smaller = (v: Local): Code => set(v, f64.mul(get(v), k(0.25)));
  /** the octant counted from the other end */
  const from = (end: number): Code => [set(octant, f64.sub(k(end), get(octant))), set(turned, f64.neg(get(turned)))];
  const inside: Code = [
    set(a, f64.max(get(p), get(q))), set(b, f64.min(get(p), get(q))),
    // infinities are as far as each other, and farther than all else
    when(endless, [set(b, one(f64.eq(get(b), k(Infinity)))), set(a, k(1))]), when(f64.eq(get(a), k(0)), set(a, k(1))), when(f64.gt(get(a), k(limit64)), [smaller(a), smaller(b)]),
    set(octant, one(f64.gt(get(b), f64.mul(get(a), k(tanEighth))))),
    set(t, f64.div(f64.sub(get(b), f64.mul(get(a), get(octant))), f64.add(get(a), f64.mul(get(b), get(octant))))), set(z, f64.mul(get(t), get(t))),
    set(t, f64.add(get(t), f64.mul(f64.mul(get(t), get(z)), polynomial(z, arctangent)))),
    set(turned, k(1)), when(f64.gt(get(p), get(q)), from(2)), when(f64.lt(f64.copysign(k(1), get(x)), k(0)), from(4)),
    f64.copysign(f64.add(f64.mul(get(octant), k(0.7853981633974483)), f64.add(f64.mul(get(octant), k(3.061616997868383e-17)), f64.mul(get(t), get(turned)))), get(y))];
  return [set(p, f64.abs(get(y))), set(q, f64.abs(get(x))), choice(i32.or(f64.ne(get(p), get(p)), f64.ne(get(q), get(q))), k(NaN), inside)];
};
