import { describe, expect, it } from 'vitest';
import { js, wasm } from '../../src/backends/index.ts';
import { defaultStages, stagesOf } from '../../src/compile/stages.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import { add, array, compile, convert, f32, fn, foriLoop, grad, jvp, matmul, mul, orThrow, scan, sin, square, sum, tanh, valueAndGrad, vmap, type NDArray, type ScanOptions, type Tensor } from '../../src/index.ts';
import { nodesOf } from '../../src/ir/graph/walk.ts';
import { checkGradients } from '../../src/testing/index.ts';

type State = Tensor<[2, 3], 'f32'>;
type Weights = Tensor<[3, 3], 'f32'>;
const numbers = <const S extends number[]>(...shape: readonly [...S]): NDArray<S, 'f32'> => array<S>(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.3 * i + shape.length)), shape);
/** a recurrent loss of the last carry and of what each run gives */
const recurrent = (options: ScanOptions) => <N extends number>(w: Weights, h: State, xs: Tensor<[N, 2, 3], 'f32'>): Tensor<[], 'f32'> => {
  const [last, rows] = scan((c: State, row: State) => { const next = tanh(add(matmul(c, w), row)); return [next, { sums: sum(mul(next, row), 0), c }] as const; }, h, xs, options);
  return add(sum(square(last)), add(sum(sin(rows.sums)), sum(mul(rows.c, rows.c))));
};

describe('a loop of which reverse mode keeps segments', () => {
  it.each([1, 3, 4, 5, 7, 12, 13, 16, 17, 19].flatMap((n) => [false, true].map((reverse) => [n, reverse] as const)))('of %i runs, reverse %s, has the value and the gradients of the plain one', (n, reverse) => {
    const [plain, segments] = (['carries', 'segments'] as const).map((save) => orThrow(compile(fn([f32([3, 3]), f32([2, 3]), f32([n, 2, 3])], (w, h, xs) =>
      valueAndGrad((p: readonly [typeof w, typeof h, typeof xs]) => recurrent({ reverse, save })(...p))([w, h, xs])), { backend: js() }))(numbers(3, 3), numbers(2, 3), numbers(n, 2, 3)));
    expect(segments[0].item()).toBeCloseTo(plain[0].item(), 4);
    segments[1].forEach((g, k) => Array.from(g.data).forEach((v, i) => expect(v).toBeCloseTo(plain[1][k].data[i], 4)));
  });
  it('gives rows at their places, and counts as the plain one does', () => {
    const f = (options: ScanOptions) => fn([f32([11])], (x) => [...scan((c: Tensor<[], 'f32'>, row: Tensor<[], 'f32'>) => [add(mul(c, 0.5), row), c] as const, sum(mul(x, 0)), x, options), foriLoop(11, (i, c: Tensor<[], 'f32'>) => add(mul(c, 0.5), convert(i, 'f32')), sum(x), { save: options.save === 'segments' ? 'segments' : 'carries' })] as const);
    for (const reverse of [false, true]) {
      const [plain, segments] = (['carries', 'segments'] as const).map((save) => orThrow(compile(f({ reverse, save }), { backend: js() }))(numbers(11)).map((r) => Array.from(r.data)));
      expect(segments).toEqual(plain);
      expect(new Set(plain[1]).size).toBe(11);
    }
  });
  it.each([{}, { reverse: true }])('has the derivatives that differences show, and those of second order: %o', (options) => {
    const { compared, skipped } = orThrow(checkGradients(recurrent({ ...options, save: 'segments' }), [numbers(3, 3), numbers(2, 3), numbers(7, 2, 3)], { order: 2 }));
    expect([compared > 90, skipped]).toEqual([true, 0]);
  });
  it('is the same over examples, and forward', () => {
    const f = (save: 'carries' | 'segments') => fn([f32([3, 3]), f32([2, 3]), f32([4, 7, 2, 3])], (w, h, xs) => {
      const loss = recurrent({ save });
      return [vmap((x: Tensor<[7, 2, 3], 'f32'>) => grad(loss)(w, h, x), 4)(xs), jvp((v: typeof w) => loss(v, h, sum(xs, 0)))([w], [w])[1]] as const;
    });
    const [plain, segments] = (['carries', 'segments'] as const).map((save) => orThrow(compile(f(save), { backend: wasm({ threads: 1 }) }))(numbers(3, 3), numbers(2, 3), numbers(4, 7, 2, 3)).flatMap((r) => Array.from(r.data)));
    segments.forEach((v, i) => expect(Math.abs(v - plain[i])).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(plain[i]))));
  });
  it('holds about √n states where the plain one holds n', () => {
    const size = 256, stages = (n: number, save: 'carries' | 'segments') => stagesOf(orThrow(lower(fn([f32([size])], (h) =>
      grad((v: typeof h) => sum(foriLoop(n, (_, c) => sin(mul(c, c)), v, { save })))(h)))).module, wasm({ threads: 1 }), { ...defaultStages, verify: true });
    const states = (n: number, save: 'carries' | 'segments'): number => (stages(n, save).program.arena?.bytes ?? 0) / (4 * size);
    for (const n of [49, 400, 401, 1021]) {
      expect(states(n, 'carries')).toBeGreaterThanOrEqual(n);
      expect(states(n, 'segments')).toBeLessThanOrEqual(3 * Math.sqrt(n) + 8);
    }
    // loops: over segments, over the runs of one, over those left; each and its reverse
    expect([...stages(401, 'segments').module.graphs.values()].flatMap(nodesOf).filter((x) => x.op === 'scan')).toHaveLength(7);
  });
  it('may keep the contractions of each run instead', () => {
    const count = (save: 'carries' | 'contractions'): number => {
      const f = fn([f32([3, 3]), f32([2, 3]), f32([5, 2, 3])], (w, h, xs) => valueAndGrad((v: typeof w) => recurrent({ save })(v, h, xs))(w));
      const { module } = stagesOf(orThrow(lower(f)).module, wasm({ threads: 1 }), { ...defaultStages, verify: true });
      return [...module.graphs.values()].flatMap(nodesOf).filter((x) => x.op === 'dotGeneral').length;
    };
    expect(count('carries') - count('contractions')).toBe(1);
    expect(orThrow(checkGradients(recurrent({ save: 'contractions' }), [numbers(3, 3), numbers(2, 3), numbers(5, 2, 3)], { order: 2 })).skipped).toBe(0);
  });
});
