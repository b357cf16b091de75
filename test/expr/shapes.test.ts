import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import * as t from 'fluxion';
import type { Dim, DType, Shape, Tensor } from 'fluxion';
import { evaluateDim } from '../../src/expr/dimArithmetic.ts';
import { lower } from '../../src/expr/lower/lower.ts';
import type { Eq } from '../types/exact.ts';
import { run } from './run.ts';

interface Case { readonly x: Tensor<unknown>; readonly shape: Shape; readonly dtype: DType }
/** compiles only where tsc has inferred exactly this shape and dtype */
const agreed = <const W extends Dim[], D extends DType>(shape: readonly [...W], dtype: D) =>
  <S, G extends DType>(x: Tensor<S, G>, ..._ok: Eq<S, W> extends true ? (Eq<G, D> extends true ? [] : [wanted: D, got: G]) : [wanted: W, got: S]): Case => ({ x, shape, dtype });

const sizes: Readonly<Record<string, number>> = { b: 2, n: 3, seq: 4, past: 1 };
const sizeOf = (d: Dim): unknown => (typeof d === 'number' ? d : evaluateDim(d, (name) => sizes[name]));
const { zeros: z } = t, cube = z([2, 3, 4]), named = z(['b', 'seq', 12]), labels = z(['b'], 'i32');

// what tsc infers is what the expression has, and what a run gives once the names have sizes
const cases: readonly (readonly [string, Case])[] = [
  ['add', agreed(['b', 5, 7], 'f32')(t.add(z(['b', 1, 7]), z([5, 1])))],
  ['add a number', agreed([2], 'i32')(t.add(z([2], 'i32'), 1))],
  ['add a scalar', agreed([0, 3], 'f64')(t.add(z([], 'f64'), z([0, 3], 'f64')))],
  ['compare', agreed(['b', 5], 'bool')(t.less(z(['b', 1]), z([5])))],
  ['where', agreed([2, 3, 4], 'f32')(t.where(z([2, 1, 1], 'bool'), z([3, 1]), z([4])))],
  ['convert', agreed(['b', 'seq', 12], 'u32')(t.convert(named, 'u32'))],
  ['softmax', agreed(['b', 'seq', 12], 'f32')(t.softmax(named))],
  ['matmul', agreed(['b', 'seq', 7], 'f32')(t.matmul(named, z([12, 7])))],
  ['matmul batched', agreed(['b', 5, 2, 4], 'f32')(t.matmul(z(['b', 1, 2, 3]), z([5, 3, 4])))],
  ['einsum', agreed(['seq', 'b'], 'f32')(t.einsum('bsk,k->sb', named, z([12])))],
  ['einsum diagonal', agreed([3], 'f32')(t.einsum('ii->i', z([3, 3])))],
  ['reshape', agreed(['b', 'seq', 3, 4], 'f32')(t.reshape(named, ['b', 'seq', 3, -1]))],
  ['reshape a product of names', agreed(['b*seq', 12], 'f32')(t.reshape(named, [-1, 12]))],
  ['transpose', agreed(['b', 12, 'seq'], 'f32')(t.transpose(named))],
  ['permute', agreed([12, 'b', 'seq'], 'f32')(t.permute(named, [-1, 0, 1]))],
  ['broadcastTo', agreed(['b', 10], 'f32')(t.broadcastTo(z([10]), ['b', 10]))],
  ['expandDims', agreed(['b', 'seq', 12, 1], 'f32')(t.expandDims(named, -1))],
  ['squeeze', agreed([3, 4], 'f32')(t.squeeze(z([3, 1, 4]), -2))],
  ['sum of all', agreed([], 'f32')(t.sum(cube))],
  ['sum from the end', agreed([2, 4], 'f32')(t.sum(cube, -2))],
  ['sum keeps dims', agreed([1, 3, 1], 'f32')(t.sum(cube, [0, -1], { keepdims: true }))],
  ['mean by name', agreed(['b', 12], 'f32')(t.mean(named, 'seq'))],
  ['argmax', agreed(['b', 'seq'], 'i32')(t.argmax(named, -1))],
  ['all', agreed([3], 'bool')(t.all(z([2, 3], 'bool'), 0))],
  ['logSumExp', agreed(['b', 'seq', 1], 'f32')(t.logSumExp(named, -1, { keepdims: true }))],
  ['concat', agreed([2, 10], 'f32')(t.concat([z([2, 3]), z([2, 3]), z([2, 4])], 1))],
  ['concat of names', agreed(['b', 'past+seq', 12], 'f32')(t.concat([z(['b', 'past', 12]), named], 1))],
  ['stack', agreed([2, 2, 4], 'f32')(t.stack([z([2, 4]), z([2, 4])], 1))],
  ['slice', agreed([2, 999], 'f32')(t.slice(z([2, 1000]), 1, 0, -1))],
  ['slice of nothing', agreed([2, 0, 4], 'f32')(t.slice(cube, 1, 3, 3))],
  ['reverse', agreed(['b', 'seq', 12], 'f32')(t.reverse(named, ['seq', 0]))],
  ['take', agreed(['b', 12], 'f32')(t.take(z([50, 12]), labels))],
  ['dynamicSlice', agreed(['b', 'seq', 4], 'f32')(t.dynamicSlice(named, [0, 0, 3], ['b', 'seq', 4]))],
  ['dynamicUpdateSlice', agreed([2, 3, 4], 'f32')(t.dynamicUpdateSlice(cube, z([1, 1, 4]), [t.constant(1, 'i32'), 0, 0]))],
  ['scatterAdd', agreed([2, 3, 4], 'f32')(t.scatterAdd(cube, z(['b'], 'i32'), z(['b', 3, 4])))],
  ['takeAlong', agreed(['b', 5, 12], 'f32')(t.takeAlong(named, z(['b', 5, 12], 'i32'), 1))],
  ['segmentSum', agreed([7, 12], 'f32')(t.segmentSum(named, z(['b', 'seq'], 'i32'), 7))],
  ['segmentMax of a name', agreed(['n', 12], 'f32')(t.segmentMax(z(['b', 12]), z(['b'], 'u32'), 'n'))],
  ['cumsum', agreed(['b', 3], 'i32')(t.cumsum(z(['b', 3], 'i32'), 1, { reverse: true }))],
  ['cumlogsumexp', agreed(['b', 3], 'f32')(t.cumlogsumexp(z(['b', 3])))],
  ['sort', agreed(['b', 3], 'f32')(t.sort(z(['b', 3]), -1))],
  ['argsort', agreed([3, 4], 'i32')(t.argsort(z([3, 4]), 0))],
  ['topK values', agreed(['b', 5], 'f32')(t.topK(z(['b', 9]), 5).values)],
  ['topK indices', agreed([2, 3, 4], 'i32')(t.topK(z([2, 7, 4]), 3, 1).indices)],
  ['sortTogether', agreed([3], 'i32')(t.sortTogether([z([3]), z([3], 'i32')])[1])],
  ['searchSorted', agreed(['b', 3], 'i32')(t.searchSorted(z(['n']), z(['b', 3])))],
  ['permutation', agreed([5], 'i32')(t.permutation(t.key(0), 5))],
  ['choice', agreed([2, 3], 'i32')(t.choice(t.key(0), 5, [2, 3]))],
  ['oneHot', agreed(['b', 10], 'f32')(t.oneHot(labels, 10))],
  ['pick', agreed(['b'], 'f32')(t.pick(z(['b', 10]), labels))],
  ['iota', agreed(['n'], 'i32')(t.iota('n'))],
  ['normal', agreed(['b', 3], 'f32')(t.normal(t.key(0), ['b', 3]))],
  ['randomBits', agreed([2], 'u32')(t.randomBits(t.key(0), [2]))],
  ['grad', agreed([12, 3], 'f32')(t.grad((w: t.F32<[12, 3]>) => t.sum(t.matmul(named, w)))(z([12, 3])))],
];

describe('shapes and dtypes: tsc’s, the expression’s and the run’s are one', () => {
  for (const [name, { x, shape, dtype }] of cases) {
    it(name, () => {
      expect([x.shape, x.dtype]).toEqual([shape, dtype]);
      const [got] = run(t.fn([], () => x), [], { dims: sizes });
      expect([got.shape, got.dtype]).toEqual([shape.map(sizeOf), dtype]);
      expect(got.data).toHaveLength(got.shape.reduce((n, d) => n * d, 1));
    });
  }
});

describe('mistakes: tsc’s words and the run’s are one', () => {
  // each line of the page with a message of ours
  const page = readFileSync(new URL('../types/mistakes.txt', import.meta.url), 'utf8'), source = readFileSync(new URL('../types/mistakes.ts', import.meta.url), 'utf8').split('\n');
  const told = [...page.matchAll(/^test\/types\/mistakes\.ts\((\d+),[^]*?parameter of type '"(.*)"'\.$/gm)].map(([, line, message]) => ({ name: /^export const (\w+)/.exec(source[Number(line) - 1])?.[1] ?? '', message }));
  it('are all of ours', () => { expect(told.map((m) => m.name)).toEqual(source.flatMap((line) => /^export const (?!followed)(\w+)/.exec(line)?.[1] ?? [])); });
  it.each(told)('$name: $message', async ({ name, message }) => {
    const wrong: Readonly<Record<string, unknown>> = await import(new URL('../types/mistakes.ts', import.meta.url).href);
    const lowered = lower(t.fn([], () => wrong[name]), { open: true });
    expect(E.isLeft(lowered) ? lowered.left.filter((d) => d.code !== 'FX1020').map((d) => d.message) : []).toEqual([message]);
  });
});
