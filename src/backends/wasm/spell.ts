import { isFloat, type Computed, type DType } from '../../core/dtype.ts';
import type { ScalarName } from '../../ir/scalars.ts';
import { roundedHalf, roundedHalves } from './halves.ts';
import { choose, f32, f32x4, f64, f64x2, get, i32, i32x4, i64x2, select, v128, type Code, type ValueType } from './code.ts';
import { divide } from './lanes64.ts';
import type { MathFunctions, VectorName } from './maths.ts';
import { hold, type Writer } from './writer.ts';

/** The scalar functions of one number and of all lanes. A bool is 0 or 1 alone, and no bits or all bits in a lane. */
export const typeOf = (dtype: Computed): ValueType => (dtype === 'f32' || dtype === 'f64' ? dtype : 'i32');

type Binary = (x: Code, y: Code) => Code;
/** the first of four lanes */
const maths = (m: MathFunctions, name: VectorName, ...operands: readonly Code[]): Code => f32x4.lane(m.call(name, ...operands.map((x) => f32x4.splat(x))), 0);

/** of one number; `dtype` is the operands', `gives` the result's */
export const scalarCode = (w: Writer, fn: ScalarName, dtype: Computed, gives: DType, args: readonly Code[]): Code => {
  const [x, y, z] = args, float = dtype === 'f64' ? f64 : f32;
  const compare = (floats: Binary, signed: Binary, unsigned: Binary): Code => (isFloat(dtype) ? floats : dtype === 'i32' ? signed : unsigned)(x, y);
  const twice = (type: ValueType, code: Code): Code => get(hold(w, type, code));
  switch (fn) {
    case 'stopGradient': case 'reducePrecision': return x;
    case 'convert': return convertScalar(w, x, dtype, gives);
    case 'select': return select(x, y, z);
    case 'not': return dtype === 'bool' ? i32.eqz(x) : i32.xor(x, i32.const(-1));
    case 'eq': return compare(float.eq, i32.eq, i32.eq);
    case 'ne': return compare(float.ne, i32.ne, i32.ne);
    case 'lt': return compare(float.lt, i32.ltS, i32.ltU);
    case 'le': return compare(float.le, i32.leS, i32.leU);
    case 'gt': return compare(float.gt, i32.gtS, i32.gtU);
    case 'ge': return compare(float.ge, i32.geS, i32.geU);
    case 'and': return i32.and(x, y);
    case 'or': return i32.or(x, y);
    case 'xor': return i32.xor(x, y);
    case 'max': case 'min': {
      if (isFloat(dtype)) return float[fn](x, y);
      const a = twice('i32', x), b = twice('i32', y), before = fn === 'max' ? compareOf(dtype, 'gt') : compareOf(dtype, 'lt');
      return select(before(a, b), a, b);
    }
    case 'add': case 'sub': case 'mul': return (isFloat(dtype) ? float : i32)[fn](x, y);
    case 'div': return isFloat(dtype) ? float.div(x, y) : integerDivision(w, fn, dtype, x, y);
    case 'rem': return isFloat(dtype) ? (dtype === 'f64' ? w.maths.wide.rem(x, y) : maths(w.maths, fn, x, y)) : integerDivision(w, fn, dtype, x, y);
    case 'shiftLeft': case 'shiftRightLogical': {
      const by = twice('i32', y);
      return select(i32.gtU(by, i32.const(31)), i32.const(0), (fn === 'shiftLeft' ? i32.shl : i32.shrU)(x, by));
    }
    case 'shiftRightArithmetic': {
      const by = twice('i32', y);
      return i32.shrS(x, select(i32.gtU(by, i32.const(31)), i32.const(31), by));
    }
    case 'neg': return isFloat(dtype) ? float.neg(x) : i32.sub(i32.const(0), x);
    case 'abs': { if (isFloat(dtype)) return float.abs(x); const a = twice('i32', x); return dtype === 'u32' ? a : select(i32.ltS(a, i32.const(0)), i32.sub(i32.const(0), a), a); }
    case 'sign': return signOf(w, dtype, x);
    case 'floor': return float.floor(x);
    case 'ceil': return float.ceil(x);
    case 'round': return float.nearest(x);
    case 'sqrt': return float.sqrt(x);
    case 'rsqrt': return float.div(float.const(1), float.sqrt(x));
    case 'popcount': return i32.popcnt(x);
    case 'countLeadingZeros': return i32.clz(x);
    case 'isFinite': return float.lt(float.abs(x), float.const(Infinity));
    case 'pow': case 'atan2': return dtype === 'f64' ? w.maths.wide[fn](x, y) : maths(w.maths, fn, x, y);
    case 'exp': case 'expm1': case 'log': case 'log1p': case 'tanh': case 'logistic': case 'erf': case 'sin': case 'cos': return dtype === 'f64' ? w.maths.wide.of(fn, x) : maths(w.maths, fn, x);
  }
};
const compareOf = (dtype: Computed, which: 'gt' | 'lt'): Binary => (dtype === 'i32' ? (which === 'gt' ? i32.gtS : i32.ltS) : which === 'gt' ? i32.gtU : i32.ltU);
const convertScalar = (w: Writer, x: Code, from: Computed, to: DType): Code => {
  if (from === to) return x;
  const m = w.maths;
  switch (to) {
    case 'f32': return from === 'f64' ? f32.fromF64(x) : from === 'u32' ? f32.fromU32(x) : f32.fromI32(x);
    case 'f64': return from === 'f32' ? f64.fromF32(x) : from === 'u32' ? f64.fromU32(x) : f64.fromI32(x);
    case 'i32': case 'u32': return from === 'f32' ? m.wide.whole(f64.fromF32(x)) : from === 'f64' ? m.wide.whole(x) : x;
    case 'f16': case 'bf16': return roundedHalf(w.fn, to, convertScalar(w, x, from, 'f32'));
    case 'bool': return from === 'f32' ? f32.ne(x, f32.const(0)) : from === 'f64' ? f64.ne(x, f64.const(0)) : i32.ne(x, i32.const(0));
  }
};
/** toward zero; x / 0 = −1, x rem 0 = x, and the smallest i32 by −1 wraps */
const integerDivision = (w: Writer, fn: 'div' | 'rem', dtype: Computed, x: Code, y: Code): Code => {
  const a = get(hold(w, 'i32', x)), b = get(hold(w, 'i32', y)), [div, rem] = dtype === 'i32' ? [i32.divS, i32.remS] : [i32.divU, i32.remU];
  if (fn === 'rem') return choose('i32', i32.eqz(b), a, rem(a, b));
  const wraps = i32.and(i32.eq(a, i32.const(-(2 ** 31))), i32.eq(b, i32.const(-1)));
  const quotient = dtype === 'i32' ? choose('i32', wraps, a, div(a, b)) : div(a, b);
  return choose('i32', i32.eqz(b), i32.const(-1), quotient);
};
const signOf = (w: Writer, dtype: Computed, x: Code): Code => {
  const a = get(hold(w, typeOf(dtype), x));
  if (!isFloat(dtype)) return dtype === 'u32' ? i32.ne(a, i32.const(0)) : i32.or(i32.shrS(a, i32.const(31)), i32.ne(a, i32.const(0)));
  const float = dtype === 'f64' ? f64 : f32;
  return select(i32.or(float.eq(a, float.const(0)), float.ne(a, a)), a, float.copysign(float.const(1), a));
};

/** two numbers of 32 bits, each of which is to stand twice, and back */
export const twice = (w: Writer, v: Code): Code => { const pair = get(hold(w, 'v128', v)); return v128.shuffle(pair, pair, [0, 0, 1, 1]); };
export const once = (w: Writer, v: Code): Code => { const pair = get(hold(w, 'v128', v)); return v128.shuffle(pair, pair, [0, 2, 0, 2]); };

/** of four lanes of 32 bits; of two of f64, whose numbers of 32 bits stand twice, so that the same instructions are right for them */
export const lanesCode = (w: Writer, fn: ScalarName, dtype: Computed, gives: DType, args: readonly Code[]): Code => {
  const [x, y, z] = args, whole = !isFloat(dtype), floats = dtype === 'f64' ? f64x2 : f32x4;
  const compare = (float: Binary, signed: Binary, unsigned: Binary): Code => (!whole ? float : dtype === 'i32' ? signed : unsigned)(x, y);
  switch (fn) {
    case 'stopGradient': case 'reducePrecision': return x;
    case 'convert': return convertLanes(w, x, dtype, gives);
    case 'select': return v128.bitselect(y, z, x);
    case 'not': return v128.not(x);
    case 'eq': return compare(floats.eq, i32x4.eq, i32x4.eq);
    case 'ne': return compare(floats.ne, i32x4.ne, i32x4.ne);
    case 'lt': return compare(floats.lt, i32x4.ltS, i32x4.ltU);
    case 'le': return compare(floats.le, i32x4.leS, i32x4.leU);
    case 'gt': return compare(floats.gt, i32x4.gtS, i32x4.gtU);
    case 'ge': return compare(floats.ge, i32x4.geS, i32x4.geU);
    case 'and': return v128.and(x, y);
    case 'or': return v128.or(x, y);
    case 'xor': return v128.xor(x, y);
    case 'max': return dtype === 'bool' ? v128.or(x, y) : compare(floats.max, i32x4.maxS, i32x4.maxU);
    case 'min': return dtype === 'bool' ? v128.and(x, y) : compare(floats.min, i32x4.minS, i32x4.minU);
    case 'add': case 'sub': case 'mul': return (whole ? i32x4 : floats)[fn](x, y);
    case 'div': return whole ? divide(fn, dtype === 'u32' ? 'u32' : 'i32')(w.fn, x, y) : floats.div(x, y);
    case 'rem': return whole ? divide(fn, dtype === 'u32' ? 'u32' : 'i32')(w.fn, x, y) : inLanes(w, fn, dtype, x, y);
    case 'shiftLeft': case 'shiftRightLogical': return shiftedLanes(w, fn, x, y);
    case 'shiftRightArithmetic': return movedLanes(w, i32x4.shrS, x, get(hold(w, 'v128', i32x4.minU(y, i32x4.all(31)))));
    case 'popcount': return i32x4.popcnt(x);
    case 'countLeadingZeros': return leadingZeros(w, x);
    case 'isFinite': return floats.lt(floats.abs(x), floats.all(Infinity));
    case 'sign': return signLanes(w, dtype, x);
    case 'neg': return whole ? i32x4.neg(x) : floats.neg(x);
    case 'abs': return whole ? (dtype === 'u32' ? x : i32x4.abs(x)) : floats.abs(x);
    case 'floor': return floats.floor(x);
    case 'ceil': return floats.ceil(x);
    case 'round': return floats.nearest(x);
    case 'sqrt': return floats.sqrt(x);
    case 'rsqrt': return floats.div(floats.all(1), floats.sqrt(x));
    case 'exp': case 'expm1': case 'log': case 'log1p': case 'tanh': case 'logistic': case 'erf': case 'sin': case 'cos': return inLanes(w, fn, dtype, x);
    case 'pow': case 'atan2': return inLanes(w, fn, dtype, x, y);
  }
};
const inLanes = (w: Writer, fn: VectorName, dtype: Computed, ...args: readonly Code[]): Code => (dtype === 'f64' ? w.maths.inPairs : w.maths.inPlace)(fn)(w.fn, ...args);
const convertLanes = (w: Writer, x: Code, from: Computed, to: DType): Code => {
  if (from === to) return x;
  switch (to) {
    case 'f32': return from === 'f64' ? twice(w, f32x4.fromF64(x)) : from === 'bool' ? v128.and(x, f32x4.all(1)) : from === 'u32' ? f32x4.fromU32(x) : f32x4.fromI32(x);
    case 'i32': case 'u32': return isFloat(from) ? inLanes(w, 'whole', from, x) : from === 'bool' ? i32x4.neg(x) : x;
    case 'f16': case 'bf16': return roundedHalves(w.fn, to, convertLanes(w, x, from, 'f32'));
    case 'bool': return from === 'f32' ? f32x4.ne(x, f32x4.all(0)) : from === 'f64' ? f64x2.ne(x, f64x2.all(0)) : i32x4.ne(x, i32x4.all(0));
    case 'f64': return from === 'bool' ? v128.and(x, f64x2.all(1)) : (from === 'f32' ? f64x2.fromF32 : from === 'u32' ? f64x2.fromU32 : f64x2.fromI32)(once(w, x));
  }
};
/** each lane by its own number of bits below 32: by 16, 8, 4, 2 and 1 where it has that bit */
const movedLanes = (w: Writer, shift: Binary, x: Code, by: Code): Code => [4, 3, 2, 1, 0].reduce<Code>((value, bit) => {
  const v = hold(w, 'v128', value), has = i32x4.shrS(i32x4.shl(by, i32.const(31 - bit)), i32.const(31));
  return v128.bitselect(shift(get(v), i32.const(2 ** bit)), get(v), has);
}, x);
/** 32 or more of which leave 0 */
const shiftedLanes = (w: Writer, fn: 'shiftLeft' | 'shiftRightLogical', x: Code, by: Code): Code => {
  const n = hold(w, 'v128', by);
  return v128.and(movedLanes(w, fn === 'shiftLeft' ? i32x4.shl : i32x4.shrU, x, get(n)), i32x4.ltU(get(n), i32x4.all(32)));
};
/** all bits below the highest are set too, and those that are left counted */
const leadingZeros = (w: Writer, x: Code): Code => i32x4.popcnt(v128.not([1, 2, 4, 8, 16].reduce<Code>((value, by) => {
  const v = hold(w, 'v128', value);
  return v128.or(get(v), i32x4.shrU(get(v), i32.const(by)));
}, x)));
/** the same number of bits in all lanes */
export const shiftLanes = (fn: 'shiftLeft' | 'shiftRightLogical' | 'shiftRightArithmetic', x: Code, by: number): Code =>
  fn === 'shiftRightArithmetic' ? i32x4.shrS(x, i32.const(Math.min(by >>> 0, 31))) :
  (by >>> 0 > 31 ? i32x4.all(0) : (fn === 'shiftLeft' ? i32x4.shl : i32x4.shrU)(x, i32.const(by)));
const signLanes = (w: Writer, dtype: Computed, x: Code): Code => {
  const v = hold(w, 'v128', x), zero = i32x4.all(0);
  if (dtype === 'u32') return i32x4.neg(i32x4.ne(get(v), zero));
  if (!isFloat(dtype)) return i32x4.sub(i32x4.ltS(get(v), zero), i32x4.gtS(get(v), zero));
  const floats = dtype === 'f64' ? f64x2 : f32x4, sign = dtype === 'f64' ? i64x2.all(-(2n ** 63n)) : i32x4.all(0x80000000 | 0);
  const one = v128.or(v128.and(get(v), sign), floats.all(1)), other = v128.or(floats.lt(get(v), floats.all(0)), floats.gt(get(v), floats.all(0)));
  return v128.bitselect(one, get(v), other);
};
