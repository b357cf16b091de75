import type { LinearProblem } from '../problems.ts';

/** Linear algebra as loops in JavaScript that do what is needed and no more, in the order in which memory lies. */
export type HandLinear = (into: Float32Array) => void;
export const handLinear = (problem: LinearProblem): HandLinear => solvers[problem.kind](problem);

const solvers: { readonly [K in LinearProblem['kind']]: (problem: LinearProblem) => HandLinear } = {
  cholesky: ({ n, a }) => (l) => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = a[i * n + j];
        for (let k = 0; k < j; k++) rest -= l[i * n + k] * l[j * n + k];
        l[i * n + j] = i === j ? Math.sqrt(rest) : rest / l[j * n + j];
      }
    }
  },
  triangularSolve: ({ n, m, a, b }) => (x) => {
    x.set(b);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) subtract(x, m, i, k, a[i * n + k], 0);
      const scale = 1 / a[i * n + i];
      for (let j = 0; j < m; j++) x[i * m + j] *= scale;
    }
  },
  solve: ({ n, m, a, b }) => {
    const left = new Float32Array(n * n);
    return (x) => {
      left.set(a);
      x.set(b);
      for (let k = 0; k < n; k++) {
        const pivot = largest(left, n, k);
        exchange(left, n, k, pivot);
        exchange(x, m, k, pivot);
        for (let i = k + 1; i < n; i++) {
          const factor = left[i * n + k] / left[k * n + k];
          subtract(left, n, i, k, factor, k + 1);
          subtract(x, m, i, k, factor, 0);
        }
      }
      for (let i = n - 1; i >= 0; i--) {
        for (let k = i + 1; k < n; k++) subtract(x, m, i, k, left[i * n + k], 0);
        for (let j = 0; j < m; j++) x[i * m + j] /= left[i * n + i];
      }
    };
  },
};
/** a row less so many times another, from a column on */
const subtract = (x: Float32Array, width: number, row: number, other: number, factor: number, from: number): void => {
  for (let j = from; j < width; j++) x[row * width + j] -= factor * x[other * width + j];
};
const largest = (x: Float32Array, n: number, k: number): number => {
  let best = k;
  for (let i = k + 1; i < n; i++) if (Math.abs(x[i * n + k]) > Math.abs(x[best * n + k])) best = i;
  return best;
};
const exchange = (x: Float32Array, width: number, i: number, j: number): void => {
  for (let k = 0; i !== j && k < width; k++) [x[i * width + k], x[j * width + k]] = [x[j * width + k], x[i * width + k]];
};
