import { isFloat, type Float } from '../core/dtype.ts';
import type { Origin } from '../core/origin.ts';
import { erf } from '../core/special.ts';
import { problem } from './codes.ts';
import { abs, clamp, log, log1p, mul, neg, sign, sub } from './elementwise.ts';
import { define, exprOf, typed, type Expr } from './expr.ts';
import { draw } from './keys.ts';
import { erfInv } from './maths.ts';
import { convertTo, filled, map, reduced } from './primitives.ts';
import { isIndex, oneAxis } from './reduction.ts';
import type * as T from './types/shape.ts';
import type { Dim, Shape } from './types/shape.ts';
import type { Key, Ok, Tensor } from './types/tensor.ts';

/*
 * Distributions beside the uniform and the normal one, each from one draw of bits. The bits are the same on every backend;
 * where logarithms are taken the numbers agree within 4 units in the last place of the larger of 1 and themselves.
 */
type Reals = Tensor<T.Dyn, 'f32'>;

/** odd multiples of 2⁻²⁴, which are inside of (0, 1): neither end, at which logarithms are infinite, and as near to one as to the other */
const inner = (at: Origin, word: Expr): Reals => {
  const of = (fn: 'shiftRightLogical' | 'or', x: Expr, n: number): Expr => map(at, fn, [x, filled(at, n, x.type)]);
  const odd = convertTo(at, of('or', of('shiftRightLogical', word, 8), 1), 'f32');
  return typed(map(at, 'mul', [odd, filled(at, 2 ** -24, odd.type)]));
};
const real = <S extends readonly Dim[]>(k: Key, shape: S, of: (u: Reals) => Reals): never => draw(k, shape, (at, word) => exprOf(of(inner(at, word))));

/** Numbers of the exponential distribution of mean 1. @example div(exponential(k, [100]), rate) */
export function exponential<const S extends Dim[]>(k: Key, shape: readonly [...S]): Tensor<S, 'f32'> {
  return real(k, shape, (u) => neg(log(u)));
}
/** Numbers of Gumbel's distribution: the largest of logits with these added is a draw from their softmax. @example argmax(add(logits, gumbel(k, [10])), 0) */
export function gumbel<const S extends Dim[]>(k: Key, shape: readonly [...S]): Tensor<S, 'f32'> {
  return real(k, shape, (u) => neg(log(neg(log(u)))));
}
/** Numbers of Laplace's distribution: exponential on both sides of 0, of variance 2. @example mul(laplace(k, [100]), scale) */
export function laplace<const S extends Dim[]>(k: Key, shape: readonly [...S]): Tensor<S, 'f32'> {
  return real(k, shape, (u) => {
    const v = sub(mul(u, 2), 1);
    return mul(neg(sign(v)), log1p(neg(abs(v))));
  });
}

/** One index for each row of logits, of the last axis, with the probabilities of its softmax (Gumbel's maximum). @example categorical(k, logits) */
export function categorical<A extends Shape, D extends Float>(k: Key, logits: Tensor<A, D>): Tensor<Ok<T.Reduce<A, -1, false, 'categorical'>>, 'i32'> {
  const e = exprOf(logits);
  return typed(define([e], (at) => {
    if (!isFloat(e.dtype)) return problem('notTaken', `categorical: does not take ${e.dtype}`, { hint: "convert(x, 'f32')" });
    const axis = oneAxis('categorical', e, -1);
    return isIndex(axis) ? reduced(at, 'argMax', map(at, 'add', [e, convertTo(at, exprOf(gumbel(k, e.shape)), e.dtype)]), [axis]) : axis;
  }));
}

// ── integers, and what is drawn from evenly spaced numbers

/** the upper word of the product of a word and a number, by halves of 16 bits, none of whose sums overflows */
const upperWord = (at: Origin, word: Expr, by: number): Expr => {
  const of = (n: number): Expr => filled(at, n, word.type), op = (fn: 'add' | 'mul' | 'and' | 'shiftRightLogical') => (x: Expr, y: Expr | number): Expr => map(at, fn, [x, typeof y === 'number' ? of(y) : y]);
  const [plus, times, and, down] = [op('add'), op('mul'), op('and'), op('shiftRightLogical')], [upper, lower] = [down(word, 16), and(word, 0xffff)], [up, low] = [by >>> 16, by & 0xffff];
  const first = plus(times(upper, low), down(times(lower, low), 16)), second = plus(times(lower, up), and(first, 0xffff));
  return plus(plus(times(upper, up), down(first, 16)), down(second, 16));
};
/** natural numbers below `size`, which is below 2³²: the upper word of 64 random bits times it (Lemire 2019, without its rejections) */
const below = (at: Origin, [x, y]: readonly [Expr, Expr], size: number): Expr => {
  const lower = map(at, 'mul', [x, filled(at, size, x.type)]), sum = map(at, 'add', [lower, upperWord(at, y, size)]), carry = convertTo(at, map(at, 'lt', [sum, lower]), 'u32');
  return map(at, 'add', [upperWord(at, x, size), carry]);
};
/** those from `low` on */
const from = (at: Origin, natural: Expr, low: number): Expr => {
  const drawn = convertTo(at, natural, 'i32');
  return map(at, 'add', [drawn, filled(at, low, drawn.type)]);
};
/**
 * Integers from low up to, but without, high: equally likely, but for less than 2⁻³² of their probability. The same on every backend.
 * @example randint(k, [6], 1, 7)
 */
export function randint<const S extends Dim[]>(k: Key, shape: readonly [...S], low: number, high: number): Tensor<S, 'i32'> {
  return draw(k, shape, (at, x, y) => {
    if (!(Number.isInteger(low) && Number.isInteger(high) && low < high && low >= -(2 ** 31) && high <= 2 ** 31)) return problem('value', `randint: there are no integers of 32 bits from ${low} up to ${high}`, { hint: 'the lower bound comes first; the upper one is left out' });
    return high - low === 2 ** 32 ? convertTo(at, x, 'i32') : from(at, below(at, [x, y], high - low), low);
  });
}
/** the multiples of a power of two that f32 tells apart between two probabilities of erf, without −1 and 1 themselves */
interface Grid { readonly spacing: number; readonly first: number; readonly count: number }
const gridBetween = (low: number, high: number): Grid => {
  const [a, b] = [erf(low * Math.SQRT1_2), erf(high * Math.SQRT1_2)], largest = Math.min(1 - 2 ** -24, Math.max(Math.abs(a), Math.abs(b))), spacing = 2 ** (Math.floor(Math.log2(largest)) - 23);
  const first = Math.max(Math.ceil(a / spacing), 1 - 2 ** 24), last = Math.min(Math.floor(b / spacing), 2 ** 24 - 1);
  return { spacing, first, count: last - first + 1 };
};
/**
 * Numbers of the standard normal distribution between two bounds, of which one or both may be infinite. Bounds between which
 * f32 tells fewer than 256 probabilities apart (such as 4.5 and more) are refused.
 * @example mul(truncatedNormal(k, -2, 2, [784, 128]), 0.05)
 */
export function truncatedNormal<const S extends Dim[]>(k: Key, low: number, high: number, shape: readonly [...S]): Tensor<S, 'f32'> {
  const { spacing, first, count } = gridBetween(low, high);
  return draw(k, shape, (at, x, y) => {
    if (!(low < high)) return problem('value', `truncatedNormal: the bounds ${low} and ${high} leave nothing between them`, { hint: 'the lower bound comes first' });
    if (count < 256) return problem('value', `truncatedNormal: between ${low} and ${high} f32 has too few numbers to draw from`, { hint: 'move the bounds towards 0, or apart' });
    // integers, so that what is left to round is the inverse alone
    const v: Reals = typed(convertTo(at, from(at, below(at, [x, y], count), first), 'f32'));
    return exprOf(clamp(mul(erfInv(mul(v, spacing)), Math.SQRT2), low, high));
  });
}
