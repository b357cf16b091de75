import type { Dim } from '../core/dim.ts';

/** Sums and products of sizes and names: how computed dimensions are written, and what they come to. */

/** A dimension that cannot be: what is wrong, and the name that has no binding, if that is it. */
export interface BadDim { readonly wrong: string; readonly unbound?: string }
export const isBad = (d: Dim | BadDim): d is BadDim => typeof d === 'object' && 'wrong' in d;

export const isGood = (d: Dim | BadDim): d is Dim => !isBad(d);

export type Value = number | { readonly name: string; readonly by: number; readonly max: number };
type Token = string;
const tokens = (text: string): readonly Token[] => text.match(/ceil|[\p{L}_$][\p{L}\p{N}_$']*|\d+(?:\.\d+)?|[-+*/()]/gu) ?? [];

const arithmetic: { readonly [op: string]: (a: Value, b: Value) => Value | undefined } = {
  '+': (a, b) => (typeof a === 'number' && typeof b === 'number' ? a + b : a === 0 ? b : b === 0 ? a : undefined),
  '-': (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : b === 0 ? a : undefined),
  '*': (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a * b;
    if (typeof a === 'number') return typeof b === 'number' ? undefined : { ...b, by: a * b.by };
    return typeof b === 'number' ? { ...a, by: a.by * b } : undefined;
  },
  '/': (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a / b;
    if (typeof a === 'number') return undefined;
    if (typeof b === 'number') return Number.isInteger(a.by / b) ? { ...a, by: a.by / b } : undefined;
    return a.name === b.name && Number.isInteger(a.by / b.by) ? a.by / b.by : undefined;
  },
};

/** `2*batch`, `past+seq`, `ceil((seq-1)/2)` under values of the names. */
export const evaluateDim = (text: string, valueOf: (name: string) => Value | BadDim): Value | BadDim => {
  const list = tokens(text);
  let at = 0, bad: BadDim | undefined;
  const fail = (): Value => { bad ??= { wrong: `'${text}' cannot be a dimension while one of its names has no fixed size` }; return 0; };
  const atom = (): Value => {
    const t = list[at++];
    if (t === '(' || t === 'ceil') {
      if (t === 'ceil') at++;
      const inner = sum();
      at++;
      return t === 'ceil' ? (typeof inner === 'number' ? Math.ceil(inner) : fail()) : inner;
    }
    if (t === undefined) return fail();
    if (/^\d/.test(t)) return Number(t);
    const value = valueOf(t);
    if (typeof value === 'object' && 'wrong' in value) { bad ??= value; return 0; }
    return value;
  };
  const chain = (next: () => Value, ops: readonly string[]): Value => {
    let left = next();
    while (at < list.length && ops.includes(list[at])) left = arithmetic[list[at++]](left, next()) ?? fail();
    return left;
  };
  const product = (): Value => chain(atom, ['*', '/']);
  const sum = (): Value => chain(product, ['+', '-']);
  const value = sum();
  return bad ?? value;
};
