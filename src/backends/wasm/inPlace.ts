import { call, f32x4, f64x2, get, i32, i32x4, set, v128, when, type Code, type Local } from './code.ts';
import type { Fn } from './module.ts';

/** What functions of vectors share that are written where they are needed. */
export type InPlace = (fn: Fn, ...operands: readonly Code[]) => Code;

/** polynomial of four f32, the highest coefficient first */
export const horner = (x: Local, [first, ...rest]: readonly number[]): Code => rest.reduce<Code>((sum, k) => f32x4.add(f32x4.mul(sum, get(x)), f32x4.all(k)), f32x4.all(first));
/** the same of two f64 */
export const horner64 = (x: Local, [first, ...rest]: readonly number[]): Code => rest.reduce<Code>((sum, k) => f64x2.add(f64x2.mul(sum, get(x)), f64x2.all(k)), f64x2.all(first));

export const allOf = (mask: Code): Code => i32.eq(i32x4.bitmask(mask), i32.const(15));
/** the result anew by the function `slow` unless all lanes are easy */
export const unlessEasy = (easy: Code, result: Local, slow: number, ...operands: readonly Local[]): Code => when(i32.eqz(allOf(easy)), set(result, call(slow, ...operands.map(get))));

/** how two lanes in the low words become f64, and what becomes of the result */
interface Widening { readonly wide: (v: Code) => Code; readonly narrow: (v: Code) => Code }
export const floats: Widening = { wide: f64x2.fromF32, narrow: f32x4.fromF64 };
export const naturals: Widening = { wide: f64x2.fromU32, narrow: i32x4.fromF64U };
/** Four lanes as two halves of two f64 each. */
export const byHalves = (fn: Fn, { wide, narrow }: Widening, operands: readonly Local[], body: (...halves: readonly Local[]) => Code): Code => {
  const half = (of: (v: Local) => Code): Code => {
    const halves = operands.map(() => fn.local('v128'));
    return narrow([operands.map((v, i) => set(halves[i], wide(of(v)))), body(...halves)]);
  };
  return v128.shuffle(half(get), half((v) => v128.shuffle(get(v), get(v), [2, 3, 2, 3])), [0, 1, 4, 5]);
};
