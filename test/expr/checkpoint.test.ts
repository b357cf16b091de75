import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../src/backends/index.ts';
import { defaultStages, stagesOf } from '../../src/compile/stages.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import {
  add, array, checkpoint, compile, conv2d, customVjp, f32, fn, gelu, grad, jvp, matmul, mul, orThrow, reshape, sin, square, sum, tanh, valueAndGrad, vmap,
  type CheckpointOptions, type Fn, type NDArray, type Tensor,
} from '../../src/index.ts';
import { nodesOf } from '../../src/ir/graph/walk.ts';
import { checkGradients } from '../../src/testing/index.ts';

type Save = NonNullable<CheckpointOptions['save']>;
const policies = ['nothing', 'contractions', 'everything'] as const satisfies readonly Save[];
const stages = (f: unknown) => stagesOf(orThrow(lower(f)).module, wasm({ threads: 1 }), { ...defaultStages, verify: true });
const peak = (f: unknown): number => stages(f).program.arena?.bytes ?? 0;
const contractions = (f: unknown): number => [...stages(f).module.graphs.values()].flatMap(nodesOf).filter((n) => n.op === 'dotGeneral').length;
const numbersOf = (count: number, scale = 1): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i) / scale);
const each = <T>(count: number, step: (h: T) => T, first: T): T => Array.from({ length: count }).reduce<T>((h) => step(h), first);

describe('checkpoint', () => {
  type Rows = Tensor<[64, 64], 'f32'>;
  const layer = (h: Rows, w: Rows): Rows => sin(matmul(tanh(matmul(tanh(matmul(h, w)), w)), w));
  const deep = (block: typeof layer) => fn([f32([64, 64]), f32([64, 64])], (w, x) => grad((v: Rows) => sum(each(8, (h: Rows) => block(h, v), x)))(w));
  it('keeps of a block what it is given, where without it all of its inside would be kept', () => {
    const [kept, again] = [deep(layer), deep(checkpoint(layer))].map(peak), size = 4 * 64 * 64;
    expect(again).toBeLessThan(kept / 1.5);
    // one state for each block, and what one run back needs
    expect(again).toBeLessThanOrEqual((8 + 14) * size);
  });
  it('changes no number, and none where everything is kept', () => {
    const w = array(numbersOf(4096, 8), [64, 64]), x = array(numbersOf(4096), [64, 64]);
    for (const backend of [js(), wasm({ threads: 2 })]) {
      const [plain, again, contracted, all] = [deep(layer), ...policies.map((save) => deep(checkpoint(layer, { save })))].map((f) => Array.from(orThrow(compile(f, { backend }))(w, x).data));
      expect(all).toEqual(plain);
      for (const other of [again, contracted]) other.forEach((v, i) => expect(v).toBeCloseTo(plain[i], 3));
    }
  });
});

describe('checkpoint that keeps contractions', () => {
  type State = Tensor<[256, 32], 'f32'>;
  type Weights = readonly [up: Tensor<[32, 128], 'f32'>, down: Tensor<[128, 32], 'f32'>];
  const block = (h: State, [up, down]: Weights): State => add(h, matmul(gelu(matmul(h, up)), down));
  const perceptron = (save: Save, blocks = 6) => fn([f32([256, 32]), f32([32, 128]), f32([128, 32])], (x, up, down) =>
    grad((w: Weights) => sum(square(each(blocks, (h: State) => checkpoint(block, { save })(h, w), x))))([up, down]));
  const state = 4 * 256 * 32;
  it('keeps more than nothing and less than everything', () => {
    const [nothing, some, all] = policies.map((save) => peak(perceptron(save)));
    expect([nothing < some, some < all / 1.8]).toEqual([true, true]);
    // for each block more: its state; that and what the layer of four times the width holds; and that with all the parts of gelu
    const [one, five, more] = policies.map((save) => Math.round((peak(perceptron(save, 12)) - peak(perceptron(save))) / 6 / state));
    expect([one, five, more >= 13]).toEqual([1, 5, true]);
  });
  it('computes each contraction once, and of those that no derivative reads it keeps nothing', () => {
    // forward 2, backward 3, and with nothing kept the first once more: no derivative reads the second
    expect(policies.map((save) => contractions(perceptron(save, 1)))).toEqual([6, 5, 5]);
  });
  it('sees those of a convolution, and leaves a derivative of one’s own alone', () => {
    type Image = Tensor<[1, 8, 8, 2], 'f32'>;
    const own = customVjp((a: Tensor<[4, 4], 'f32'>) => matmul(a, a), (a) => [matmul(a, a), a] as const, (a, ct) => [mul(matmul(ct, a), 100)]);
    const f = (save: Save) => fn([f32([1, 8, 8, 2]), f32([3, 3, 2, 2]), f32([4, 4])], (x, k, m) => valueAndGrad((w: readonly [typeof k, typeof m]) =>
      sum(checkpoint((v: Image, u: typeof w) => sin(add(sum(tanh(conv2d(tanh(conv2d(v, u[0], { padding: 'same' })), u[0], { padding: 'same' }))), sum(own(u[1])))), { save })(x, w)))([k, m]));
    expect(contractions(f('nothing')) - contractions(f('contractions'))).toBe(2);
    expect(contractions(f('contractions'))).toBe(contractions(f('everything')) + 1);
    const args = [array(numbersOf(128), [1, 8, 8, 2]), array(numbersOf(36, 3), [3, 3, 2, 2]), array(numbersOf(16), [4, 4])] as const;
    const [plain, ...others] = (['everything', 'nothing', 'contractions'] as const).map((save) => orThrow(compile(f(save), { backend: js() }))(...args)[1].flatMap((r) => Array.from(r.data)));
    for (const other of others) other.forEach((v, i) => expect(v).toBeCloseTo(plain[i], 3));
  });

  const small = (save: Save) => (w: Tensor<[3, 3], 'f32'>, x: Tensor<[2, 3], 'f32'>): Tensor<[], 'f32'> =>
    sum(square(each(2, (h: typeof x) => checkpoint((a: typeof x, v: typeof w) => add(tanh(matmul(sin(matmul(a, v)), v)), a), { save })(h, w), x)));
  it.each(policies)('has the derivatives that differences show, and those of second order: %s', (save) => {
    const { compared, skipped } = orThrow(checkGradients(small(save), [array(numbersOf(9), [3, 3]), array(numbersOf(6), [2, 3])], { order: 2 }));
    expect([compared, skipped]).toEqual([30, 0]);
  });
  const composed: { readonly [name: string]: (f: ReturnType<typeof small>) => Fn<[Tensor<[3, 3], 'f32'>, Tensor<[4, 6], 'f32'>], unknown> } = {
    'gradients of each example': (f) => fn([f32([3, 3]), f32([4, 6])], (w, xs) => vmap((v: typeof w, x: Tensor<[6], 'f32'>) => grad(f)(v, reshape(x, [2, 3])), 4, [null, 0])(w, xs)),
    'a gradient of all examples': (f) => fn([f32([3, 3]), f32([4, 6])], (w, xs) => grad((v: typeof w) => sum(vmap((x: Tensor<[6], 'f32'>) => f(v, reshape(x, [2, 3])), 4)(xs)))(w)),
    'a tangent, and a gradient of it': (f) => fn([f32([3, 3]), f32([4, 6])], (w, xs) => {
      const along = (v: typeof w): Tensor<[], 'f32'> => jvp((u: typeof w) => f(u, reshape(sum(xs, 0), [2, 3])))([v], [mul(v, v)])[1];
      return [along(w), grad(along)(w)] as const;
    }),
    'a gradient of a gradient': (f) => fn([f32([3, 3]), f32([4, 6])], (w, xs) => grad((v: typeof w) => sum(square(grad(f)(v, reshape(sum(xs, 0), [2, 3])))))(w)),
  };
  const backends: readonly Backend<'sync'>[] = [reference(), js(), wasm({ threads: 2 })];
  it.each(Object.entries(composed))('is the same under %s', (_, of) => {
    const w = array(numbersOf(9), [3, 3]), xs = array(numbersOf(24), [4, 6]);
    const read = (result: unknown): readonly number[] => (Array.isArray(result) ? result.flatMap(read) : Array.from((result as NDArray<unknown>).data));
    for (const backend of backends) {
      const [again, contracted, plain] = policies.map((save) => read(orThrow(compile(of(small(save)), { backend }))(w, xs)));
      expect(plain.some((v) => Math.abs(v) > 0.1)).toBe(true);
      for (const other of [again, contracted]) other.forEach((v, i) => expect(Math.abs(v - plain[i])).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(plain[i]))));
    }
  });
});
