import { describe, expect, it } from 'vitest';
import { wasm } from '../../../src/backends/index.ts';
import { maxCount } from '../../../src/core/dim.ts';
import { nodesOf } from '../../../src/ir/graph/walk.ts';
import { defaultPipeline } from '../../../src/passes/graph/pipeline.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { convolution, f32, fn, grad, mul, sum, type ConvolutionOptions } from '../../../src/index.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

/** the gradient of a sum of squares, in the image */
const slope = (x: readonly number[], w: readonly number[], options: ConvolutionOptions) =>
  fn([f32([...x]), f32([...w])], (image, k) => grad((v: typeof image) => { const y = convolution(v, k, options); return sum(mul(y, y)); })(image), { name: 'slope', args: ['x', 'w'] });
const cases: readonly (readonly [string, readonly number[], readonly number[], ConvolutionOptions, number])[] = [
  ['of every place', [2, 12, 10, 6], [3, 3, 6, 8], { padding: 'same' }, 1],
  ['of every second place', [2, 12, 12, 6], [3, 3, 6, 8], { padding: 'same', strides: 2 }, 4],
  ['of every second place, by seven', [1, 12, 13, 3], [7, 7, 3, 8], { padding: 'same', strides: 2 }, 4],
  ['of every third row', [2, 13, 8, 6], [3, 2, 6, 8], { strides: [3, 1] }, 1],
  ['of every second place, spread out by three', [2, 17, 17, 4], [3, 3, 4, 5], { strides: 2, kernelDilation: 3 }, 4],
  ['of every second place, spread out by two', [2, 16, 16, 4], [3, 3, 4, 5], { strides: 2, kernelDilation: 2 }, 1],
  ['in groups', [2, 10, 10, 6], [3, 3, 2, 9], { padding: 'same', groups: 3 }, 1],
  ['in groups, of every second place', [2, 10, 10, 6], [3, 3, 2, 9], { padding: 'same', groups: 3, strides: 2 }, 4],
  ['in groups of the batch', [4, 10, 10, 6], [3, 3, 6, 8], { padding: 'same', batchGroups: 2 }, 1],
  ['along one axis, of every second place', [2, 21, 6], [5, 6, 8], { strides: 2 }, 2],
  ['along three axes, of every second place', [1, 6, 7, 8, 3], [3, 3, 3, 3, 5], { strides: 2 }, 8],
  ['of zeros between the elements', [2, 6, 6, 4], [4, 4, 4, 5], { inputDilation: 2, strides: 2, padding: 'same' }, 4],
];
describe('the gradient of a convolution in its image', () => {
  it.each(cases)('%s stores no products, and is a contraction for each residue of the places', (_, x, w, options, residues) => {
    const { plan } = staged(moduleOf(slope(x, w, options)), wasm({ threads: 1 }), 1 << 20), dots = plan.groups.filter((g) => g.nest.kind === 'contract');
    expect(dots).toHaveLength(1 + residues);
    expect(plan.groups.filter((g) => g.nest.kind === 'rows')).toEqual([]);
    // of each window every product with each channel that it is taken from
    const products = maxCount(dots[0].roots[0].type.shape) / w[w.length - 1] * w.slice(0, -1).reduce((a, b) => a * b) * (options.groups ?? 1);
    for (const g of plan.groups) for (const n of g.roots) expect(maxCount(n.type.shape)).toBeLessThan(products);
  });
  it.each(cases)('%s keeps its meaning', (_, x, w, options) => { expectMeaning(moduleOf(slope(x, w, options)), 1 << 16); });
});

describe('a transposed convolution', () => {
  const x = [2, 8, 8, 6] as const, w = [4, 4, 6, 5] as const, options: ConvolutionOptions = { inputDilation: 2, padding: [[2, 2], [2, 2]] };
  const forward = fn([f32([...x]), f32([...w])], (image, k) => convolution(image, k, options), { name: 'forward', args: ['x', 'w'] });
  const inImage = slope(x, w, options);
  const inFilter = fn([f32([...x]), f32([...w])], (image, k) => grad((v: typeof k) => { const y = convolution(image, v, options); return sum(mul(y, y)); })(k), { name: 'slope', args: ['x', 'w'] });
  /** of numbers, zeros between them too */
  const products = (f: unknown): number => [...runPasses(moduleOf(f), defaultPipeline).graphs.values()].flatMap(nodesOf).reduce((total, n) => {
    if (n.op !== 'dotGeneral') return total;
    const { shape } = n.inputs[0].type;
    return total + maxCount(n.type.shape) * n.attrs.contract[0].reduce((count, axis) => count * Number(shape[axis]), 1);
  }, 0);
  // 16 places along an axis, of which each sees two elements and two zeros; in the gradients each element meets all of the filter
  const each = 2 * 16 * 16 * 2 * 2 * 6 * 5;
  it('multiplies no zero that lies between elements, nor do its gradients', () => {
    expect(products(forward)).toBe(each);
    expect(products(inImage)).toBe(each + 2 * 8 * 8 * 16 * 6 * 5);
    expect(products(inFilter)).toBe(each + 2 * 8 * 8 * 16 * 6 * 5);
  });
  it.each([['forward', forward], ['the gradient in the image', inImage], ['the gradient in the filter', inFilter]])('keeps its meaning: %s', (_, f) => { expectMeaning(moduleOf(f), 1 << 16); });
});
