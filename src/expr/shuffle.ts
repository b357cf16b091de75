import type { DType } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { show } from './dims.ts';
import { define, exprOf, typed } from './expr.ts';
import { rem } from './elementwise.ts';
import { randomBits } from './keys.ts';
import { take } from './lookup.ts';
import { convertTo, reshaped, sliced } from './primitives.ts';
import { ordered } from './sorting.ts';
import type { Dim, Dyn, Shape } from './types/shape.ts';
import type { Key, Tensor } from './types/tensor.ts';

/**
 * The numbers 0 … n − 1 in random order, as i32: the order of n random keys of 64 bits each.
 * @example take(images, permutation(k, 60000))
 */
export function permutation<const N extends number>(k: Key, n: N): Tensor<[N], 'i32'> {
  const isCount = Number.isInteger(n) && n >= 0, bits = exprOf(randomBits(k, [2, isCount ? n : 0]));
  return typed(define([bits], (at) => {
    if (!isCount) return problem('value', `permutation: there must be a whole number of them, from 0 on, but it is ${n}`);
    const words = [0, 1].map((i) => reshaped(at, sliced(at, bits, 0, i, i + 1, 1, 1), [n]));
    return ordered(at, words, 0, false);
  }));
}

export interface ChoiceOptions { /** whether the same may come again; it may, unless told otherwise */ readonly replace?: boolean }
/**
 * So many random ones of 0 … n − 1, or of the rows of a tensor: [...shape], or [...shape, …rest]. Without `replace` none comes
 * twice. Each is as likely as any other, but for a part in 2³²/n.
 * @example choice(k, 10, [3], { replace: false })
 */
export function choice<const S extends Dim[]>(k: Key, n: number, shape: readonly [...S], options?: ChoiceOptions): Tensor<S, 'i32'>;
export function choice<D extends DType>(k: Key, x: Tensor<Shape, D>, shape: readonly number[], options?: ChoiceOptions): Tensor<Dyn, D>;
export function choice(k: Key, from: number | Tensor, shape: readonly Dim[], { replace = true }: ChoiceOptions = {}): never {
  const n = typeof from === 'number' ? from : from.shape[0];
  const ids = replace ? exprOf(rem(randomBits(k, [...shape]), Number(n))) : exprOf(permutation(k, Number(n)));
  const chosen = define(typeof from === 'number' ? [ids] : [ids, exprOf(from)], (at) => {
    if (typeof n !== 'number' || !Number.isInteger(n) || n < 1) return problem('value', 'choice: there must be a known number of rows to choose from, one at least');
    if (replace) return convertTo(at, ids, 'i32');
    const size = shape.reduce<number>((count, d) => count * Number(d), 1);
    return size <= n ? reshaped(at, sliced(at, ids, 0, 0, size, 1, size), shape) : problem('slice', `choice: ${show(shape)} are more than the ${n} there are`, { hint: 'replace: true' });
  });
  // SAFETY: rows of a tensor by integers
  return typeof from === 'number' ? typed(chosen) : typed(exprOf(take(from as Tensor<[number]>, typed(chosen) as Tensor<[number], 'i32'>)));
}
