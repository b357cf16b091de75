import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../../src/backends/index.ts';
import { add, array, compile, conv2d, f32, fn, grad, matmul, maxPool, mean, orThrow, relu, reshape, square, type Dyn, type F32 } from '../../../src/index.ts';
import { count } from '../../../src/ir/loop/counts.ts';
import { walk } from '../../../src/ir/loop/visit.ts';
import { bits } from '../../backends/wasm/bits.ts';
import { moduleOf, staged } from './blocks.ts';

type X = F32<Dyn>;
/** the slopes of two convolutions with their biases, relu and pooling, and of a product */
const slopes = (images: number) => {
  const shapes = [[3, 3, 1, 16], [16], [3, 3, 16, 32], [32], [800, 10]], [w1, b1, w2, b2, w3] = shapes.map((s): X => f32([...s]));
  const block = (h: X, w: X, b: X): X => maxPool(relu(add(conv2d(h, w), b)), 2);
  return fn([f32([images, 28, 28, 1]), w1, b1, w2, b2, w3], (x, ...layers) => grad(([v1, c1, v2, c2, v3]: [X, X, X, X, X]) => mean(square(matmul(reshape(block(block(x, v1, c1), v2, c2), [images, 800]), v3))))([...layers]), { name: 'slopes', args: ['x', 'w1', 'b1', 'w2', 'b2', 'w3'] });
};

describe('a step of a convolutional network', () => {
  const { program, plan } = staged(moduleOf(slopes(64)), wasm({ threads: 2 }));
  it('meets three times, and at the end', () => expect(count(program, {})).toMatchObject({ kernels: plan.groups.length, barriers: 3 }));
  it('shares all that is long, the sums of biases and of the small filter too, by images', () => {
    const alone: number[] = [];
    for (const kernel of program.kernels.values()) if (!kernel.body.some((s) => s.kind === 'for' && s.mode.at === 'grid')) alone.push(Math.max(...kernel.params.map((p) => p.size)));
    expect(Math.max(...alone)).toBeLessThanOrEqual(64 * 144);
  });
  it('keeps one truth for each pixel that relu and a window let through', () => {
    let reads = 0;
    for (const kernel of program.kernels.values()) if (kernel.params.some((p) => p.dtype === 'bool' && p.access === 'read')) walk(kernel.body, (s) => { if (s.kind === 'let' && s.value.kind === 'load' && kernel.params.find((p) => p.name === (s.value.kind === 'load' ? s.value.from.buffer : ''))?.size === 64 * 24 * 24 * 16) reads++; });
    expect(reads).toBe(1);
  });
  it('computes the same bits on one thread and two', () => {
    const f = slopes(8), sizes = [[8, 28, 28, 1], [3, 3, 1, 16], [16], [3, 3, 16, 32], [32], [800, 10]];
    const by = (backend: Backend<'sync'>): readonly Float32Array[] => {
      const call = orThrow(compile(f, { backend })), args = sizes.map((shape, i) => array(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, k) => 0.3 * Math.sin(1.7 * k + i)), [...shape]));
      // SAFETY: as many arrays as there are sizes
      return (call as unknown as (...all: readonly unknown[]) => readonly { readonly data: Float32Array }[])(...args).map((x) => Float32Array.from(x.data));
    };
    const [wanted, inJs, one, two] = [reference({ precision: 'f64' }), js(), wasm({ threads: 1 }), wasm({ threads: 2 })].map(by), named = (all: readonly Float32Array[]) => bits(new Map(all.map((x, i) => [String(i), x])));
    expect(named(two)).toEqual(named(one));
    for (const found of [inJs, one]) found.forEach((x, i) => { const scale = Math.max(...wanted[i].map(Math.abs)); x.forEach((y, k) => { expect(Math.abs(y - wanted[i][k])).toBeLessThan(1e-4 * scale); }); });
  });
});
