import { describe, expect, it } from 'vitest';
import { gpujs } from '../../../src/backends/gpujs/gpujs.ts';
import { js } from '../../../src/backends/js/js.ts';
import type { Backend } from '../../../src/backends/backend.ts';
import { add, array, compile, concat, f32, fn, matmul, mul, orThrow, scan, sin, square, stack, sum, tanh, valueAndGrad, type NDArray, type ScanOptions, type Tensor } from '../../../src/index.ts';
import { inEveryMode } from './gl.ts';

type Pair = Tensor<[2], 'f32'>;
const numbers = <const S extends number[]>(...shape: readonly [...S]): NDArray<S, 'f32'> => array<S>(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.3 * i + shape.length)), shape);
const pairs = (count: number): readonly number[][] => Array.from({ length: count }, (_, i) => [i, i + 0.5]);
const of = (count: number, f: (xs: readonly Pair[]) => Tensor) => (backend: Backend<'sync'>): readonly number[] => {
  // SAFETY: as many parameters as tensors, which are all alike
  const run = orThrow(compile(fn(Array.from({ length: count }, () => f32([2])), (...xs) => f(xs as unknown as readonly Pair[])), { backend })) as unknown as (...xs: readonly number[][]) => NDArray<number[], 'f32'>;
  return [...run(...pairs(count)).data];
};

/** a kernel takes seven buffers or so */
describe('what reads more tensors than a kernel of gpu.js', () => {
  for (const count of [7, 8, 12, 40]) {
    inEveryMode(`${count} tensors one after the other`, (mode) => expect(of(count, (xs) => concat(xs, 0))(gpujs({ mode }))).toEqual(pairs(count).flat()));
    it(`${count} tensors stacked, and what is computed of them`, () => {
      for (const f of [(xs: readonly Pair[]): Tensor => stack(xs, 1), (xs: readonly Pair[]): Tensor => sum(square(stack(xs, 0)), 1)]) {
        const wanted = of(count, f)(js()), got = of(count, f)(gpujs({ mode: 'cpu' }));
        got.forEach((v, i) => expect(Math.abs(v - wanted[i])).toBeLessThan(1e-2));
      }
    });
  }
  it('a few in each of two operands', () => {
    const f = of(9, (xs) => add(concat(xs.slice(0, 5), 0), concat(xs.slice(4), 0)));
    expect(f(gpujs({ mode: 'cpu' }))).toEqual(f(js()));
  });
  it('nine tensors added up', () => {
    const f = of(9, ([first, ...rest]) => rest.reduce((all, x) => add(all, x), first));
    expect(f(gpujs({ mode: 'cpu' }))).toEqual(f(js()));
  });
});

const recurrent = (options: ScanOptions) => (w: Tensor<[3, 3], 'f32'>, h: Tensor<[2, 3], 'f32'>, xs: Tensor<[number, 2, 3], 'f32'>): Tensor<[], 'f32'> => {
  const [last, rows] = scan((c: Tensor<[2, 3], 'f32'>, row: Tensor<[2, 3], 'f32'>) => { const next = tanh(add(matmul(c, w), row)); return [next, { sums: sum(mul(next, row), 0), c }] as const; }, h, xs, options);
  return add(sum(square(last)), add(sum(sin(rows.sums)), sum(mul(rows.c, rows.c))));
};
describe('a recurrent net on gpu.js', () => {
  it.each([16, 19].flatMap((n) => (['carries', 'segments'] as const).map((save) => [n, save] as const)))('of %i runs, saving %s, has its gradients', (n, save) => {
    const f = fn([f32([3, 3]), f32([2, 3]), f32([n, 2, 3])], (w, h, xs) => valueAndGrad((p: readonly [typeof w, typeof h, typeof xs]) => recurrent({ save })(...p))([w, h, xs]));
    const [wanted, got] = [js(), gpujs({ mode: 'cpu' })].map((backend) => orThrow(compile(f, { backend }))(numbers(3, 3), numbers(2, 3), numbers(n, 2, 3)));
    got[1].forEach((g, k) => Array.from(g.data).forEach((v, i) => expect(v).toBeCloseTo(wanted[1][k].data[i], 3)));
  });
});
