import * as E from 'fp-ts/lib/Either.js';
import type { Diagnostic, Result } from '../core/diagnostic.ts';
import { typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { arrayOf, orThrow, type NDArray, type Tensor } from '../index.ts';
import { problem } from './codes.ts';
import { shuffledOrder } from './order.ts';

/** Examples: the first axis of `x` and of `y` counts them. */
export interface Dataset<X extends Tensor<unknown> = Tensor<unknown>, Y extends Tensor<unknown> = Tensor<unknown>> {
  readonly x: X;
  readonly y: Y;
  readonly size: number;
}
/** A data set with its numbers at hand. */
export type ArrayDataset = Dataset<NDArray<unknown>, NDArray<unknown>>;

/** the sizes of an array */
export const sizesOf = (x: Tensor<unknown>): readonly number[] => {
  // SAFETY: an array's sizes are numbers; what is no array was refused when the data set was made
  return x.shape as readonly number[];
};
const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/**
 * A data set of inputs and targets, both with one example along their first axis.
 * @example orThrow(dataset(array(rows, [4, 2]), intArray([0, 1, 1, 0], [4])))
 */
export const dataset = <X extends NDArray<unknown>, Y extends NDArray<unknown>>(x: X, y: Y): Result<Dataset<X, Y>> => {
  const [size = 0] = sizesOf(x), wrong = countProblem('dataset', { x, y, size });
  if (wrong !== undefined) return E.left([wrong]);
  return size === 0 ? E.left([problem('empty', 'dataset: there are no examples', { shapes: [show(sizesOf(x)), show(sizesOf(y))] })]) : E.right({ x, y, size });
};
/** what is wrong where the arrays do not hold as many examples as each other, or as the data set says */
export const countProblem = (what: string, { x, y, size }: ArrayDataset): Diagnostic | undefined => {
  const shapes = [show(sizesOf(x)), show(sizesOf(y))], [inputs] = sizesOf(x), [targets] = sizesOf(y);
  if (inputs === undefined || targets === undefined) return problem('examples', `${what}: x is ${shapes[0]} and y is ${shapes[1]}, but both need a first axis of examples`, { shapes });
  if (inputs !== targets) return problem('examples', `${what}: x holds ${inputs} examples, but y holds ${targets}`, { shapes });
  return size === inputs ? undefined : problem('examples', `${what}: the size of the data set is ${size}, but x and y hold ${inputs} examples`, { shapes, hint: 'dataset(x, y) counts them' });
};

/** how many numbers one example has */
export const rowSize = (shape: readonly number[]): number => shape.slice(1).reduce((n, d) => n * d, 1);

/** Copies the rows named by `order` from `from` on, one after another, into `into`; as many as fit. */
export const gatherRows = (data: TypedArray, row: number, order: Uint32Array, from: number, into: TypedArray): void => {
  const rows = row === 0 ? 0 : into.length / row;
  if (row === 1) for (let i = 0; i < rows; i++) into[i] = data[order[from + i]];
  else for (let i = 0; i < rows; i++) into.set(data.subarray(order[from + i] * row, (order[from + i] + 1) * row), i * row);
};

/** the examples with these numbers, in this order; each array keeps its type but for the count of examples */
const select = <D extends ArrayDataset>(data: D, order: Uint32Array): D => {
  const rows = (a: NDArray<unknown>): NDArray<unknown> => {
    const shape = [order.length, ...sizesOf(a).slice(1)], into = typedArray<DType>(a.dtype, shape.reduce((n, d) => n * d, 1));
    gatherRows(a.data, rowSize(shape), order, 0, into);
    return over(a, into, shape);
  };
  return withArrays(data, rows(data.x), rows(data.y), order.length);
};
/** a run of examples, over the same numbers */
const range = <D extends ArrayDataset>(data: D, from: number, to: number): D => {
  const view = (a: NDArray<unknown>): NDArray<unknown> => {
    const row = rowSize(sizesOf(a));
    return over(a, a.data.subarray(from * row, to * row), [to - from, ...sizesOf(a).slice(1)]);
  };
  return withArrays(data, view(data.x), view(data.y), to - from);
};
const over = (like: NDArray<unknown>, data: TypedArray, shape: readonly number[]): NDArray<unknown> => {
  // SAFETY: the typed array is the one of the array's own dtype
  return arrayOf(like.dtype, data as never, [...shape]);
};
const withArrays = <D extends ArrayDataset>(like: D, x: NDArray<unknown>, y: NDArray<unknown>, size: number): D => {
  // SAFETY: x and y have the types of the arrays of `like`, whose count of examples the type does not know
  return { ...like, x, y, size } as D;
};

/** The first n examples (all, where there are fewer); the numbers are shared. @example take(train, 1000) */
export const take = <D extends ArrayDataset>(data: D, n: number): D => range(data, 0, clampCount(n, data.size));
/** Without the first n examples. */
export const drop = <D extends ArrayDataset>(data: D, n: number): D => range(data, clampCount(n, data.size), data.size);
const clampCount = (n: number, size: number): number => Math.max(0, Math.min(size, Math.floor(n)));
/** The first `n` examples (or that share of them, if below 1), and the rest. @example const [fitting, validation] = splitAt(train, 0.9) */
export const splitAt = <D extends ArrayDataset>(data: D, n: number): readonly [D, D] => {
  const at = n < 1 ? Math.floor(n * data.size) : n;
  return [take(data, at), drop(data, at)];
};
/** In an order that the seed decides. @example shuffle(train, 1) */
export const shuffle = <D extends ArrayDataset>(data: D, seed: number): D => select(data, shuffledOrder(data.size, seed));

/**
 * The examples in batches; the last one holds what is left. With a seed they are in an order that it decides, and copied;
 * without, they are views. A size below 1 or beyond the data throws its diagnostic (FX6009), and so does a data set that
 * does not hold as many examples as it says (FX6008).
 * @example for (const { x, y } of batches(train, 128, { seed: 0 })) params = run(params, x.data, y.data).params;
 */
export function* batches<D extends ArrayDataset>(data: D, size: number, options: { readonly seed?: number } = {}): Generator<D, void, undefined> {
  const wrong = countProblem('batches', data);
  orThrow(wrong === undefined ? batchProblem('batches', data.size, size) : E.left([wrong]));
  const order = options.seed === undefined ? undefined : shuffledOrder(data.size, options.seed);
  for (let from = 0; from < data.size; from += size) {
    const to = Math.min(data.size, from + size);
    yield order === undefined ? range(data, from, to) : select(data, order.subarray(from, to));
  }
}
/** whether batches of this size can be made */
export const batchProblem = (what: string, examples: number, size: number): Result<number> => {
  if (examples === 0) return E.left([problem('empty', `${what}: there are no examples`)]);
  if (!Number.isInteger(size) || size < 1) return E.left([problem('batchSize', `${what}: a batch size of ${size} is not a count of examples`, { hint: 'a whole number from 1 on' })]);
  return size > examples ? E.left([problem('batchSize', `${what}: a batch size of ${size} is more than the ${examples} examples`, { hint: `at most ${examples}` })]) : E.right(size);
};
