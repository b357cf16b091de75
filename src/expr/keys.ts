import type { Origin } from '../core/origin.ts';
import { problem } from './codes.ts';
import { composite } from './composite.ts';
import { less } from './elementwise.ts';
import { define, exprOf, here, invalid, isValue, make, typed, typeOf, type Expr, type Problem, type SplitFrom } from './expr.ts';
import { isKey } from './functions.ts';
import { broadcastInDim, concatenated, convertTo, dimensionSize, filled, iotaOf, map, reshaped, sliced, stretch } from './primitives.ts';
import { broadcastTo } from './reshaping.ts';
import { threefryNumbers, threefryRounds } from './threefry.ts';
import type { Tuple } from './types/functions.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import { tag, type Key, type Tensor } from './types/tensor.ts';

/**
 * Random keys: two 32-bit words. Drawing from a key, splitting it and folding a number into it use the same bijection
 * with different counters, so that no two of them give the same bits.
 */
const purposes = { draw: 0, split: 1, fold: 2 } as const;

const keyFrom = (at: Origin, words: readonly [number, number], splitFrom?: SplitFrom): Expr =>
  make(at, 'constant', { value: Uint32Array.from(words), ...(splitFrom && { splitFrom }) }, [], [{ dtype: 'u32', shape: [2] }], { key: true });
const asKey = (e: Expr): Key => typed(e);
/**
 * The two words of a key that is known without running anything, to be saved; undefined for one computed in a program.
 * @example keyOf(keyWords(key(7)) ?? [0, 0])
 */
export const keyWords = (k: Key): readonly [number, number] | undefined => {
  const e = exprOf(k);
  if (e.op !== 'constant' || !ArrayBuffer.isView(e.attrs.value)) return undefined;
  return [e.attrs.value[0], e.attrs.value[1]];
};
/** The key of two words, as `keyWords` gave them. */
export const keyOf = (words: ArrayLike<number>): Key => asKey(keyFrom(here(), [words[0] >>> 0, words[1] >>> 0]));

/**
 * A random key from a seed, an integer; another number is FX1017.
 * @example const [a, b] = split(key(0));
 */
export const key = (seed: number): Key => (Number.isInteger(seed) ? asKey(keyFrom(here(), [Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0]))
  : noKey(here(), [], problem('value', `key: the seed must be an integer, but is ${String(seed)}`)));

/** keys that vmap made, one for each example, are drawn from one by one */
const severalKeys = (k: Expr): Problem | undefined =>
  (isKey(k) && k.shape.length > 1 ? problem('examples', 'there is a random key for each example here, and one is needed', { hint: 'vmap((k) => normal(k, shape), n)(keys)' }) : undefined);
const noKey = (at: Origin, from: readonly Expr[], wrong: Problem): Key => asKey({ ...invalid(at, from, { dtype: 'u32', shape: [2] }, wrong), [tag]: 'key' });
/** the two words of a key as scalars spread over a shape */
const wordsOver = (at: Origin, k: Expr, shape: readonly Dim[]): readonly [Expr, Expr] => {
  const word = (i: number): Expr => stretch(at, reshaped(at, sliced(at, k, 0, i, i + 1, 1, 1), []), shape);
  return [word(0), word(1)];
};
/** the bijection over counters (purpose, index) */
const bits = (at: Origin, name: string, k: Expr, index: Expr, purpose: number, consumes: boolean): readonly Expr[] =>
  composite(name, { purpose }, [k, index], (key, counter) => {
    const high = filled(at, purpose, counter.type);
    return threefryRounds(at, wordsOver(at, key, counter.shape), [high, counter]);
  }, consumes ? k : undefined);

/**
 * Several independent keys from one, which is then used up.
 * @example const [a, b, c] = split(k, 3);
 */
export const split = <N extends number = 2>(k: Key, n?: N): Tuple<N, Key> => typedKeys(splitInto(exprOf(k), n ?? 2));
const typedKeys = (keys: readonly Key[]): never => {
  // SAFETY: `splitInto` makes as many as were asked for
  return keys as never;
};
/** more keys than an array holds are none */
const most = 2 ** 32;
const noCount = (n: number): Problem | undefined =>
  (Number.isInteger(n) && n >= 0 && n < most ? undefined : problem('value', `split: a key is split into a whole number of keys, not into ${String(n)}`));
const splitInto = (k: Expr, n: number): readonly Key[] => {
  const at = here(), known = keyWords(asKey(k)), use = {}, wrong = severalKeys(k) ?? noCount(n);
  if (wrong) return Array.from({ length: n > 2 && n < most ? Math.ceil(n) : 2 }, () => noKey(at, [k], wrong));
  if (known) return Array.from({ length: n }, (_, i) => asKey(keyFrom(at, threefryNumbers(known, [purposes.split, i]), { key: k, use })));
  const all = bits(at, 'splitKey', k, iotaOf(at, { dtype: 'u32', shape: [n] }, 0), purposes.split, true);
  return Array.from({ length: n }, (_, i) => asKey(asKeyExpr(at, all.map((word) => sliced(at, word, 0, i, i + 1, 1, 1)))));
};
const asKeyExpr = (at: Origin, words: readonly Expr[]): Expr => ({ ...concatenated(at, words, 0, 2), [tag]: 'key' });

/**
 * A key made from a key and a number: one for each step of a loop. The given key is not used up.
 * @example const stepKey = foldIn(k, step);
 */
export const foldIn = (k: Key, i: number | Tensor<[], 'i32' | 'u32'>): Key => {
  const e = exprOf(k), at = here(), known = keyWords(k), wrong = severalKeys(e);
  if (wrong) return noKey(at, [e], wrong);
  if (!isValue(i) && known) return asKey(keyFrom(at, threefryNumbers(known, [purposes.fold, Number(i) >>> 0])));
  const index = isValue(i) ? convertTo(at, i, 'u32') : filled(at, Number(i) >>> 0, { dtype: 'u32', shape: [] });
  return asKey(asKeyExpr(at, bits(at, 'foldIn', e, reshaped(at, index, [1]), purposes.fold, false)));
};

/** Row-major positions 0, 1, 2, … as u32. Axes of unknown size are multiplied in at run time. */
const positions = (at: Origin, shape: readonly Dim[]): Expr => {
  const type = typeOf('u32', shape), along = (axis: number): Expr => iotaOf(at, type, axis);
  let total: Expr | undefined, stride: Expr | undefined;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const term: Expr = stride === undefined ? along(axis) : map(at, 'mul', [along(axis), broadcastInDim(at, stride, shape, [])]);
    total = total === undefined ? term : map(at, 'add', [total, term]);
    const size = convertTo(at, dimensionSize(at, along(axis), axis), 'u32');
    stride = stride === undefined ? size : map(at, 'mul', [stride, size]);
  }
  return total ?? filled(at, 0, type);
};
/** a tensor made of two random words an element */
export const draw = (k: Key, shape: readonly Dim[], use: (at: Origin, x: Expr, y: Expr) => Expr | Problem): never => {
  const e = exprOf(k);
  return typed(define([e], (at) => {
    if (!isKey(e)) return problem('value', 'a random key is needed here', { hint: 'key(0), or one of split(k)' });
    const wrong = severalKeys(e);
    if (wrong) return wrong;
    const [x, y] = bits(at, 'randomBits', e, positions(at, shape), purposes.draw, true);
    return use(at, x, y);
  }));
};

const twoTo = (n: number): number => 2 ** n;
/** the upper 24 bits as a number in [0, 1), the same on every backend */
const unit = (at: Origin, word: Expr, shift = 0): Expr => {
  const top = map(at, 'shiftRightLogical', [word, filled(at, 8, word.type)]);
  const real = map(at, 'convert', [top], 'f32');
  const shifted = shift === 0 ? real : map(at, 'add', [real, filled(at, shift, real.type)]);
  return map(at, 'mul', [shifted, filled(at, twoTo(-24), real.type)]);
};

/** the largest number of f32 below */
const belowF32 = (x: number): number => {
  const near = Float32Array.of(x), bits = new Int32Array(near.buffer);
  if (near[0] < x) return near[0];
  if (near[0] === 0) return -(2 ** -149);
  bits[0] += near[0] > 0 ? -1 : 1;
  return near[0];
};
/** what no number may pass, where rounding could bring the largest up to `high`, or bounds that are one number of f32 */
const limitOf = (low: number, high: number): number | undefined => {
  const start = Math.fround(low), largest = Math.fround(Math.fround(Math.fround(high - low) * (1 - twoTo(-24))) + start);
  return low === 0 || largest < high ? undefined : Math.max(start, belowF32(high));
};
const boundsProblem = (low: number, high: number): Problem | undefined => (low <= high && Number.isFinite(Math.fround(high - low)) ? undefined
  : problem('value', `uniform: there is no range of f32 from ${String(low)} to ${String(high)}`, { hint: 'two finite numbers, the lower one first' }));
/**
 * Uniform numbers in [0, 1), or [low, high); multiples of 2⁻²⁴ of the range. Bounds that are no range are FX1017.
 * @example uniform(k, [3, 4]); uniform(k, [3], { low: -1, high: 1 })
 */
export function uniform<const S extends Dim[]>(k: Key, shape: readonly [...S], options: { readonly low?: number; readonly high?: number } = {}): Tensor<S, 'f32'> {
  const { low = 0, high = 1 } = options;
  return draw(k, shape, (at, x) => {
    const wrong = boundsProblem(low, high);
    if (wrong) return wrong;
    const u = unit(at, x), like = (value: number): Expr => filled(at, Math.fround(value), u.type), limit = limitOf(low, high);
    // what rounds is rounded on every backend, and nothing around it is put together with it
    const rounded = (fn: 'mul' | 'add', e: Expr, value: number): Expr => map(at, 'reducePrecision', [map(at, fn, [e, like(value)])]);
    const scaled = high - low === 1 ? u : rounded('mul', u, high - low);
    const moved = low === 0 ? scaled : rounded('add', scaled, low);
    return limit === undefined ? moved : map(at, 'min', [moved, like(limit)]);
  });
}
/**
 * Numbers of the standard normal distribution (Box and Muller 1958).
 * @example mul(normal(k, [784, 128]), 0.05)
 */
export function normal<const S extends Dim[]>(k: Key, shape: readonly [...S]): Tensor<S, 'f32'> {
  return draw(k, shape, (at, x, y) => {
    const u = unit(at, x, 1), angle = unit(at, y), by = (e: Expr, c: number): Expr => map(at, 'mul', [e, filled(at, c, e.type)]);
    const radius = map(at, 'sqrt', [by(map(at, 'log', [u]), -2)]);
    return map(at, 'mul', [radius, map(at, 'cos', [by(angle, 2 * Math.PI)])]);
  });
}
/**
 * True with probability p: a number from 0 to 1 (another is FX1017), or one for each element, which broadcasts.
 * @example bernoulli(k, 0.9, x.shape)
 */
export function bernoulli<const S extends Shape>(k: Key, p: number | Tensor<Shape, 'f32'>, shape: S): Tensor<S, 'bool'> {
  return typeof p === 'number' ? draw(k, shape, (at, x) => {
    if (!(p >= 0 && p <= 1)) return problem('value', `bernoulli: a probability is a number from 0 to 1, and ${p} is none`);
    const u = unit(at, x);
    return map(at, 'lt', [u, filled(at, p, u.type)]);
  }) : bernoulliOfEach(k, p, shape);
}
const bernoulliOfEach = (k: Key, p: Tensor<Shape, 'f32'>, shape: Shape): never => {
  const e = exprOf(p);
  return typed(define(isValue(e) ? [exprOf(k), e] : [exprOf(k)], () => {
    if (!isValue(e)) return problem('value', 'bernoulli: the probability must be a number, or a tensor of them');
    if (e.dtype !== 'f32') return problem('dtypes', `bernoulli: the probabilities must be f32, but are ${e.dtype}`, { hint: "convert(p, 'f32')" });
    const spread: Tensor<Dyn, 'f32'> = typed(exprOf(broadcastTo<Dyn, 'f32', Dim[]>(typed(e), [...shape]))), u: Tensor<Dyn, 'f32'> = typed(exprOf(uniform(k, [...shape])));
    return exprOf(less(u, spread));
  }));
};
/** 32 random bits an element. */
export function randomBits<const S extends Dim[]>(k: Key, shape: readonly [...S]): Tensor<S, 'u32'> {
  return draw(k, shape, (_, x) => x);
}
