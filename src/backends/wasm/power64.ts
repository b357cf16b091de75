import { choose, f64, get, i32, i64, set, type Code, type Local } from './code.ts';
import type { Fn } from './module.ts';
import { areaTangent, log2High, log2Low, polynomial } from './series.ts';
import { exactProduct, exactSum } from './sums.ts';

/*
 * Powers of one f64. The logarithm and its multiple are pairs head + tail, so that large powers keep their digits: within
 * 2 + |y log |x||/64 units in the last place. The sign and the special cases are as ECMAScript has them.
 */
const k = f64.const;
const choice = (test: Code, then: Code, otherwise: Code): Code => choose('f64', test, then, otherwise);

/** log a of a number above 0 */
const logarithm = (fn: Fn, a: Local, head: Local, tail: Local): Code => {
  const y = fn.local('f64'), bits = fn.local('i64'), e = fn.local('f64'), m = fn.local('f64'), d = fn.local('f64'), s = fn.local('f64'), z = fn.local('f64'), rest = fn.local('f64'), big = fn.local('f64');
  const small = f64.lt(get(a), k(2 ** -1022)), root = i64.const(0x3fe6a09e667f3bcdn);
  return [
    set(y, choice(small, f64.mul(get(a), k(2 ** 54)), get(a))), set(bits, i64.sub(i64.bitsOfF64(get(y)), root)),
    set(e, f64.sub(f64.fromI32(i32.wrap(i64.shrS(get(bits), i64.const(52n)))), choice(small, k(54), k(0)))),
    set(m, f64.ofBits(i64.add(i64.and(get(bits), i64.const(0x000fffffffffffffn)), root))),
    // s = (m − 1)/(m + 1), and what the sum and the quotient lost, of which twice is `rest`
    set(d, f64.add(get(m), k(1))), set(m, f64.sub(get(m), k(1))), set(s, f64.div(get(m), get(d))), exactProduct(fn, z, rest, s, d),
    set(rest, f64.sub(f64.sub(f64.sub(get(m), get(z)), get(rest)), f64.mul(get(s), f64.sub(get(m), f64.sub(get(d), k(2)))))), set(rest, f64.div(f64.add(get(rest), get(rest)), get(d))),
    set(z, f64.mul(get(s), get(s))), set(s, f64.add(get(s), get(s))), set(big, f64.mul(get(e), k(log2High))),
    set(rest, f64.add(get(rest), f64.add(f64.mul(get(s), f64.mul(get(z), polynomial(z, areaTangent(11).slice(0, -1)))), f64.mul(get(e), k(log2Low))))),
    exactSum(fn, y, z, big, s), set(rest, f64.add(get(z), get(rest))), exactSum(fn, head, tail, y, rest)];
};
/** |x|^y = e^(y log |x|) */
export const powBody = (fn: Fn, x: Local, y: Local, exp: (x: Code) => Code): Code => {
  const a = fn.local('f64'), p = fn.local('f64'), head = fn.local('f64'), tail = fn.local('f64'), power = fn.local('f64'), lost = fn.local('f64');
  const whole = f64.eq(f64.trunc(get(y)), get(y)), isOdd = i32.and(whole, f64.ne(f64.mul(f64.trunc(f64.mul(get(y), k(0.5))), k(2)), get(y)));
  const raised: Code = [
    logarithm(fn, a, head, tail), exactProduct(fn, power, lost, y, head),
    // where the power overflows or underflows its tail is none
    set(lost, choice(f64.lt(f64.abs(get(power)), k(800)), f64.add(get(lost), f64.mul(get(y), get(tail))), k(0))), f64.mul(exp(get(power)), f64.add(k(1), get(lost)))];
  const endless = choice(f64.eq(get(a), k(1)), k(NaN), choice(i32.eq(f64.gt(get(a), k(1)), f64.gt(get(y), k(0))), k(Infinity), k(0)));
  const edge = choice(i32.eq(f64.eq(get(a), k(0)), f64.lt(get(y), k(0))), k(Infinity), k(0));
  return [
    set(a, f64.abs(get(x))),
    set(p, choice(f64.eq(get(y), k(0)), k(1), choice(i32.or(f64.ne(get(x), get(x)), f64.ne(get(y), get(y))), k(NaN),
      choice(f64.eq(f64.abs(get(y)), k(Infinity)), endless, choice(i32.or(f64.eq(get(a), k(0)), f64.eq(get(a), k(Infinity))), edge, raised))))),
    // below zero: NaN but at whole powers, odd ones of which keep the sign, that of zero too
    choice(i32.and(f64.lt(get(x), k(0)), i32.and(i32.eqz(whole), f64.ne(get(a), k(Infinity)))), k(NaN), choice(isOdd, f64.copysign(get(p), get(x)), get(p)))];
};

