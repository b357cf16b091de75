import { describe, expect, it } from 'vitest';
import { js } from '../../../src/backends/js/js.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { defaultStages, stagesOf, type Stages } from '../../../src/compile/stages.ts';
import { maxCount } from '../../../src/core/dim.ts';
import { lower } from '../../../src/expr/lower/lower.ts';
import { add, div, exp, f32, fn, matmul, mean, mul, orThrow, rsqrt, square, sub, sum, transpose, variance, type F32 } from '../../../src/index.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { difference, numbers } from '../../ir/loop/golden.ts';

type X = F32<[number, number]>;
const keep = { keepdims: true } as const;
const sizes: readonly [number, number, number] = [7, 41, 3], [, columns] = sizes;
/** wide scores between two products, normalised in between and then bent, so that nothing of that leaves the second product */
const between = (normalised: (scores: X) => X, [rows, columns, width] = sizes) => fn([f32([rows, width]), f32([columns, width]), f32([columns, width])], (q, k, v) => matmul(exp(mul(normalised(matmul(q, transpose(k))), 0.1)), v));
const layerNorm = (x: X): X => mul(sub(x, mean(x, -1, keep)), rsqrt(add(variance(x, -1, keep), 0.1)));

const moduleOf = (f: unknown): Module => orThrow(lower(f, {})).module;
const staged = (module: Module, scratchBytes: number, backend = js()): Stages => stagesOf(module, { ...backend, target: { ...backend.target, scratchBytes } }, { ...defaultStages, verify: true });
const passes = (f: unknown): readonly unknown[] => staged(moduleOf(f), 400).plan.groups.map(({ nest }) => (nest.kind === 'blocks' && nest.stream !== undefined ? nest.parts.filter((p) => p.streamed).length : nest.kind));
const expectMeaning = (module: Module): void => {
  const args = (module.graphs.get(module.main)?.params ?? []).map(({ type: { shape } }, i) => Float32Array.from(numbers(i + 1, maxCount(shape)), (x) => 4 * x + 1));
  const wanted = interpret(module, args, { precision: 'f64' });
  for (const scratchBytes of [1 << 16, 400, 200, 0]) for (const backend of [js(), wasm()]) {
    const { naive, program } = staged(module, scratchBytes, backend);
    for (const p of [naive, program]) {
      const found = interpretProgram(p, new Map(p.inputs.map((name, i) => [name, args[i]])), { precision: 'f64', sizes: {} });
      p.outputs.forEach((name, i) => expect(difference(Array.from(found.get(name) ?? []), Array.from(wanted[i]))).toBeLessThan(1e-12));
    }
  }
};

describe('a mean and the squares about it run over the columns together', () => {
  it('so that a row too long for scratch takes two passes to be normalised', () => {
    expect(passes(between(layerNorm))).toEqual([2]);
    expectMeaning(moduleOf(between(layerNorm)));
  });
  it('at every size around blocks of columns', () => { for (const n of [1, 2, 4, 5, 8, 9, 31, 65]) expectMeaning(moduleOf(between(layerNorm, [5, n, 2]))); });
  it.each<readonly [string, (x: X) => X]>([
    ['with the mean as a quotient', (x) => { const c = sub(x, div(sum(x, -1, keep), columns)); return mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))); }],
    ['with the mean and what is relative to it read elsewhere too', (x) => { const m = div(sum(x, -1, keep), columns), c = sub(x, m); return add(mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))), add(exp(mul(c, 0.1)), m)); }],
    ['of values that are computed on the way', (x) => layerNorm(exp(mul(x, 0.1)))],
  ])('%s', (_, f) => {
    expect(passes(between(f))).toEqual([2]);
    expectMeaning(moduleOf(between(f)));
  });
  it.each<readonly [string, (x: X) => X]>([
    ['of other numbers', (x) => { const c = sub(x, mean(square(x), -1, keep)); return mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))); }],
    ['that is none: of one number more', (x) => { const c = sub(x, div(sum(x, -1, keep), columns + 1)); return mul(c, rsqrt(add(sum(mul(c, c), -1, keep), 1))); }],
    ['in something else than squares', (x) => { const c = sub(x, mean(x, -1, keep)); return mul(c, rsqrt(add(sum(mul(c, mul(c, c)), -1, keep), 100))); }],
  ])('but not about a mean %s', (_, f) => {
    expect(passes(between(f))).toEqual([3]);
    expectMeaning(moduleOf(between(f)));
  });
});
