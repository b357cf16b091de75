import type { Half } from '../../core/dtype.ts';
import { f32, f32x4, get, i32, i32x4, select, set, v128, type Code, type ValueType } from './code.ts';
import type { Fn } from './module.ts';

/*
 * Numbers of 16 bits, alone and four at a time, in words of 32: step by step those of core/half.ts. Both forms are written
 * once, over the instructions that they differ in.
 */
interface Words {
  readonly words: ValueType; readonly floats: ValueType;
  readonly all: (n: number) => Code; readonly real: (x: number) => Code;
  readonly and: (a: Code, b: Code) => Code; readonly or: (a: Code, b: Code) => Code; readonly add: (a: Code, b: Code) => Code; readonly sub: (a: Code, b: Code) => Code;
  readonly left: (a: Code, by: number) => Code; readonly right: (a: Code, by: number) => Code;
  /** of words without a sign bit */
  readonly atLeast: (a: Code, b: number) => Code;
  readonly pick: (test: Code, then: Code, otherwise: Code) => Code;
  readonly plus: (a: Code, b: Code) => Code; readonly times: (a: Code, b: Code) => Code;
  readonly ofBits: (a: Code) => Code; readonly bits: (a: Code) => Code;
}
const alone: Words = {
  words: 'i32', floats: 'f32', all: i32.const, real: f32.const, and: i32.and, or: i32.or, add: i32.add, sub: i32.sub,
  left: (a, by) => i32.shl(a, i32.const(by)), right: (a, by) => i32.shrU(a, i32.const(by)),
  atLeast: (a, b) => i32.geS(a, i32.const(b)), pick: select, plus: f32.add, times: f32.mul, ofBits: f32.ofBits, bits: i32.bitsOfF32,
};
const four: Words = {
  words: 'v128', floats: 'v128', all: i32x4.all, real: f32x4.all, and: v128.and, or: v128.or, add: i32x4.add, sub: i32x4.sub,
  left: (a, by) => i32x4.shl(a, i32.const(by)), right: (a, by) => i32x4.shrU(a, i32.const(by)),
  atLeast: (a, b) => i32x4.geS(a, i32x4.all(b)), pick: (test, then, otherwise) => v128.bitselect(then, otherwise, test),
  plus: f32x4.add, times: f32x4.mul, ofBits: (a) => a, bits: (a) => a,
};

interface Conversions { readonly widen: (fn: Fn, w: Words, words: Code) => Code; readonly narrow: (fn: Fn, w: Words, floats: Code) => Code }
const conversions: { readonly [D in Half]: Conversions } = {
  bf16: {
    widen: (_, w, words) => w.ofBits(w.left(words, 16)),
    narrow: (fn, w, floats) => {
      const bits = fn.local(w.words), high = w.right(get(bits), 16), rounded = w.right(w.add(w.add(get(bits), w.all(0x7fff)), w.and(high, w.all(1))), 16);
      return [set(bits, w.bits(floats)), w.pick(w.atLeast(w.and(get(bits), w.all(0x7fffffff)), 0x7f800001), w.or(high, w.all(0x40)), rounded)];
    },
  },
  f16: {
    // the digits of an f32 whose exponent is 112 too small, which a product puts right, below the normal numbers too
    widen: (fn, w, words) => {
      const half = fn.local(w.words), size = fn.local(w.words);
      const near = w.bits(w.times(w.ofBits(get(size)), w.real(2 ** 112))), special = w.pick(w.atLeast(get(size), 0x0f800000), w.all(0x7f800000), w.all(0));
      return [
        set(half, words), set(size, w.left(w.and(get(half), w.all(0x7fff)), 13)),
        w.ofBits(w.or(w.or(near, special), w.left(w.and(get(half), w.all(0x8000)), 16)))];
    },
    narrow: (fn, w, floats) => {
      const bits = fn.local(w.words), size = fn.local(w.words);
      const small = w.sub(w.bits(w.plus(w.ofBits(get(size)), w.real(0.5))), w.all(0x3f000000));
      const normal = w.right(w.sub(w.add(w.add(get(size), w.all(0xfff)), w.and(w.right(get(size), 13), w.all(1))), w.all(0x38000000)), 13);
      const finite = w.pick(w.atLeast(get(size), 0x38800000), normal, small), number = w.pick(w.atLeast(get(size), 0x477ff000), w.all(0x7c00), finite);
      return [
        set(bits, w.bits(floats)), set(size, w.and(get(bits), w.all(0x7fffffff))),
        w.or(w.pick(w.atLeast(get(size), 0x7f800001), w.all(0x7e00), number), w.and(w.right(get(bits), 16), w.all(0x8000)))];
    },
  },
};

/** one number, as an f32 */
export const loadHalf = (fn: Fn, dtype: Half, base: Code, offset: number): Code => conversions[dtype].widen(fn, alone, i32.load16(base, offset));
export const storeHalf = (fn: Fn, dtype: Half, base: Code, offset: number, value: Code): Code => i32.store16(base, conversions[dtype].narrow(fn, alone, value), offset);
/** four in a row, one a lane */
export const loadHalves = (fn: Fn, dtype: Half, base: Code, offset: number): Code => conversions[dtype].widen(fn, four, v128.load16x4(base, offset));
/** as four numbers of 16 bits in the low words */
export const narrowed = (fn: Fn, dtype: Half, value: Code): Code => {
  const words = fn.local('v128');
  return [set(words, conversions[dtype].narrow(fn, four, value)), i32x4.toHalves(get(words))];
};
/** rounded to what a half holds, as an f32 still */
export const roundedHalf = (fn: Fn, dtype: Half, value: Code): Code => conversions[dtype].widen(fn, alone, conversions[dtype].narrow(fn, alone, value));
export const roundedHalves = (fn: Fn, dtype: Half, value: Code): Code => conversions[dtype].widen(fn, four, conversions[dtype].narrow(fn, four, value));
