import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { argmax, array, customVjp, f32, fn, i32, mean, mul, matmul, oneHot, orThrow, relu, render, sin, softmax, sum, tanh, log, add, type Dyn, type F32, type Result, type Tensor } from '../../src/index.ts';
import { checkGradients } from '../../src/testing/index.ts';

const said = (r: Result<unknown>): string => (E.isLeft(r) ? render(r.left) : 'nothing');
const wave = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + 0.3));
const asDyn = (v: F32<[3, 2]>): Tensor<Dyn, 'f32'> => {
  // SAFETY: the same tensor, its shape forgotten, so that tsc lets a mistake through
  return v as unknown as Tensor<Dyn, 'f32'>;
};
const x = array(wave(6), [2, 3]), w = array(wave(12), [3, 4]);

describe('checkGradients', () => {
  it('finds nothing wrong with a network, to the second order', () => {
    const loss = fn([{ w: f32([3, 4]), b: f32([4]) }, f32(['n', 3]), i32(['n'])], (p, xs, labels) => {
      const y = softmax(add(matmul(tanh(xs), p.w), p.b));
      return mean(mul(log(y), oneHot(labels, 4)));
    }, { args: ['params', 'x', 'labels'] });
    const report = orThrow(checkGradients(loss, [{ w, b: [0.1, 0.2, 0.3, 0.4] }, x, [1, 3]], { order: 2 }));
    expect(report).toMatchObject({ compared: 2 * (12 + 4 + 6), skipped: 0, forward: true });
    expect(report.worst).toBeLessThan(1e-7);
  });
  it('takes a plain function over arrays', () => {
    expect(orThrow(checkGradients((a: F32<[2, 3]>, b: F32<[3, 4]>) => sin(matmul(a, b)), [x, w])).compared).toBe(18);
  });
  it('skips kinks, and says so where nothing else is left', () => {
    const f = fn([f32([3])], (v) => sum(relu(v)));
    expect(orThrow(checkGradients(f, [[0, 1, -1]]))).toMatchObject({ compared: 2, skipped: 1 });
    expect(said(checkGradients(f, [[0, 0, -1]]))).toMatch(/FX8004: checkGradients: 'main' could not be judged: 2 of 3 elements lie at a kink/);
  });
  it('names the input and the element whose rule is wrong', () => {
    const square = customVjp((v: Tensor<[3], 'f32'>) => mul(v, v), (v) => [mul(v, v), v], (v, ct) => [mul(ct, v)]);
    const f = fn([f32([2]), f32([3])], (_, v) => sum(square(v)), { args: ['unused', 'x'] });
    const text = said(checkGradients(f, [[1, 2], [0, 2, 3]]));
    expect(text).toMatch(/FX8001: the derivative for element 1 of 'x' is (\S+), but (\S+) by differences/);
    expect(text).not.toContain('element 0 of');
    expect(text).not.toContain('unused');
  });
  it('says what there is nothing to check of', () => {
    expect(said(checkGradients(fn([i32([3])], (v) => add(v, 1)), [[1, 2, 3]]))).toMatch(/FX8003: checkGradients: no input of 'main' is a float/);
    expect(said(checkGradients(fn([f32([3])], (v) => argmax(v, 0)), [[1, 2, 3]]))).toMatch(/FX8003: checkGradients: no result of 'main' is a float/);
  });
  it('passes on what is wrong with the function and with the inputs', () => {
    expect(said(checkGradients(fn([f32([3, 2])], (v) => matmul(asDyn(v), asDyn(v))), [[[1, 2], [3, 4], [5, 6]]]))).toMatch(/FX1003/);
    expect(said(checkGradients(fn([f32([3])], (v) => sum(v)), [[1, 2]]))).toMatch(/FX7001: arg0: wanted \[3\], but got \[2\]/);
  });
});
