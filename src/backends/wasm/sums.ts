import { f64, get, i64, set, type Code, type Local } from './code.ts';
import type { Fn } from './module.ts';

/** Sums and products of f64 as pairs: head the rounded result, tail what it rounds away (Knuth 1969; Dekker 1971). */
export const exactSum = (fn: Fn, head: Local, tail: Local, a: Local, b: Local): Code => {
  const part = fn.local('f64');
  return [
    set(head, f64.add(get(a), get(b))), set(part, f64.sub(get(head), get(a))),
    set(tail, f64.add(f64.sub(get(a), f64.sub(get(head), get(part))), f64.sub(get(b), get(part))))];
};
export const exactProduct = (fn: Fn, head: Local, tail: Local, a: Local, b: Local): Code => {
  const [a1, a2, b1, b2] = [fn.local('f64'), fn.local('f64'), fn.local('f64'), fn.local('f64')];
  const parts = (x: Local, upper: Local, lower: Local): Code => [set(upper, f64.ofBits(i64.and(i64.bitsOfF64(get(x)), i64.const(-(1n << 27n))))), set(lower, f64.sub(get(x), get(upper)))];
  return [
    parts(a, a1, a2), parts(b, b1, b2), set(head, f64.mul(get(a), get(b))),
    set(tail, f64.add(f64.add(f64.add(f64.sub(f64.mul(get(a1), get(b1)), get(head)), f64.mul(get(a1), get(b2))), f64.mul(get(a2), get(b1))), f64.mul(get(a2), get(b2))))];
};
