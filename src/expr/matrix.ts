import type { Float } from '../core/dtype.ts';
import { matmul } from './contraction.ts';
import { foriLoop } from './control.ts';
import { add, equal, greaterEqual, lessEqual, logicalAnd, mul, sub, where } from './elementwise.ts';
import { here, typed, typeOf } from './expr.ts';
import { dynamicSlice, dynamicUpdateSlice } from './parts.ts';
import { filled, iotaOf } from './primitives.ts';
import { concat, pad, slice, transpose } from './reshaping.ts';
import type { Dyn } from './types/shape.ts';
import type { Tensor } from './types/tensor.ts';

/** Matrices in the terms of linear algebra, and how their rows are divided into blocks. */
export type Matrix = Tensor<Dyn, Float>;
export type Index = Tensor<[], 'i32'>;

export const as = (x: unknown): Matrix => {
  // SAFETY: a matrix of whatever float dtype the caller has
  return x as Matrix;
};
export const sizesOf = (x: Matrix): readonly [number, number] => [Number(x.shape[0]), Number(x.shape[1])];
export const product = (a: Matrix, b: Matrix): Matrix => as(matmul(a, b));
export const minus = (a: Matrix, b: Matrix): Matrix => as(sub(a, b));
export const turned = (x: Matrix): Matrix => as(transpose(x));
export const zerosOf = (x: Matrix, rows: number, columns: number): Matrix => typed(filled(here(), 0, { dtype: x.dtype, shape: [rows, columns] }));
/** the numbers of the rows, or of the columns, as i32 of a matrix's shape */
export const places = (rows: number, columns: number, axis: 0 | 1): Tensor<[number, number], 'i32'> => typed(iotaOf(here(), typeOf('i32', [rows, columns]), axis));
/** one side of the diagonal, and the diagonal where it belongs to it; zeros elsewhere */
export const triangle = (x: Matrix, lower: boolean, diagonal = true): Matrix => {
  const [n, m] = sizesOf(x), row = places(n, m, 0), column = places(n, m, 1), kept = lower ? lessEqual(column, row) : greaterEqual(column, row);
  const inside = as(where(kept, x, 0));
  return diagonal ? inside : as(where(equal(row, column), 0, inside));
};

// ── parts: of known places, and of places that a loop computes

export const rowsOf = (x: Matrix, from: number, to: number): Matrix => (from === 0 && to === sizesOf(x)[0] ? x : as(slice(x, 0, from, to)));
export const columnsOf = (x: Matrix, from: number, to: number): Matrix => (from === 0 && to === sizesOf(x)[1] ? x : as(slice(x, 1, from, to)));
export const partAt = (x: Matrix, i: Index | number, j: Index | number, rows: number, columns: number): Matrix => as(dynamicSlice(x, [i, j], [rows, columns]));
export const elementAt = (x: Matrix, i: Index | number, j: Index | number): Matrix => partAt(x, i, j, 1, 1);
export const rowsAt = (x: Matrix, i: Index | number, count = 1): Matrix => partAt(x, i, 0, count, sizesOf(x)[1]);
export const columnAt = (x: Matrix, j: Index): Matrix => partAt(x, 0, j, sizesOf(x)[0], 1);
export const put = (x: Matrix, rows: Matrix, i: Index | number): Matrix => as(dynamicUpdateSlice(x, rows, [i, 0]));
export const below = (x: Matrix, y: Matrix): Matrix => as(concat([x, y], 0));
export const beside = (x: Matrix, y: Matrix): Matrix => as(concat([x, y], 1));

// ── blocks of rows

/** Stages of blocks of rows: what runs in one loop has the same shapes in each of its blocks. See Note [Stages of blocks] */
export interface Division { readonly stages: number; readonly blocks: number; readonly size: number }
/** rows of a block, and blocks of a stage, about; stages at most */
const most = { rows: 32, blocks: 4, stages: 4 } as const;
/** even, so that few rows have to be added to the last block */
export const divisionOf = (n: number): Division => {
  const stages = Math.max(1, Math.min(most.stages, Math.floor(n / most.rows / most.blocks))), blocks = Math.max(1, Math.ceil(n / stages / most.rows));
  return { stages, blocks, size: Math.ceil(n / stages / blocks) };
};
export const undivided = (n: number): Division => ({ stages: 1, blocks: 1, size: n });
export const stageOf = ({ blocks, size }: Division): number => blocks * size;
export const allRows = ({ stages, blocks, size }: Division): number => stages * blocks * size;

/** with rows of zeros, so that there are so many */
export const padded = (x: Matrix, rows: number): Matrix => { const [n] = sizesOf(x); return n === rows ? x : as(pad(x, [0, 0], [rows - n, 0])); };
/** with rows and columns of the identity */
export const bordered = (x: Matrix, rows: number): Matrix => {
  const [n] = sizesOf(x), row = places(rows, rows, 0), column = places(rows, rows, 1);
  return n === rows ? x : as(where(logicalAnd(equal(row, column), greaterEqual(row, n)), 1, pad(x, [0, 0], [rows - n, rows - n])));
};

/** where a block, or a row, begins: of one block there is no loop, and nothing to add */
export type Start = Index | 0;
export const after = (from: Start, k: Index): Index => (from === 0 ? k : add(from, k));
/** the blocks of a stage one after the other, from the first or from the last */
export const overBlocks = <C>({ blocks, size }: Division, forward: boolean, run: (from: Start, state: C) => C, init: C): C =>
  (blocks === 1 ? run(0, init) : foriLoop(blocks, (k, state: C) => run(mul(forward ? k : sub(blocks - 1, k), size), state), init));

/*
Note [Stages of blocks]
Row by row, a solution or a factor is products of a row with a matrix, which run at the speed of memory. By blocks of rows nearly
all of it is products of matrices, which the planner packs and tiles. A loop over blocks is a graph of the same size for any
matrix, but it computes with whole rows, also with those places that are zero: of a triangle twice as much as needed, of a
factor three to six times. Blocks without a loop compute only what is needed, and take as long to compile as there are blocks.
So there are both: up to four stages, one after the other, each with products of just the right shape, and in each stage a loop
over blocks. Milliseconds on wasm, one thread, row by row → one stage → stages of 128 rows → stages of 64:

                    n = 128                       n = 256                   n = 512
  cholesky          0.68 → 0.22 → 0.22 → 0.14     5.4 → 1.5 → 1.0 → 0.72    — → 19.5 → 5.2 → 5.0
  triangular, m = n 0.21 → 0.19 → 0.22 → 0.17     1.7 → 1.3 → 1.2 → 1.0     — → 17.7 → 7.5 → 8.1
  solve, m = 1      1.4 → 0.36 → 0.37 → 0.26      11 → 1.9 → 1.4 → 1.2      — → 26 → 7.3 → 7.1

A stage takes 20 to 100 ms to compile, so that those of 64 rows would have to run hundreds of times before they paid. Of blocks
of 16, 32 and 64 rows those of 32 were the fastest or close to it.
*/
