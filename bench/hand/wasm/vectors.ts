import { f32x4, get, i32, i32x4, set, v128, type Code, type Local } from '../../../src/backends/wasm/code.ts';
import type { Fn } from '../../../src/backends/wasm/module.ts';
import { when, type Callee, type HandModule } from './module.ts';

/** Functions of four f32 at once, within a few units in the last place and right at special values. */

const polynomial = (x: Local, [first, ...rest]: readonly number[]): Code => rest.reduce<Code>((sum, c) => f32x4.add(f32x4.mul(sum, get(x)), f32x4.all(c)), f32x4.all(first));
const linear = (a: number, x: Code, b: number): Code => f32x4.add(f32x4.mul(f32x4.all(a), x), f32x4.all(b));

/**
 * eˣ = 2ⁿ·eʳ: a magic sum leaves n in the low bits of the mantissa, r goes through a polynomial in Estrin's form, both
 * halved and doubled so that n = 128 works. Results below 1.7e-38 are 0; NaN stays.
 */
export const exp = (fn: Fn, value: Code): Code => {
  const [x, shifted, n, r, r2] = Array.from({ length: 5 }, () => fn.local('v128')), magic = f32x4.all(12582912);
  const tail = f32x4.add(linear(2 * 1.6666665459e-1, get(r), 2 * 5.0000001201e-1),
    f32x4.mul(get(r2), f32x4.add(linear(2 * 8.3334519073e-3, get(r), 2 * 4.1665795894e-2), f32x4.mul(get(r2), linear(2 * 1.9875691500e-4, get(r), 2 * 1.3981999507e-3)))));
  return [
    set(x, f32x4.pmax(f32x4.pmin(value, f32x4.all(89)), f32x4.all(-87.5))),
    set(shifted, f32x4.add(f32x4.mul(get(x), f32x4.all(Math.LOG2E)), magic)), set(n, f32x4.sub(get(shifted), magic)),
    set(r, f32x4.sub(f32x4.sub(get(x), f32x4.mul(get(n), f32x4.all(0.693359375))), f32x4.mul(get(n), f32x4.all(-2.12194440e-4)))), set(r2, f32x4.mul(get(r), get(r))),
    f32x4.mul(f32x4.add(f32x4.add(f32x4.add(get(r), get(r)), f32x4.all(2)), f32x4.mul(get(r2), tail)), i32x4.add(i32x4.shl(get(shifted), i32.const(23)), i32x4.all(0x3f000000))),
  ];
};

const logTerms = [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1] as const;
/** of positive normal numbers */
const logCore = (fn: Fn, x: Local, scaledBy: Code | undefined): Code => {
  const [e, m, k, z, z2] = Array.from({ length: 5 }, () => fn.local('v128')), M = get(m), Z = get(z), [t0, t1, t2, t3, t4, t5, t6, t7, t8] = logTerms;
  const series = f32x4.add(f32x4.add(linear(t7, M, t8), f32x4.mul(Z, linear(t5, M, t6))), f32x4.mul(get(z2), f32x4.add(f32x4.add(linear(t3, M, t4), f32x4.mul(Z, linear(t1, M, t2))), f32x4.mul(get(z2), f32x4.all(t0)))));
  const exponent = f32x4.fromI32(i32x4.shrS(get(k), i32.const(23)));
  return [
    set(k, i32x4.sub(get(x), i32x4.all(0x3f3504f3))), set(e, scaledBy === undefined ? exponent : f32x4.sub(exponent, scaledBy)),
    set(m, f32x4.sub(i32x4.add(v128.and(get(k), i32x4.all(0x007fffff)), i32x4.all(0x3f3504f3)), f32x4.all(1))), set(z, f32x4.mul(M, M)), set(z2, f32x4.mul(Z, Z)),
    f32x4.add(f32x4.add(M, f32x4.add(f32x4.sub(f32x4.mul(f32x4.mul(series, M), Z), f32x4.mul(f32x4.all(0.5), Z)), f32x4.mul(get(e), f32x4.all(-2.12194440e-4)))), f32x4.mul(get(e), f32x4.all(0.693359375))),
  ];
};
/** what `log` calls where a lane is no positive normal number */
export const rareLog = ({ define }: HandModule): Callee => define('rareLog', ['v128'], (fn, x) => {
  const small = fn.local('v128'), scaled = fn.local('v128'), y = fn.local('v128');
  return [
    set(small, f32x4.lt(get(x), f32x4.all(1.1754943508222875e-38))), set(scaled, v128.bitselect(f32x4.mul(get(x), f32x4.all(8388608)), get(x), get(small))),
    set(y, logCore(fn, scaled, v128.and(get(small), f32x4.all(23)))),
    set(y, v128.bitselect(get(y), f32x4.add(get(x), get(x)), f32x4.lt(f32x4.abs(get(x)), f32x4.all(Infinity)))),
    set(y, v128.or(get(y), f32x4.lt(get(x), f32x4.all(0)))),
    v128.bitselect(f32x4.all(-Infinity), get(y), f32x4.eq(get(x), f32x4.all(0))),
  ];
}, ['v128']);
export const log = (fn: Fn, value: Code, rare: Callee): Code => {
  const x = fn.local('v128'), offset = fn.local('v128'), y = fn.local('v128');
  return [
    set(x, value), set(y, logCore(fn, x, undefined)), set(offset, i32x4.sub(get(x), i32x4.all(0x00800000))),
    when(i32x4.bitmask(v128.or(get(offset), i32x4.sub(i32x4.all(0x7effffff), get(offset)))), set(y, rare(get(x)))), get(y),
  ];
};

/** an odd rational function between −1 and 1, constant beyond where it reaches them; NaN stays */
export const tanh = (fn: Fn, value: Code): Code => {
  const x = fn.local('v128'), z = fn.local('v128');
  const ratio = f32x4.div(polynomial(z, [1.394553628e-8, 2.102733560e-5, 3.520756727e-3, 1.340216100e-1, 1]), polynomial(z, [8.015776984e-7, 3.326951409e-4, 2.597254514e-2, 4.673548340e-1, 1]));
  return [
    set(x, f32x4.pmax(f32x4.pmin(value, f32x4.all(9.1)), f32x4.all(-9.1))), set(z, f32x4.mul(get(x), get(x))),
    f32x4.pmax(f32x4.pmin(f32x4.mul(get(x), ratio), f32x4.all(1)), f32x4.all(-1)),
  ];
};
/** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 */
export const gelu = (fn: Fn, value: Code): Code => {
  const x = fn.local('v128'), inner = f32x4.mul(f32x4.mul(get(x), f32x4.all(Math.sqrt(2 / Math.PI))), f32x4.add(f32x4.all(1), f32x4.mul(f32x4.all(0.044715), f32x4.mul(get(x), get(x)))));
  return [set(x, value), f32x4.mul(f32x4.mul(f32x4.all(0.5), get(x)), f32x4.add(f32x4.all(1), tanh(fn, inner)))];
};

const across = (combine: (a: Code, b: Code) => Code) => (fn: Fn, value: Code): Code => {
  const v = fn.local('v128');
  return [set(v, value), set(v, combine(get(v), v128.shuffle(get(v), get(v), [2, 3, 0, 1]))), f32x4.lane(combine(get(v), v128.shuffle(get(v), get(v), [1, 0, 3, 2])), 0)];
};
/** the sum, the largest of four lanes as one number */
export const sumLanes = across((a, b) => f32x4.add(a, b));
export const maxLanes = across((a, b) => f32x4.pmax(a, b));
