import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { arrayOf, compile, f32, fn, grad, i32, mul, orThrow, scatterAdd, scatterMax, segmentSum, square, sum, take, vmap, type Tensor } from '../../src/index.ts';

type Rows = Tensor<['n', 2], 'f32'>;
type Ids = Tensor<[3], 'i32'>;
type Updates = Tensor<[3, 2], 'f32'>;
const backends: readonly (readonly [string, Backend<'sync'>])[] = [['reference', reference()], ['js', js()], ['wasm', wasm({ threads: 1 })], ['wasm on two threads', wasm({ threads: 2 })]];
/** two examples of n rows, three indices of which one lies beyond, and updates */
const n = 4, ids = [[1, 3, 3], [0, 9, 2]], x = Array.from({ length: 2 }, (_, e) => Array.from({ length: n }, (__, r) => [10 * e + r, 0.5 * r - e])), u = [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 1], [2, 3]]];
const each = <A>(f: (e: 0 | 1) => A): readonly A[] => [f(0), f(1)];
const updated = (e: 0 | 1, of: (a: number, b: number) => number): readonly (readonly number[])[] => x[e].map((row, r) => row.map((v, k) => ids[e].reduce((a, id, i) => (id === r ? of(a, u[e][i][k]) : a), v)));
const uses = (e: 0 | 1, r: number): number => ids[e].filter((id) => Math.min(id, n - 1) === r).length;

/** rows of a bounded number, of each example its own, and indices of its own */
const table = {
  'take clamps to the rows that are there': [(a: Rows, i: Ids, _: Updates) => take(a, i), each((e) => ids[e].map((id) => x[e][Math.min(id, n - 1)]))],
  'scatterAdd drops what lies beyond them': [(a: Rows, i: Ids, v: Updates) => scatterAdd(a, i, v), each((e) => updated(e, (p, q) => p + q))],
  'scatterMax': [(a: Rows, i: Ids, v: Updates) => scatterMax(a, i, v), each((e) => updated(e, Math.max))],
  'the gradient of take': [(a: Rows, i: Ids, _: Updates) => grad((b: Rows) => sum(square(take(b, i))))(a), each((e) => x[e].map((row, r) => row.map((v) => 2 * v * uses(e, r) + 0)))],
  'the gradient of scatterAdd': [(a: Rows, i: Ids, v: Updates) => grad((b: Rows) => sum(square(scatterAdd(b, i, v))))(a), each((e) => updated(e, (p, q) => p + q).map((row) => row.map((v) => 2 * v)))],
} as const;

describe('over examples, in rows of a bounded number', () => {
  describe.each(Object.entries(table))('%s', (_, [f, wanted]) => {
    it.each(backends)('on %s', (__, backend) => {
      const mapped = fn([f32([2, 'n', 2]), i32([2, 3]), f32([2, 3, 2])], (a, i, v) => vmap(f as (a: Rows, i: Ids, v: Updates) => Tensor<readonly ['n', 2], 'f32'>, 2)(a, i, v));
      using run = orThrow(compile(mapped, { backend, dims: { n: { max: 6 } } }));
      const got = run(x, arrayOf('i32', Int32Array.from(ids.flat()), [2, 3]), u);
      expect(got.toNested()).toEqual(wanted);
    });
  });
  it('segments of a bounded number of rows', () => {
    const f = fn([f32([2, 'n', 2]), i32([2, 'n'])], (a, i) => vmap((rows: Rows, own: Tensor<['n'], 'i32'>) => segmentSum(mul(rows, 2), own, 2), 2)(a, i));
    for (const [, backend] of backends) {
      using run = orThrow(compile(f, { backend, dims: { n: { max: 6 } } }));
      expect(run(x, arrayOf('i32', Int32Array.of(0, 1, 1, 7, 1, 1, 0, 0), [2, n])).toNested()).toEqual([[[0, 0], [6, 3]], [[50, 1], [42, -3]]]);
    }
  });
});
