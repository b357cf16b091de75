import { describe, expect, it } from 'vitest';
import { wasm } from '../../../src/backends/index.ts';
import { maxCount } from '../../../src/core/dim.ts';
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
