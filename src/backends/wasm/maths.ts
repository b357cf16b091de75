import { atan2 } from './angles.ts';
import { call, f32, f32x4, f64, f64x2, get, i32, i32x4, set, v128, when, type Code, type Local } from './code.ts';
import { allOf, horner, unlessEasy, type InPlace } from './inPlace.ts';
import { pow, rem, whole } from './lanes64.ts';
import { createMaths64, type Maths64 } from './maths64.ts';
import type { Fn, ModuleWriter } from './module.ts';
import * as pairs from './mathsPairs.ts';
import { cos, sin } from './trigonometry.ts';

/*
 * Functions that WebAssembly lacks, over four f32 at once, as polynomials. Each is written in place, with the rare
 * arguments (NaN, infinities, denormals, overflow) in a function of their own, which is called when any lane has one.
 * Off by at most so many units in the last place: remainders 0, exp, log and pow 1, expm1, log1p, sin, cos and atan2 2,
 * logistic 3, tanh and erf 6.
 * pmax(pmin(x, high), low) keeps NaN; the other order of operands loses it.
 * exp and log reduce as Cody and Waite 1980; their polynomials are minimax fits in Estrin's form, for a short chain.
 */
export interface MathFunctions {
  /** of four f32: as many, but for `whole`, which gives i32 */
  readonly inPlace: (name: VectorName) => InPlace;
  /** the same as a function of its own */
  readonly call: (name: VectorName, ...operands: readonly Code[]) => Code;
  /** of two f64, where numbers of 32 bits stand twice: in lanes exp, expm1, log, tanh and logistic, the others one after the other */
  readonly inPairs: (name: VectorName) => InPlace;
  /** of one f64 */
  readonly wide: Maths64;
}
export type VectorName = 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'logistic' | 'erf' | 'sin' | 'cos' | 'atan2' | 'pow' | 'rem' | 'whole';

const c = f32x4.all;

/** e^r = 1 + r + r²·this, |r| ≤ ½ log 2, within 3.1e-9 of it: the least that a polynomial of that degree can be off */
const expTail = (r: Local, r2: Local): Code => f32x4.add(
  f32x4.add(f32x4.mul(c(1.6666520398e-1), get(r)), c(4.9999993432e-1)),
  f32x4.mul(get(r2), f32x4.add(f32x4.add(f32x4.mul(c(8.368745195e-3), get(r)), c(4.1668390795e-2)), f32x4.mul(get(r2), c(1.381453988e-3)))));
/** x = n·log 2 + r: adding 1.5·2²³ leaves n in the low bits */
const reduced = (fn: Fn, x: Local): { readonly t: Local; readonly r: Local; readonly r2: Local; readonly code: Code } => {
  const t = fn.local('v128'), n = fn.local('v128'), r = fn.local('v128'), r2 = fn.local('v128');
  return { t, r, r2, code: [
    set(t, f32x4.add(f32x4.mul(get(x), c(Math.LOG2E)), c(12582912))), set(n, f32x4.sub(get(t), c(12582912))),
    set(r, f32x4.sub(f32x4.sub(get(x), f32x4.mul(get(n), c(0.693359375))), f32x4.mul(get(n), c(-2.12194440e-4)))), set(r2, f32x4.mul(get(r), get(r)))] };
};
const shifted = (t: Local): Code => i32x4.add(i32x4.shl(get(t), i32.const(23)), i32x4.all(0x3f800000));
const powerSeries = (r: Local, r2: Local): Code => f32x4.add(f32x4.add(get(r), c(1)), f32x4.mul(get(r2), expTail(r, r2)));

/** e^x as p · 2^h · 2^(n − h), h = ⌊n/2⌋, so that it fades out gradually and overflows at its edge */
const expAny: InPlace = (fn, value) => {
  const x = fn.local('v128'), a = fn.local('v128'), { t, r, r2, code } = reduced(fn, x);
  return [
    set(x, f32x4.pmax(f32x4.pmin(value, c(89)), c(-104))), code, set(a, v128.and(i32x4.shl(get(t), i32.const(22)), i32x4.all(0xff800000 | 0))),
    f32x4.mul(f32x4.mul(powerSeries(r, r2), i32x4.add(get(a), i32x4.all(0x3f800000))), i32x4.sub(shifted(t), get(a)))];
};
const expFast = (slow: number): InPlace => (fn, value) => {
  const x = fn.local('v128'), y = fn.local('v128'), none = fn.local('v128'), { t, r, r2, code } = reduced(fn, x);
  return [
    // an exponent that stays within its bounds is added to quicker than multiplied
    set(x, value), code, set(y, i32x4.add(powerSeries(r, r2), i32x4.shl(get(t), i32.const(23)))),
    when(i32.eqz(allOf(f32x4.le(f32x4.mul(get(x), get(x)), c(86.9 ** 2)))), [
      // a masked softmax is full of −∞, which is no reason to be slow
      set(none, f32x4.lt(get(x), c(-104))),
      when(allOf(v128.or(get(none), f32x4.le(f32x4.abs(get(x)), c(86.9)))), set(y, v128.andnot(get(y), get(none))), set(y, call(slow, get(x))))]),
    get(y)];
};
/** 2ⁿ·(e^r − 1 + 1 − 2⁻ⁿ), doubled before and halved in the power, which so reaches the edge of overflow; it has the sign of x, that of zero too */
const expm1: InPlace = (fn, value) => {
  const v = fn.local('v128'), x = fn.local('v128'), y = fn.local('v128'), { t, r, r2, code } = reduced(fn, x);
  const n = i32x4.shl(get(t), i32.const(23)), smaller = i32x4.maxS(i32x4.sub(i32x4.all(0x3f800000), n), i32x4.all(0));
  return [
    set(v, value), set(x, f32x4.pmax(f32x4.pmin(get(v), c(89)), c(-30))), code,
    set(y, f32x4.add(f32x4.add(get(r), f32x4.mul(get(r2), expTail(r, r2))), f32x4.sub(c(1), smaller))),
    v128.or(f32x4.mul(f32x4.add(get(y), get(y)), i32x4.add(n, i32x4.all(0x3f000000))), v128.and(get(v), i32x4.all(0x80000000 | 0)))];
};

const logCoefficients = [7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1];
/** of positive normal numbers; `lowered`: by how much to lower the exponent */
const logNormal = (fn: Fn, x: Local, lowered?: Code): Code => {
  const e = fn.local('v128'), m = fn.local('v128'), k = fn.local('v128'), z = fn.local('v128'), z2 = fn.local('v128'), [c0, c1, c2, c3, c4, c5, c6, c7, c8] = logCoefficients;
  const pair = (a: number, b: number): Code => f32x4.add(f32x4.mul(c(a), get(m)), c(b));
  const p = f32x4.add(f32x4.add(pair(c7, c8), f32x4.mul(get(z), pair(c5, c6))), f32x4.mul(get(z2), f32x4.add(f32x4.add(pair(c3, c4), f32x4.mul(get(z), pair(c1, c2))), f32x4.mul(get(z2), c(c0)))));
  const exponent = f32x4.fromI32(i32x4.shrS(get(k), i32.const(23)));
  return [
    set(k, i32x4.sub(get(x), i32x4.all(0x3f3504f3))), set(e, lowered === undefined ? exponent : f32x4.sub(exponent, lowered)),
    set(m, f32x4.sub(i32x4.add(v128.and(get(k), i32x4.all(0x007fffff)), i32x4.all(0x3f3504f3)), c(1))), set(z, f32x4.mul(get(m), get(m))), set(z2, f32x4.mul(get(z), get(z))),
    f32x4.add(
      f32x4.add(get(m), f32x4.add(f32x4.sub(f32x4.mul(f32x4.mul(p, get(m)), get(z)), f32x4.mul(c(0.5), get(z))), f32x4.mul(get(e), c(-2.12194440e-4)))),
      f32x4.mul(get(e), c(0.693359375)))];
};
const logAny: InPlace = (fn, value) => {
  const x = fn.local('v128'), d = fn.local('v128'), s = fn.local('v128'), y = fn.local('v128');
  return [
    set(x, value), set(d, f32x4.lt(get(x), c(2 ** -126))), set(s, v128.bitselect(f32x4.mul(get(x), c(2 ** 23)), get(x), get(d))),
    set(y, logNormal(fn, s, v128.and(get(d), c(23)))),
    // infinities and NaN pass; below zero all bits are ones, which is NaN
    set(y, v128.bitselect(get(y), f32x4.add(get(x), get(x)), f32x4.lt(f32x4.abs(get(x)), c(Infinity)))),
    set(y, v128.or(get(y), f32x4.lt(get(x), c(0)))),
    v128.bitselect(c(-Infinity), get(y), f32x4.eq(get(x), c(0)))];
};
const logFast = (slow: number): InPlace => (fn, value) => {
  const x = fn.local('v128'), k = fn.local('v128'), y = fn.local('v128');
  return [
    set(x, value), set(y, logNormal(fn, x)), set(k, i32x4.sub(get(x), i32x4.all(0x00800000))),
    when(i32x4.bitmask(v128.or(get(k), i32x4.sub(i32x4.all(0x7effffff), get(k)))), set(y, call(slow, get(x)))), get(y)];
};
/** log u · x / (u − 1), u = 1 + x rounded (Goldberg 1991, theorem 4) */
const log1p = (slow: number): InPlace => (fn, value) => {
  const x = fn.local('v128'), u = fn.local('v128'), y = fn.local('v128'), log = logNormal(fn, u);
  return [
    set(x, value), set(u, f32x4.add(c(1), get(x))), set(y, f32x4.mul(log, f32x4.div(get(x), f32x4.sub(get(u), c(1))))),
    set(y, v128.bitselect(get(x), get(y), f32x4.eq(get(u), c(1)))),
    unlessEasy(v128.and(f32x4.gt(get(x), c(-1)), f32x4.lt(get(x), c(Infinity))), y, slow, x), get(y)];
};

/** x·P(x²)/Q(x²); x clamped, so that ∞/∞ cannot arise, and the result too */
const odd = (limit: number, above: readonly number[], below: readonly number[]): InPlace => (fn, value) => {
  const x = fn.local('v128'), z = fn.local('v128');
  return [
    set(x, f32x4.pmax(f32x4.pmin(value, c(limit)), c(-limit))), set(z, f32x4.mul(get(x), get(x))),
    f32x4.pmax(f32x4.pmin(f32x4.mul(get(x), f32x4.div(horner(z, above), horner(z, below))), c(1)), c(-1))];
};
const tanh = odd(9.1, [1.394553628e-8, 2.10273356e-5, 3.520756727e-3, 1.3402161e-1, 1], [8.015776984e-7, 3.326951409e-4, 2.597254514e-2, 4.673548340e-1, 1]);
const erf = odd(3.95,
  [-1.320153416e-8, 4.684622724e-6, 3.796048182e-4, 3.84966861e-3, 5.431702469e-2, 1.852049877e-1, 1.128379169],
  [6.310914236e-5, 1.307576166e-3, 1.546218989e-2, 1.139590389e-1, 4.974670606e-1, 1]);

export const createMaths = (module: ModuleWriter): MathFunctions => {
  const made = new Map<string, number>();
  const once = (name: string, make: () => number): number => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const index = make();
    made.set(name, index);
    return index;
  };
  const separate = (name: string, arity: number, body: (fn: Fn, params: readonly Local[]) => Code): number => once(name, () => {
    const fn = module.fn(name, ['v128']);
    fn.finish(body(fn, Array.from({ length: arity }, () => fn.param('v128'))));
    return fn.index;
  });
  const ofOne = (name: string, body: InPlace): number => separate(name, 1, (fn, [x]) => body(fn, get(x)));
  /** each lane by a function of one f64 */
  const laneByLane = (name: string, arity: number, one: (...operands: readonly Code[]) => Code): number => separate(`${name}.lanes`, arity, (fn, params) => {
    const y = fn.local('v128'), lane = (i: number): Code => one(...params.map((p) => f64.fromF32(f32x4.lane(get(p), i))));
    return [set(y, f32x4.splat(lane(0))), [1, 2, 3].map((i) => set(y, f32x4.replace(get(y), i, lane(i)))), get(y)];
  });
  const wide = createMaths64(module);
  const oneByOne = (name: string, arity: number, one: (...operands: readonly Code[]) => Code): number => separate(`${name}.pair`, arity, (_, params) => {
    const lane = (i: number): Code => one(...params.map((p) => f64x2.lane(get(p), i)));
    return f64x2.replace(f64x2.splat(lane(0)), 1, lane(1));
  });
  const wholePair = (): number => separate('whole.pair', 1, (fn, [x]) => {
    const second = fn.local('i32');
    return [set(second, wide.whole(f64x2.lane(get(x), 1))), i32x4.replace(i32x4.replace(i32x4.splat(wide.whole(f64x2.lane(get(x), 0))), 2, get(second)), 3, get(second))];
  });
  const inPairs = (name: VectorName): InPlace => {
    const slowly = (one: (...operands: readonly Code[]) => Code): InPlace => (_, ...operands) => call(oneByOne(name, operands.length, one), ...operands);
    switch (name) {
      case 'exp': return pairs.exp;
      case 'tanh': return pairs.tanh;
      case 'logistic': return pairs.logistic;
      case 'expm1': return pairs.expm1(oneByOne(name, 1, (x) => wide.of(name, x)));
      case 'log': return pairs.log(oneByOne(name, 1, (x) => wide.of(name, x)));
      case 'log1p': case 'erf': case 'sin': case 'cos': return slowly((x) => wide.of(name, x));
      case 'atan2': case 'pow': case 'rem': return slowly((x, y) => wide[name](x, y));
      case 'whole': return (_, x) => call(wholePair(), x);
    }
  };
  const slowly = (name: 'log1p' | 'sin' | 'cos'): number => laneByLane(name, 1, (x) => f32.fromF64(wide.of(name, x)));
  const inPlace = (name: VectorName): InPlace => {
    switch (name) {
      case 'exp': return expFast(ofOne('exp.any', expAny));
      case 'log': return logFast(ofOne('log.any', logAny));
      case 'logistic': return (fn, value) => {
        // by e^−|x|, so that small results fade out gradually
        const x = fn.local('v128'), e = fn.local('v128');
        return [set(x, value), set(e, inPlace('exp')(fn, f32x4.neg(f32x4.abs(get(x))))), f32x4.div(v128.bitselect(get(e), c(1), f32x4.lt(get(x), c(0))), f32x4.add(c(1), get(e)))];
      };
      case 'tanh': return tanh;
      case 'erf': return erf;
      case 'expm1': return expm1;
      case 'log1p': return log1p(slowly(name));
      case 'sin': return sin(slowly(name));
      case 'cos': return cos(slowly(name));
      case 'atan2': return atan2(laneByLane(name, 2, (y, x) => f32.fromF64(wide.atan2(y, x))));
      case 'pow': return pow(laneByLane(name, 2, (x, y) => f32.fromF64(wide.pow(x, y))));
      case 'rem': return rem(laneByLane(name, 2, (x, y) => f32.fromF64(wide.rem(x, y))));
      case 'whole': return whole(laneByLane(name, 1, (x) => f32.ofBits(wide.whole(x))));
    }
  };
  return { inPlace, inPairs, call: (name, ...operands) => call(separate(name, operands.length, (fn, params) => inPlace(name)(fn, ...params.map(get))), ...operands), wide };
};
