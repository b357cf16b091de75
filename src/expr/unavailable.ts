import { dtypes, type DType } from '../core/dtype.ts';
import { problem } from './codes.ts';
import { define, isValue, typed, type Expr, type Problem } from './expr.ts';

/** What one would look for here and is not there: why, and what does instead. */
const complexNumbers = ['it needs complex numbers', 'conv2d and convolution filter without it; for a transform of fixed length, matmul with cosines and with sines'] as const;
const eigenvectors = ['there is no decomposition into eigenvectors', 'solve and cholesky give what an inverse is wanted for; foriLoop over matmul the leading eigenvector'] as const;
const table = {
  fft: complexNumbers, ifft: complexNumbers, rfft: complexNumbers,
  qr: ['there is no orthogonal decomposition', 'solve(a, b) for a square system; for least squares cholesky(matmul(transpose(a), a)), and triangularSolve with it twice'],
  eig: eigenvectors, eigh: eigenvectors, svd: eigenvectors,
} as const satisfies Record<string, readonly [why: string, instead: string]>;

type Unavailable<N extends keyof typeof table> = (x: `${N} is not available: ${(typeof table)[N][0]}`, ...more: unknown[]) => never;
const unavailable = <N extends keyof typeof table>(name: N): Unavailable<N> => (x: unknown): never => {
  const [why, hint] = table[name];
  return typed(define(isValue(x) ? [x] : [], () => problem('unavailable', `${name} is not available: ${why}`, { hint })));
};

/** @deprecated Not available (FX1027): it needs complex numbers. @example convolution(signal, kernel) */
export const fft = unavailable('fft');
/** @deprecated Not available (FX1027): it needs complex numbers. @example convolution(signal, kernel) */
export const ifft = unavailable('ifft');
/** @deprecated Not available (FX1027): it needs complex numbers. @example convolution(signal, kernel) */
export const rfft = unavailable('rfft');
/** @deprecated Not available (FX1027): there is no orthogonal decomposition. @example solve(a, b) */
export const qr = unavailable('qr');
/** @deprecated Not available (FX1027): there is no decomposition into eigenvectors. @example cholesky(a) */
export const eig = unavailable('eig');
/** @deprecated Not available (FX1027): there is no decomposition into eigenvectors. @example cholesky(a) */
export const eigh = unavailable('eigh');
/** @deprecated Not available (FX1027): there is no decomposition into eigenvectors. @example cholesky(a) */
export const svd = unavailable('svd');

/** What is wrong with a dtype that a program without types may name: complex64, for one. */
export const dtypeProblem = (op: string, dtype: string): Problem | undefined => {
  const known: readonly string[] = dtypes;
  if (known.includes(dtype)) return undefined;
  return problem('unavailable', `${op}: the dtype '${dtype}' is not available`, { hint: /^c(omplex)?\d/i.test(dtype) ? 'keep the real and the imaginary part as two tensors' : `the dtypes are ${dtypes.join(', ')}` });
};
/** an expression of a dtype, or what is wrong with that */
export const ofDtype = (op: string, dtype: DType, inputs: readonly Expr[], rule: Parameters<typeof define>[1]): Expr => define(inputs, (at) => dtypeProblem(op, dtype) ?? rule(at));
