import { typedArray, type DType, type TypedArray } from '../core/dtype.ts';
import { gatherRows, rowSize, sizesOf, type ArrayDataset } from '../data/dataset.ts';
import { plainOrder, shuffledOrder } from '../data/order.ts';
import { arrayOf, type NDArray } from '../index.ts';

/** The batches of one epoch after another, copied into the same memory each time. */
export interface Feed {
  readonly steps: number;
  /** the arrays of a step: of x, y and, where examples have weights, of those */
  readonly batch: (order: Uint32Array, step: number) => readonly NDArray<unknown>[];
  /** how the seed orders the examples of an epoch */
  readonly orderOf: (epoch: number) => Uint32Array;
}

export const feedOf = (data: ArrayDataset, batchSize: number, options: { readonly seed?: number; readonly weights?: NDArray<unknown> } = {}): Feed => {
  const { seed, weights } = options, arrays = [data.x, data.y, ...(weights === undefined ? [] : [weights])];
  const columns = arrays.map((a) => columnOf(a, batchSize));
  return {
    steps: Math.ceil(data.size / batchSize),
    batch: (order, step) => {
      const from = step * batchSize, n = Math.min(batchSize, data.size - from);
      return columns.map((c) => c(order, from, n));
    },
    orderOf: (epoch) => (seed === undefined ? plainOrder(data.size) : shuffledOrder(data.size, seed, epoch)),
  };
};

type Column = (order: Uint32Array, from: number, n: number) => NDArray<unknown>;
/** one array's rows, gathered; of a whole batch and of a last one that is not whole an array each */
const columnOf = (array: NDArray<unknown>, batchSize: number): Column => {
  const shape = sizesOf(array).slice(1), row = rowSize([0, ...shape]), room = typedArray<DType>(array.dtype, batchSize * row), numbers = array.data;
  const made = new Map<number, { readonly data: TypedArray; readonly array: NDArray<unknown> }>();
  const viewOf = (n: number): { readonly data: TypedArray; readonly array: NDArray<unknown> } => {
    const data = room.subarray(0, n * row);
    // SAFETY: the room is of the array's own dtype
    return made.get(n) ?? { data, array: arrayOf(array.dtype, data as never, [n, ...shape]) };
  };
  return (order, from, n) => {
    const view = viewOf(n);
    made.set(n, view);
    gatherRows(numbers, row, order, from, view.data);
    return view.array;
  };
};
