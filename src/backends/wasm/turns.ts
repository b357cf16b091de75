import { f64, get, i32, i64, select, set, when, type Code, type Local } from './code.ts';
import type { Fn } from './module.ts';
import { exactSum } from './sums.ts';

/*
 * An angle as quarters of a turn and what is left of it, |r| ≤ π/4 as the sum of two f64. Up to 2²⁰ the quarter is taken
 * away in three parts (Cody and Waite 1980); above it the angle is multiplied by those bits of 2/π that matter
 * (Payne and Hanek 1983), so that no size of angle costs digits.
 */
export interface Quartered { readonly quarters: Local; readonly head: Local; readonly tail: Local; readonly code: Code }
/** functions that the module holds once */
export interface TurnFunctions { readonly word: (at: Code) => Code; readonly high: (x: Code, y: Code) => Code }

/** 2/π after the point, 64 bits each */
const twoOverPi = [
  0xa2f9836e4e441529n, 0xfc2757d1f534ddc0n, 0xdb6295993c439041n, 0xfe5163abdebbc561n, 0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn, 0xfe1deb1cb129a73en, 0xe88235f52ebb4484n, 0xe99c7026b45f7e41n, 0x3991d639835339f4n,
  0x9c845f8bbdf9283bn, 0x1ff897ffde05980fn, 0xef2f118b5a0a6d1fn, 0x6d367ecf27cb09b7n, 0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn, 0x3d0739f78a5292ean, 0x6bfb5fb11f8d5d08n, 0x56033046fc7b6babn,
];
/** the words of 2/π by number, the first of them 0 */
export const wordBody = (fn: Fn): Code => {
  const at = fn.param('i32');
  return twoOverPi.reduce<Code>((rest, word, i) => select(i32.eq(get(at), i32.const(i + 1)), i64.const(word), rest), i64.const(0n));
};
/** the upper 64 bits of a product, of which the first factor is below 2⁵³ */
export const highBody = (fn: Fn): Code => {
  const x = fn.param('i64'), y = fn.param('i64'), middle = fn.local('i64'), other = fn.local('i64');
  const low = (v: Code): Code => i64.and(v, i64.const(0xffffffffn)), upper = (v: Code): Code => i64.shrU(v, i64.const(32n));
  return [
    set(middle, i64.add(i64.mul(upper(get(x)), low(get(y))), upper(i64.mul(low(get(x)), low(get(y)))))),
    set(other, i64.add(i64.mul(low(get(x)), upper(get(y))), low(get(middle)))),
    i64.add(i64.mul(upper(get(x)), upper(get(y))), i64.add(upper(get(middle)), upper(get(other))))];
};

const moderate = (fn: Fn, x: Local, { quarters, head, tail }: Omit<Quartered, 'code'>): Code => {
  const n = fn.local('f64'), r = fn.local('f64'), part = fn.local('f64'), rest = fn.local('f64');
  return [
    set(n, f64.nearest(f64.mul(get(x), f64.const(2 / Math.PI)))), set(quarters, i32.wrap(i64.fromF64(get(n)))),
    set(r, f64.sub(get(x), f64.mul(get(n), f64.const(1.5707963267341256)))), set(part, f64.mul(get(n), f64.const(-6.077100506303966e-11))), exactSum(fn, head, rest, r, part),
    set(r, get(head)), set(part, f64.sub(get(rest), f64.mul(get(n), f64.const(2.0222662487959506e-21)))), exactSum(fn, head, tail, r, part)];
};
/** m·2ᵉ·2/π mod 4 as 128 bits, the first two of them the quarters */
const immense = ({ word, high }: TurnFunctions, fn: Fn, x: Local, { quarters, head, tail }: Omit<Quartered, 'code'>): Code => {
  const bits = fn.local('i64'), m = fn.local('i64'), at = fn.local('i32'), shift = fn.local('i64'), first = fn.local('i64'), second = fn.local('i64'), a = fn.local('f64'), b = fn.local('f64');
  /** 64 bits of 2/π from the first that matters */
  const window = (k: number): Code => {
    const next = (i: number): Code => word(i32.add(i32.shrU(get(at), i32.const(6)), i32.const(i)));
    return i64.or(i64.shl(next(k), get(shift)), i64.shrU(i64.shrU(next(k + 1), i64.const(1n)), i64.sub(i64.const(63n), get(shift))));
  };
  return [
    set(bits, i64.bitsOfF64(get(x))), set(m, i64.or(i64.and(get(bits), i64.const(0xfffffffffffffn)), i64.const(0x10000000000000n))),
    // bit i of 2/π weighs 2⁻ⁱ, and is wanted from i = e − 1 on; 63 more for the word of zeros
    set(at, i32.sub(i32.wrap(i64.shrU(get(bits), i64.const(52n))), i32.const(1075 + 1 - 63))), set(shift, i64.and(i64.fromI32(get(at)), i64.const(63n))),
    set(bits, window(1)), set(second, i64.mul(get(m), get(bits))), set(first, i64.add(i64.mul(get(m), window(0)), high(get(m), get(bits)))),
    set(bits, high(get(m), window(2))), set(second, i64.add(get(second), get(bits))), set(first, i64.add(get(first), i64.fromU32(i64.ltU(get(second), get(bits))))),
    // the nearest quarter; what is left as a signed fraction of it
    set(quarters, i32.wrap(i64.shrU(i64.add(get(first), i64.const(1n << 61n)), i64.const(62n)))),
    set(first, i64.or(i64.shl(get(first), i64.const(2n)), i64.shrU(get(second), i64.const(62n)))), set(second, i64.shl(get(second), i64.const(2n))),
    set(a, f64.fromI64(get(first))),
    set(b, f64.add(f64.fromI64(i64.sub(get(first), i64.fromF64(get(a)))), f64.mul(f64.fromU64(get(second)), f64.const(2 ** -64)))), exactSum(fn, head, tail, a, b),
    // times π/2 · 2⁻⁶⁴: the factor's own tail, and what the product rounds away, which is less than a unit in the last place
    set(tail, f64.mul(f64.add(get(tail), f64.mul(get(head), f64.const(6.123233995736766e-17 / (Math.PI / 2)))), f64.const(Math.PI / 2 * 2 ** -64))), set(head, f64.mul(get(head), f64.const(Math.PI / 2 * 2 ** -64)))];
};

/** of a number that is finite and not negative */
export const quartered = (functions: TurnFunctions, fn: Fn, x: Local): Quartered => {
  const own = { quarters: fn.local('i32'), head: fn.local('f64'), tail: fn.local('f64') };
  return { ...own, code: when(f64.lt(get(x), f64.const(2 ** 20)), moderate(fn, x, own), immense(functions, fn, x, own)) };
};
