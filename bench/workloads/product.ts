import { f32, fn, matmul, transpose } from 'fluxion';
import { fluxionLanes, functionLane, meaning } from '../fluxion.ts';
import { handLanes } from '../hand/lanes.ts';
import { handMatmul } from '../hand/matmul.ts';
import type { Workload } from '../measure.ts';
import { productProblem, rowsOf, spread, type ProductProblem } from '../problems.ts';

/** so many multiplications the interpreter does in about a second */
const referenceWork = 8e6;

/** A matrix product of arrays that stay in memory. The reference computes some of its rows, evenly spread. */
export const productWorkload = (name: string, m: number, k: number, n: number, form: 'NN' | 'NT' | 'TN' = 'NN'): Workload & { readonly problem: ProductProblem } => {
  const problem = productProblem(m, k, n, form), { transposeA, transposeB, a, b } = problem, rows = spread(m, Math.max(2, Math.floor(referenceWork / (k * n))));
  const stored = { a: transposeA ? [k, m] : [m, k], b: transposeB ? [n, k] : [k, n] };
  const of = (left: readonly number[], aTurned: boolean) => fn([f32([...left]), f32([...stored.b])], (x, y) => ({ c: matmul(aTurned ? transpose(x) : x, transposeB ? transpose(y) : y) }), { name: 'product', args: ['a', 'b'] });
  const someA = transposeA ? columnsOf(a, m, rows) : rowsOf(a, k, rows);
  return {
    name, problem, tolerance: 2e-5,
    sample: ({ c }) => ({ c: rowsOf(c, n, rows) }),
    reference: () => meaning(of([rows.length, k], false), [{ data: someA, shape: [rows.length, k] }, { data: b, shape: stored.b }]),
    lanes: [
      ...fluxionLanes(functionLane(of(stored.a, transposeA), [{ data: a, shape: stored.a }, { data: b, shape: stored.b }])),
      ...handLanes((threads) => handMatmul(problem, threads)),
    ],
  };
};
/** columns of a matrix of such a width, as rows */
const columnsOf = (data: Float32Array, width: number, columns: readonly number[]): Float32Array => {
  const height = data.length / width;
  return Float32Array.from({ length: columns.length * height }, (_, i) => data[(i % height) * width + columns[Math.floor(i / height)]]);
};
