import type { TensorType } from '../core/dim.ts';
import { isFloat, type DType } from '../core/dtype.ts';
import type { Builder } from '../ir/graph/build.ts';
import type { Node } from '../ir/graph/syntax.ts';
import type { ScalarName } from '../ir/scalars.ts';

/** A value of a generated program, and the interval that its elements stay in. */
export interface Known { readonly node: Node; readonly lo: number; readonly hi: number }

/** A program being generated: what has been computed, and a stream of choices that shrinks. */
export interface Pool {
  readonly b: Builder;
  readonly known: Known[];
  /** the scalar functions that it may hold */
  readonly fns: readonly ScalarName[];
  /** a natural number below n, from the recipe */
  readonly below: (n: number) => number;
}

/** the magnitude that values are kept under, so that rounding stays explainable */
export const limit = 8;

export const pick = <A>(p: Pool, options: readonly A[]): A => options[p.below(options.length)];
/** a value that has been computed: the later, the likelier, so that most of a program is needed for its results */
export const anyValue = (p: Pool): Known => later(p, p.known);
export const anyKnown = (p: Pool, want: (k: Known) => boolean): Known | undefined => {
  const options = p.known.filter(want);
  return options.length === 0 ? undefined : later(p, options);
};
const later = (p: Pool, options: readonly Known[]): Known => options[options.length - 1 - Math.min(p.below(options.length), p.below(options.length))];
export const ofDtype = (...dtypes: readonly DType[]) => (k: Known): boolean => dtypes.includes(k.node.type.dtype);
export const floats = (k: Known): boolean => isFloat(k.node.type.dtype);
export const magnitude = ({ lo, hi }: Known): number => Math.max(Math.abs(lo), Math.abs(hi));

/** a number that every float dtype holds: rules that fold constants must not round them again */
const single = Math.fround;
/** brings a value's magnitude under the limit by a power of two (floats) or a remainder (integers) */
export const tame = (p: Pool, k: Known): Known => {
  const size = magnitude(k);
  if (size <= limit || !isFloat(k.node.type.dtype)) return k;
  const factor = 2 ** -Math.ceil(Math.log2(size / limit));
  return { node: p.b.map('mul', [k.node, p.b.like(k.node, factor)]), lo: k.lo * factor, hi: k.hi * factor };
};

/** the value itself if it lies in the domain, else a smooth image of it that does */
export const within = (p: Pool, k: Known, [lo, hi]: readonly [number, number]): Known => {
  if (k.lo >= lo && k.hi <= hi) return k;
  const { b } = p;
  if (!isFloat(k.node.type.dtype)) {
    const low = Math.ceil(lo), high = Math.floor(hi);
    return { node: b.map('max', [b.map('min', [k.node, b.like(k.node, high)]), b.like(k.node, low)]), lo: low, hi: high };
  }
  const half = (hi - lo) / 2;
  const wave = b.map('mul', [b.map('sin', [k.node]), b.like(k.node, half)]);
  return { node: b.map('add', [wave, b.like(k.node, lo + half)]), lo, hi };
};

/** mostly moved off the values where functions jump: at a jump a rounding error decides, and nothing can be said */
export const untied = (p: Pool, k: Known): Known => {
  if (!isFloat(k.node.type.dtype) || p.below(8) === 0) return k;
  return { node: p.b.map('add', [k.node, p.b.like(k.node, single(Math.E / 10))]), lo: k.lo + 0.27, hi: k.hi + 0.28 };
};

/** the value as another type: converted, then repeated, reshaped or summed up and spread out */
export const coerce = (p: Pool, k: Known, type: TensorType): Known => {
  const typed = toDtype(p, k, type.dtype);
  const from = typed.node.type.shape, to = type.shape;
  const count = (shape: TensorType['shape']): number => shape.reduce<number>((n, d) => n * Number(d), 1);
  if (from.length === to.length && from.every((d, i) => d === to[i])) return typed;
  if (count(from) === count(to)) return { ...typed, node: p.b.reshape(typed.node, to) };
  const offset = to.length - from.length;
  if (offset >= 0 && from.every((d, i) => d === 1 || d === to[i + offset])) {
    return { ...typed, node: p.b.broadcastInDim(typed.node, to, from.map((_, i) => i + offset)) };
  }
  const all = from.map((_, i) => i), scalar = isFloat(type.dtype) ? mean(p, typed.node, count(from)) : p.b.reduce(type.dtype === 'bool' ? 'or' : 'max', typed.node, all);
  const safe = count(from) === 0 ? p.b.like(scalar, 1) : scalar;
  return { node: p.b.broadcastInDim(safe, to, []), lo: Math.min(typed.lo, 1), hi: Math.max(typed.hi, 1) };
};

const mean = (p: Pool, x: Node, count: number): Node => {
  const sum = p.b.reduce('add', x, x.type.shape.map((_, i) => i));
  return p.b.map('mul', [sum, p.b.like(sum, count === 0 ? 1 : single(1 / count))]);
};
const toDtype = (p: Pool, k: Known, dtype: DType): Known => {
  const from = k.node.type.dtype;
  if (from === dtype) return k;
  if (dtype === 'u32') return { node: p.b.convert(p.b.map('abs', [toDtype(p, k, 'i32').node]), 'u32'), lo: 0, hi: magnitude(k) };
  const small = isFloat(from) && !isFloat(dtype) ? untied(p, k) : from === 'u32' || from === 'i32' ? within(p, k, [from === 'u32' ? 0 : -limit, limit]) : k;
  const node = p.b.convert(small.node, dtype);
  if (dtype === 'bool') return { node, lo: 0, hi: 1 };
  return { node, lo: dtype === 'i32' ? Math.ceil(small.lo - 1) : small.lo, hi: dtype === 'i32' ? Math.floor(small.hi + 1) : small.hi };
};
