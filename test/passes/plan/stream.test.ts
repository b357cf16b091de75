import { expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import { exp, f32, fn, full, iota, less, matmul, max, mul, reshape, softmax, sub, transpose, where, type F32 } from '../../../src/index.ts';
import { expectMeaning, moduleOf, staged } from './blocks.ts';

it('what scales with the maximum of numbers from outside is summed in the first pass too', () => {
  const thin = f32([41, 3]), f = fn([thin, thin, thin, f32([41, 41])], (q, k, v, x) => matmul(mul(softmax(x), softmax(matmul(q, transpose(k)))), v)), module = moduleOf(f);
  const [{ nest }] = staged(module, js(), 400).plan.groups;
  expect(nest.kind === 'blocks' && [nest.parts.filter((p) => p.streamed).length, nest.stream?.rescaled.size]).toEqual([2, 2]);
  expectMeaning(module, 400);
});

it('of a row of −∞ alone what scales with the maximum is no number, be it divided by a sum or not', () => {
  const thin = f32([41, 3]), later = less(reshape(iota(41), [41, 1]), reshape(iota(41), [1, 41]));
  const module = moduleOf(fn([thin, thin, thin], (q, k, v) => {
    const scores: F32<[41, 41]> = where(later, matmul(q, transpose(k)), full([], -Infinity));
    return matmul(exp(sub(scores, max(scores, -1, { keepdims: true }))), v);
  }));
  const [{ nest }] = staged(module, js(), 300).plan.groups;
  expect(nest.kind === 'blocks' && nest.stream?.rescaled.size).toBe(1);
  expectMeaning(module, 300);
});
