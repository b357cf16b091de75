import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpujs } from '../../src/backends/gpujs/gpujs.ts';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { defaultStages, stagesOf } from '../../src/compile/stages.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { add, array, arrayOf, cholesky, compile, f32, f64, fn, grad, hvp, jvp, matmul, mul, orThrow, sin, solve, sum, transpose, triangularSolve, vmap, type NDArray, type Tensor, type TriangularOptions } from '../../src/index.ts';
import { topological } from '../../src/ir/graph/walk.ts';
import type { Step, Stmt } from '../../src/ir/loop/syntax.ts';
import { generator } from '../../src/testing/random.ts';

type Matrix = Tensor<[number, number], 'f64'>;
type Numbers = ArrayLike<number>;
const one: Backend<'sync'> = wasm({ threads: 1 });

// ── matrices by hand, row by row

const drawn = (count: number, seed: number): Float64Array => { const random = generator(seed); return Float64Array.from({ length: count }, () => 2 * random() - 1); };
const made = (rows: number, columns: number, of: (i: number, j: number) => number): Float64Array => Float64Array.from({ length: rows * columns }, (_, at) => of(Math.floor(at / columns), at % columns));
const times = (a: Numbers, b: Numbers, n: number, m: number): Float64Array => made(n, m, (i, j) => { let s = 0; for (let k = 0; k < n; k++) s += a[i * n + k] * b[k * m + j]; return s; });
const turned = (a: Numbers, n: number): Float64Array => made(n, n, (i, j) => a[j * n + i]);
/** symmetric, with eigenvalues from about √n to 3√n */
const definite = (n: number, seed = 3): Float64Array => { const x = drawn(n * n, seed); return made(n, n, (i, j) => (x[i * n + j] + x[j * n + i]) / 2 + (i === j ? 2 * Math.sqrt(n) : 0)); };
/** whose largest numbers are not on the diagonal */
const general = (n: number, seed = 5): Float64Array => { const x = drawn(n * n, seed); return made(n, n, (i, j) => x[i * n + j] + (j === (i + 3) % n ? 2 * Math.sqrt(n) : 0)); };
const read = (a: Numbers, n: number, { lower = true, unit = false, transposed = false }: TriangularOptions): Float64Array => {
  const own = made(n, n, (i, j) => (i === j ? (unit ? 1 : a[i * n + j]) : (i > j) === lower ? a[i * n + j] : 0));
  return transposed ? turned(own, n) : own;
};
const apart = (got: Numbers, wanted: Numbers): number => Array.from(got).reduce((worst, y, i) => Math.max(worst, Number.isNaN(y) ? Infinity : Math.abs(y - wanted[i])), got.length === wanted.length ? 0 : Infinity);
const on = (x: Numbers, ...shape: readonly number[]): NDArray<unknown> => arrayOf('f64', Float64Array.from(x), [...shape]) as NDArray<unknown>;
const compiled = (f: unknown, backend: Backend<'sync'> = one): ((...args: readonly NDArray<unknown>[]) => readonly Float64Array[]) => {
  // SAFETY: every function here gives a list of arrays of doubles
  const call = orThrow(compile(f as never, { backend })) as unknown as (...given: readonly unknown[]) => readonly NDArray<unknown>[];
  return (...args) => call(...args).map((x) => x.data as Float64Array);
};
const run = (f: unknown, args: readonly NDArray<unknown>[], backend: Backend<'sync'> = one): readonly Float64Array[] => compiled(f, backend)(...args);

// ── what is asked of factors and solutions

const all = (n: number, m: number): unknown => fn([f64([n, n]), f64([n, n]), f64([n, m]), f64([n, 2])], (s, a, b, c) => [cholesky(s), triangularSolve(s, b), solve(a, c)]);
/** the largest residual of all three */
const residual = (n: number, m: number, backend: Backend<'sync'> = one): number => {
  const s = definite(n), a = general(n), b = drawn(n * m, 7), c = drawn(n * 2, 9), [l, x, y] = run(all(n, m), [on(s, n, n), on(a, n, n), on(b, n, m), on(c, n, 2)], backend);
  expect(Array.from(l).every((v, at) => at % n <= Math.floor(at / n) || v === 0)).toBe(true);
  return Math.max(apart(times(l, turned(l, n), n, n), s), apart(times(read(s, n, {}), x, n, m), b), apart(times(a, y, n, 2), c));
};
describe.each([['reference', reference()], ['js', js()], ['wasm', one], ['wasm on two threads', wasm({ threads: 2 })]] as const)('by blocks, on %s', (_, backend) => {
  it.each([31, 32, 33, 67])('a matrix of %i rows', (n) => expect(residual(n, 17, backend)).toBeLessThan(1e-12));
});
describe('by stages', () => {
  it.each([['wasm', 256, one], ['wasm on two threads', 259, wasm({ threads: 2 })], ['js', 391, js()]] as const)('on %s, %i rows', (_, n, backend) => expect(residual(n, 16, backend)).toBeLessThan(1e-11));
  it('each of a batch in its own order', () => {
    const n = 257, as = [general(n, 11), general(n, 13)], bs = [drawn(n, 15), drawn(n, 17)];
    const [x] = run(fn([f64([2, n, n]), f64([2, n, 1])], (a, b) => [vmap((one: Matrix, y: Matrix) => solve(one, y), 2)(a as never, b as never)]), [on(as.flatMap((a) => Array.from(a)), 2, n, n), on(bs.flatMap((b) => Array.from(b)), 2, n, 1)]);
    for (const k of [0, 1]) expect(apart(times(as[k], x.subarray(k * n, (k + 1) * n), n, 1), bs[k])).toBeLessThan(1e-11);
  });
});

describe('any triangle and any system', () => {
  const options = fc.record({ lower: fc.boolean(), transposed: fc.boolean(), unit: fc.boolean() });
  it('has a solution that fits', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 24 }), options, fc.nat(1000), (n, m, how, seed) => {
      // with ones on the diagonal, numbers beside it that do not grow
      const s = definite(n, seed).map((x) => x / (2 * n)), a = general(n, seed + 1), b = drawn(n * m, seed + 2);
      const [x, y] = run(fn([f64([n, n]), f64([n, n]), f64([n, m])], (t, full, right) => [triangularSolve(t, right, how), solve(full, right)]), [on(s, n, n), on(a, n, n), on(b, n, m)]);
      expect(apart(times(read(s, n, how), x, n, m), b)).toBeLessThan(1e-12);
      expect(apart(times(a, y, n, m), b)).toBeLessThan(1e-11);
    }), { numRuns: 16, seed: 61 });
  });
  it('of rows in any order, the same but for rounding', () => {
    fc.assert(fc.property(fc.integer({ min: 33, max: 50 }).chain((n) => fc.tuple(fc.constant(n), fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i), { minLength: n }))), ([n, order]) => {
      const a = general(n), b = drawn(n, 21), f = compiled(fn([f64([n, n]), f64([n, 1])], (x, y) => [solve(x, y)])), moved = (x: Numbers, m: number): Float64Array => made(n, m, (i, j) => x[order[i] * m + j]);
      expect(apart(f(on(moved(a, n), n, n), on(moved(b, 1), n, 1))[0], f(on(a, n, n), on(b, n, 1))[0])).toBeLessThan(1e-12);
    }), { numRuns: 6, seed: 62 });
  });
});

describe('what has no solution', () => {
  const n = 67, b = on(drawn(n * 16, 23), n, 16);
  it('is infinities and NaN, wherever the zeros are', () => {
    const a = general(n).map((x, at) => (at % n === 40 ? 0 : x));
    expect(run(fn([f64([n, n]), f64([n, 16])], (x, y) => [solve(x, y)]), [on(a, n, n), b])[0].some(Number.isFinite)).toBe(false);
  });
  it('from the row on where a triangle has a zero on its diagonal', () => {
    const a = definite(n).map((v, at) => (at === 40 * n + 40 ? 0 : v)), [x] = run(fn([f64([n, n]), f64([n, 16])], (t, y) => [triangularSolve(t, y)]), [on(a, n, n), b]);
    expect([x.subarray(0, 40 * 16).every(Number.isFinite), x.subarray(40 * 16).some(Number.isFinite)]).toEqual([true, false]);
  });
  it('NaN from the row on where a matrix is not positive definite', () => {
    const a = definite(n).map((v, at) => (at === 40 * n + 40 ? -1 : v)), [l] = run(fn([f64([n, n])], (s) => [cholesky(s)]), [on(a, n, n)]);
    expect([l.subarray(0, 32 * n).every(Number.isFinite), Number.isNaN(l[40 * n + 40])]).toEqual([true, true]);
  });
});

describe('derivatives across blocks', () => {
  const n = 35, a = definite(n), b = drawn(n * 16, 25), v = drawn(n * n, 27), h = 1e-5;
  type Loss = (x: Matrix, y: Matrix) => Tensor<[], 'f64'>;
  const total = (x: unknown): Tensor<[], 'f64'> => sum(sin(x as Matrix)) as never;
  const losses: { readonly [name: string]: Loss } = {
    cholesky: (x) => total(cholesky(x)),
    'a triangle': (x, y) => total(triangularSolve(x, y)),
    'a triangle from above, transposed': (x, y) => total(triangularSolve(x, y, { lower: false, transposed: true })),
    solve: (x, y) => total(solve(x, y)),
    'one after the other': (x, y) => { const l = cholesky(add(matmul(x, transpose(x) as never), mul(x, transpose(x) as never)) as Tensor<[number, number], 'f64'>) as unknown as typeof x; return total(triangularSolve(l, triangularSolve(l, y), { transposed: true })); },
  };
  it.each(Object.entries(losses))('of %s: both modes, and the second order', (_, loss) => {
    const of = compiled(fn([f64([n, n]), f64([n, 16]), f64([n, n])], (x, y, along) => {
      const own = (z: Matrix): Tensor<[], 'f64'> => loss(z, y as never);
      return [own(x), jvp(own)([x], [along])[1], grad(own)(x), hvp(own)(x, along)] as never;
    }));
    const at = (t: number): readonly Float64Array[] => of(on(a.map((x, i) => x + t * v[i]), n, n), on(b, n, 16), on(v, n, n));
    const [, forward, slope, second] = at(0), [[before, , slopeBefore], [behind, , slopeBehind]] = [at(-h), at(h)], wanted = (behind[0] - before[0]) / (2 * h), scale = 1 + Math.abs(wanted);
    expect(Math.abs(forward[0] - wanted) / scale).toBeLessThan(1e-7);
    expect(Math.abs(slope.reduce((s, x, i) => s + x * v[i], 0) - wanted) / scale).toBeLessThan(1e-7);
    expect(apart(second, slopeBehind.map((x, i) => (x - slopeBefore[i]) / (2 * h)))).toBeLessThan(1e-6);
  });
});

it('by blocks on gpu.js too, where loops are written out', () => {
  const n = 33, a = general(n), b = drawn(n, 29), call = orThrow(compile(fn([f32([n, n]), f32([n, 1])], (x, y) => solve(x, y)), { backend: gpujs({ mode: 'cpu' }) }));
  expect(apart(times(a, call(array(Float32Array.from(a), [n, n]), array(Float32Array.from(b), [n, 1])).data, n, 1), b)).toBeLessThan(1e-4);
});

describe('claims about size', () => {
  const of: { readonly [name: string]: (n: number) => unknown } = {
    cholesky: (n) => fn([f32([n, n])], (x) => cholesky(x)), triangularSolve: (n) => fn([f32([n, n]), f32([n, 16])], (x, y) => triangularSolve(x, y)), solve: (n) => fn([f32([n, n]), f32([n, 1])], (x, y) => solve(x, y)),
  };
  const nodes = (f: unknown): number => [...orThrow(lower(f)).module.graphs.values()].reduce((sum, g) => sum + topological([...g.params, ...g.results]).length, 0);
  it.each(Object.entries(of))('the graph of %s and of its derivatives is no larger for a larger matrix, but for a few numbers', (_, f) => {
    expect(Math.abs(nodes(f(4096)) - nodes(f(512)))).toBeLessThan(20);
    expect(nodes(f(4096))).toBeLessThan(1300);
  });
  /** kernels of the innermost loops, and the most elements that any of them stores */
  const innermost = (f: unknown): readonly number[] => {
    const { naive } = stagesOf(orThrow(lower(f)).module, js(), { ...defaultStages, verify: true });
    const loops = (steps: readonly Step[]): readonly Step[] => steps.flatMap((s) => (s.kind !== 'loop' ? [] : s.body.some((b) => b.kind === 'loop') ? loops(s.body) : s.body));
    return loops(naive.steps).map((s) => (s.kind === 'run' ? stores(naive.kernels.get(s.kernel)?.body ?? []) : 0));
  };
  const stores = (body: readonly Stmt[]): number => body.reduce((n, s) => n + (s.kind === 'for' ? s.extent.bias * stores(s.body) : s.kind === 'contract' ? [...s.m, ...s.n].reduce((k, a) => k * a.extent.bias, stores(s.then)) : s.kind === 'store' ? 1 : 0), 0);
  it.each(Object.entries(of))('no step within a block of %s stores more than some rows: nothing is copied', (_, f) => expect(Math.max(...innermost(f(96)))).toBeLessThanOrEqual(3 * (96 + 1)));
});
