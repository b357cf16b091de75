import { describe, expect, it } from 'vitest';
import { js, reference, wasm, type Backend } from '../../../src/backends/index.ts';
import { maxCount } from '../../../src/core/dim.ts';
import { array, compile, convolution, f32, fn, grad, mul, orThrow, sum, type ConvolutionOptions } from '../../../src/index.ts';
import { printProgram } from '../../../src/ir/loop/print.ts';
import { walk } from '../../../src/ir/loop/visit.ts';
import { bits } from '../../backends/wasm/bits.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

/** a filter of its own for each channel */
const depthwise = (x: readonly [number, number, number, number], window: number, options: ConvolutionOptions) =>
  fn([f32([...x]), f32([window, window, 1, x[3]])], (image, w) => convolution(image, w, { ...options, groups: x[3] }), { name: 'depthwise', args: ['x', 'w'] });
const cases: readonly (readonly [string, readonly [number, number, number, number], number, ConvolutionOptions])[] = [
  ['of odd sizes, with a border', [2, 5, 7, 6], 3, { padding: 'same' }], ['of one row left over', [1, 9, 9, 20], 3, { padding: 'same' }], ['without a border', [1, 6, 8, 16], 3, {}],
  ['at every second place', [1, 9, 11, 17], 3, { padding: 'same', strides: 2 }], ['spread out', [1, 12, 9, 8], 2, { padding: 'same', kernelDilation: 2 }], ['wider than the image', [1, 3, 2, 9], 5, { padding: 'same' }],
];

describe('a depthwise convolution', () => {
  const { plan, program } = staged(moduleOf(depthwise([1, 56, 56, 128], 3, { padding: 'same' })), wasm({ threads: 2 }));
  it('is one reduction over the image as it lies: nothing is padded, turned or stored between', () => {
    expect(plan.groups.map((g) => g.nest.kind)).toEqual(['rows']);
    expect(program.steps.map((s) => s.kind)).toEqual(['run']);
  });
  it('takes four pixels in vectors of channels, without a guard but at the border', () => {
    const inner: string[] = [];
    for (const kernel of program.kernels.values()) walk(kernel.body, (s) => { if (s.kind === 'for' && s.mode.at === 'vector' && s.body.some((t) => t.kind === 'fold')) inner.push(JSON.stringify(s.body)); });
    expect(inner.filter((body) => !body.includes('"kind":"guard"'))).toHaveLength(1);
    expect(printProgram(program)).toContain('for i3_2 < 12 {\n          for i5_2 < 32 {\n            alloc register acc0_6: f32[1, 4, 4]');
  });
  it('and so is its gradient in the image: no products are stored to be added up', () => {
    const f = fn([f32([1, 12, 12, 16]), f32([3, 3, 1, 16])], (image, w) => grad((x: typeof image) => { const y = convolution(x, w, { padding: 'same', groups: 16 }); return sum(mul(y, y)); })(image), { name: 'gradient', args: ['x', 'w'] });
    const slope = staged(moduleOf(f), wasm({ threads: 2 })).plan.groups.filter((g) => g.nest.kind !== 'map');
    expect(slope.map((g) => g.nest.kind)).toEqual(['rows', 'rows']);
    expect(slope.flatMap((g) => g.roots.map((n) => maxCount(n.type.shape)))).toEqual([12 * 12 * 16, 12 * 12 * 16]);
  });
  it.each(cases)('keeps its meaning %s', (_, x, window, options) => { expectMeaning(moduleOf(depthwise(x, window, options)), 1 << 16); });
  it.each(cases)('computes the same bits on one thread and two %s', (_, x, window, options) => {
    const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, (_v, i) => Math.sin(1.7 * i + count)), size = x.reduce((a, b) => a * b);
    const by = (backend: Backend<'sync'>): Float32Array => {
      const call = orThrow(compile(depthwise(x, window, options), { backend }));
      return Float32Array.from(call(array(numbers(size), [...x]), array(numbers(window * window * x[3]), [window, window, 1, x[3]])).data);
    };
    const wanted = by(reference()), [one, two, inJs] = [wasm({ threads: 1 }), wasm({ threads: 2 }), js()].map(by);
    expect(bits(new Map([['y', two]]))).toEqual(bits(new Map([['y', one]])));
    for (const found of [one, inJs]) found.forEach((y, i) => expect(y, `element ${i}`).toBeCloseTo(wanted[i], 4));
  });
});
