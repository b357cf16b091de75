import { describe, expect, it } from 'vitest';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, reference, wasm } from '../../src/backends/index.ts';
import { add, array, arrayOf, cholesky, compile, fn, f32, f64, grad, i32, matmul, mul, orThrow, solve, sum, sin, transpose, triangularSolve, vmap, type F32, type NDArray, type Tensor } from '../../src/index.ts';
import { checkGradients } from '../../src/testing/index.ts';
import { saidOf } from '../messages.ts';

type Square = Tensor<[3, 3], 'f64'>;
type Right = Tensor<[3, 2], 'f64'>;
const backends = [['reference', reference()], ['js', js()], ['wasm', wasm({ threads: 1 })], ['wasm on two threads', wasm({ threads: 2 })]] as const;
const numbers = (count: number, seed = 1): Float64Array => Float64Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + seed));
/** what is asked of a solution: a times it is b */
const times = (a: ArrayLike<number>, x: ArrayLike<number>, n: number, m: number): readonly number[] =>
  Array.from({ length: n * m }, (_, at) => Array.from({ length: n }, (__, k) => a[Math.floor(at / m) * n + k] * x[k * m + (at % m)]).reduce((s, y) => s + y, 0));
const near = (got: readonly number[], wanted: ArrayLike<number>): void => got.forEach((y, i) => expect(y).toBeCloseTo(wanted[i], 9));

// l of hand: l·lᵀ = [[4, 2, 6], [2, 10, 6], [6, 6, 14]]
const lower = [2, 0, 0, 1, 3, 0, 3, 1, 2], positive = [4, 2, 6, 2, 10, 6, 6, 6, 14];
const b = [2, -4, 7, 1, 3, 5];
describe.each(backends)('linear algebra on %s', (_, backend) => {
  const of = (f: (a: Square, y: Right) => unknown, a: readonly number[]): readonly number[] => {
    // SAFETY: every function here gives one array
    const result = orThrow(compile(fn([f64([3, 3]), f64([3, 2])], f), { backend }))(arrayOf('f64', Float64Array.from(a), [3, 3]), arrayOf('f64', Float64Array.from(b), [3, 2])) as NDArray<unknown>;
    return Array.from(result.data as Float64Array);
  };
  it('factors a matrix, of which the symmetric part is taken', () => {
    near(of((a) => cholesky(a), positive), lower);
    near(of((a) => cholesky(a), positive.map((x, i) => x + [0, 1, 0, -1, 0, 0, 0, 0, 0][i])), lower);
  });
  it('gives NaN where the matrix is not positive definite', () => { expect(of((a) => cholesky(a), [1, 2, 0, 2, 1, 0, 0, 0, 1])[4]).toBeNaN(); });
  it.each([true, false].flatMap((low) => [true, false].flatMap((transposed) => [true, false].map((unit) => ({ lower: low, transposed, unit })))))('solves with a triangle: %o', (options) => {
    const full = [2, 5, -1, 1, 3, 4, 3, 1, 2], read = full.map((x, at) => { const i = Math.floor(at / 3), j = at % 3; return i === j ? (options.unit ? 1 : x) : (i > j) === options.lower ? x : 0; });
    const a = options.transposed ? read.map((__, at) => read[(at % 3) * 3 + Math.floor(at / 3)]) : read;
    near(times(a, of((x, y) => triangularSolve(x, y, options), full), 3, 2), b);
  });
  it('solves any system, rows in another order where the pivot asks for it', () => {
    for (const a of [positive, [0, 1, 0, 0, 0, 2, 3, 0, 0], [1e-20, 1, 0, 1, 1, 0, 0, 0, 1]]) near(times(a, of((x, y) => solve(x, y), a), 3, 2), b);
  });
  it('solves the systems of a batch', () => {
    const as = Float64Array.from([...positive, 0, 1, 0, 0, 0, 2, 3, 0, 0]), bs = Float64Array.from([...b, ...b]);
    const all = fn([f64([2, 3, 3]), f64([2, 3, 2])], (x, y) => vmap((a: Square, r: Right) => solve(a, r), 2)(x, y));
    const data = Array.from(orThrow(compile(all, { backend }))(arrayOf('f64', as, [2, 3, 3]), arrayOf('f64', bs, [2, 3, 2])).data);
    near(times(as.subarray(0, 9), data.slice(0, 6), 3, 2), b);
    near(times(as.subarray(9), data.slice(6), 3, 2), b);
  });
});

const definite = (n: number): Float64Array => { const x = numbers(n * n, 3); return Float64Array.from({ length: n * n }, (_, at) => Array.from({ length: n }, (__, k) => x[Math.floor(at / n) * n + k] * x[(at % n) * n + k]).reduce((s, y) => s + y, at % (n + 1) === 0 ? 1 : 0)); };
describe('nothing to solve', () => {
  it.each(backends)('gives an empty result, with an empty gradient, on %s', (_, backend) => {
    const all = fn([f32([0, 0]), f32([0, 2]), f32([3, 3]), f32([3, 0])], (a, y, c, z) => {
      const slopes = grad((v: typeof a) => sum(add(sum(solve(v, y)), add(sum(cholesky(v)), sum(triangularSolve(v, y))))))(a);
      return [cholesky(a), solve(a, y), triangularSolve(a, y), solve(c, z), triangularSolve(c, z), slopes] as const;
    });
    const results = orThrow(compile(all, { backend }))(array([], [0, 0]), array([], [0, 2]), array(positive, [3, 3]), array([], [3, 0]));
    expect(results.map((r) => r.shape)).toEqual([[0, 0], [0, 2], [0, 2], [3, 0], [3, 0], [0, 0]]);
  });
  it.each(backends)('nor in a batch of none, on %s', (_, backend) => {
    const all = fn([f32([0, 3, 3]), f32([0, 3, 2]), f32([2, 0, 0])], (a, y, none) => [vmap((v: F32<[3, 3]>, r: F32<[3, 2]>) => [cholesky(v), solve(v, r), triangularSolve(v, r)] as const, 0)(a, y), vmap((v: F32<[0, 0]>) => cholesky(v), 2)(none)] as const);
    const [first, last] = orThrow(compile(all, { backend }))(array([], [0, 3, 3]), array([], [0, 3, 2]), array([], [2, 0, 0]));
    expect([...first, last].map((r) => r.shape)).toEqual([[0, 3, 3], [0, 3, 2], [0, 3, 2], [2, 0, 0]]);
  });
});

describe('linear algebra in single precision', () => {
  it.each([['wasm', wasm({ threads: 1 })], ['gpujs', gpujs({ mode: 'cpu' })]] as const)('gives what it is asked for, on %s', (_, backend) => {
    const run = orThrow(compile(fn([f32([3, 3]), f32([3, 2])], (a, y) => [cholesky(a), solve(a, y)] as const), { backend })), [l, x] = run(array(positive, [3, 3]), array(b, [3, 2]));
    Array.from(l.data).forEach((y, i) => expect(y).toBeCloseTo(lower[i], 5));
    times(positive, x.data, 3, 2).forEach((y, i) => expect(y).toBeCloseTo(b[i], 4));
  });
  it('has its gradients on gpu.js', () => {
    const slope = fn([f32([3, 3]), f32([3, 2])], (a, y) => grad((v: typeof a) => sum(add(sum(sin(solve(v, y))), sum(sin(cholesky(v))))))(a)), [wanted, got] = [reference(), gpujs({ mode: 'cpu' })].map((backend) => orThrow(compile(slope, { backend }))(array(positive, [3, 3]), array(b, [3, 2])).data);
    got.forEach((v, i) => expect(v).toBeCloseTo(wanted[i], 4));
  });
  it('says by infinities and NaN that a system has no solution', () => {
    const { data } = orThrow(compile(fn([f32([2, 2]), f32([2, 1])], (a, y) => solve(a, y))))(array([1, 2, 2, 4], [2, 2]), array([1, 1], [2, 1]));
    expect(Array.from(data).some(Number.isFinite)).toBe(false);
  });
});

describe('the derivatives of linear algebra', () => {
  const a = arrayOf('f64', definite(3), [3, 3]), y = arrayOf('f64', numbers(6), [3, 2]);
  const total = (x: unknown): Tensor<[], 'f64'> => sum(sin(x as Tensor<[3, 3], 'f64'>)) as never;
  const checked: { readonly [name: string]: readonly [(...xs: never[]) => Tensor<[], 'f64'>, readonly NDArray<unknown>[]] } = {
    cholesky: [(x: Square) => total(cholesky(x)), [a]],
    solve: [(x: Square, r: Right) => total(solve(x, r)), [a, y]],
    'a triangle': [(x: Square, r: Right) => total(triangularSolve(x, r)), [a, y]],
    'a triangle from above, transposed': [(x: Square, r: Right) => total(triangularSolve(x, r, { lower: false, transposed: true })), [a, y]],
    'a triangle transposed': [(x: Square, r: Right) => total(triangularSolve(x, r, { transposed: true })), [a, y]],
    'ones on the diagonal': [(x: Square, r: Right) => total(triangularSolve(x, r, { unit: true })), [a, y]],
    'one after the other': [(x: Square, r: Right) => { const l = cholesky(add(matmul(x, transpose(x)), mul(x, transpose(x)))); return total(triangularSolve(l, triangularSolve(l, r), { transposed: true })); }, [a, y]],
  };
  it.each(Object.entries(checked))('%s', (_, [f, inputs]) => {
    const { compared, skipped } = orThrow(checkGradients(f as never, inputs as never, { order: 2 }));
    expect([compared > 9, skipped]).toEqual([true, 0]);
  });
});

describe('mistakes of linear algebra', () => {
  it.each([
    ['a matrix that is not square', () => fn([f32([3, 2])], (x) => cholesky(x as never)), 'FX1009', /square matrix.*\[3, 2\]/],
    ['a batch', () => fn([f32([4, 3, 3])], (x) => cholesky(x as never)), 'FX1009', /vmap/],
    ['a right side of another size', () => fn([f32([3, 3]), f32([2, 1])], (x, r) => solve(x, r as never)), 'FX1003', /\[3, m\]/],
    ['a vector', () => fn([f32([3, 3]), f32([3])], (x, r) => triangularSolve(x, r as never)), 'FX1003', /expandDims/],
    ['integers', () => fn([i32([3, 3])], (x) => cholesky(x as never)), 'FX', /does not take i32/],
  ])('%s', (_, make, code, words) => { const text = saidOf(make()); expect(text).toContain(code); expect(text).toMatch(words); });
});
