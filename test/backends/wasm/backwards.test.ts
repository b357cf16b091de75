import { expect, it } from 'vitest';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { array, compile, f32, fn, mul, orThrow, reverse, scan, zeros, type Tensor } from '../../../src/index.ts';

/** in a memory of their own, where nothing lies before the operand */
it.each([100, 1000, 100_000])('reads and writes %i numbers from the last to the first', (n) => {
  const xs = Float32Array.from({ length: n }, (_, i) => i % 777), x = array(xs, [n]);
  const turned = orThrow(compile(fn([f32([n])], (v) => reverse(v, [0])), { backend: wasm({ threads: 1 }) }))(x);
  expect(Array.from(turned.data)).toEqual(Array.from(xs).reverse());
  const doubled = orThrow(compile(fn([f32([n])], (v) => scan((_: Tensor<[], 'f32'>, row: Tensor<[], 'f32'>) => [row, mul(row, 2)] as const, zeros([]), v, { reverse: true })), { backend: wasm({ threads: 1 }) }))(x);
  expect([doubled[0].item(), Array.from(doubled[1].data)]).toEqual([xs[0], Array.from(xs, (v) => 2 * v)]);
});
