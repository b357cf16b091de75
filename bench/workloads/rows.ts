import { add, f32, fn, gelu, mean, mul, rsqrt, softmax, sub, variance } from 'fluxion';
import { fluxionLanes, functionLane, meaning } from '../fluxion.ts';
import { handLanes } from '../hand/lanes.ts';
import { handRows } from '../hand/rows.ts';
import type { Workload } from '../measure.ts';
import { rowsOf, rowsProblem, spread, type RowsProblem } from '../problems.ts';

/** so many elements the interpreter does in a fraction of a second */
const referenceElements = 32 * 1024;

/** A function along the rows of a matrix that stays in memory. The reference computes some of the rows, evenly spread. */
export const rowsWorkload = (name: string, kind: RowsProblem['kind'], rows: number, columns: number): Workload & { readonly problem: RowsProblem } => {
  const problem = rowsProblem(kind, rows, columns), some = spread(rows, Math.max(2, Math.floor(referenceElements / columns))), { x, gain, offset } = problem;
  const inputs = (count: number, data: Float32Array) => [{ data, shape: [count, columns] }, { data: gain, shape: [columns] }, { data: offset, shape: [columns] }];
  return {
    name, problem, tolerance: 1e-5,
    sample: ({ y }) => ({ y: rowsOf(y, columns, some) }),
    reference: () => meaning(functionOf(kind, some.length, columns), inputs(some.length, rowsOf(x, columns, some))),
    lanes: [...fluxionLanes(functionLane(functionOf(kind, rows, columns), inputs(rows, x))), ...handLanes((threads) => handRows(problem, threads))],
  };
};
const functionOf = (kind: RowsProblem['kind'], rows: number, columns: number) => fn([f32([rows, columns]), f32([columns]), f32([columns])], (x, gain, offset) => {
  switch (kind) {
    case 'softmax': return { y: softmax(x) };
    case 'gelu': return { y: gelu(x, { approximate: 'tanh' }) };
    case 'layerNorm': {
      const centred = sub(x, mean(x, -1, { keepdims: true })), scale = rsqrt(add(variance(x, -1, { keepdims: true }), 1e-5));
      return { y: add(mul(mul(centred, scale), gain), offset) };
    }
  }
}, { name: kind, args: ['x', 'gain', 'offset'] });
