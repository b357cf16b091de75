import { expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import { f32, fn, matmul, mul, softmax, transpose } from '../../../src/index.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

it('what scales with the maximum of numbers from outside is summed in the first pass too', () => {
  const thin = f32([41, 3]), f = fn([thin, thin, thin, f32([41, 41])], (q, k, v, x) => matmul(mul(softmax(x), softmax(matmul(q, transpose(k)))), v)), module = moduleOf(f);
  const [{ nest }] = staged(module, js(), 400).plan.groups;
  expect(nest.kind === 'blocks' && [nest.parts.filter((p) => p.streamed).length, nest.stream?.rescaled.size]).toEqual([2, 2]);
  expectMeaning(module, 400);
});
