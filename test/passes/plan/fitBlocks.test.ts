import { describe, expect, it } from 'vitest';
import type { LoopBackend } from '../../../src/backends/backend.ts';
import { js } from '../../../src/backends/js/js.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { exp, expandDims, f32, fn, matmul, mul, permute, softmax } from '../../../src/index.ts';
import { count } from '../../../src/ir/loop/counts.ts';
import { backward, forward } from './attention.ts';
import { moduleOf, staged } from './blocks.ts';

/** rows at a time, and columns where they are a stream; what is wide takes four bytes for each column of a row */
const blocksOf = (f: unknown, scratchBytes: number, backend: LoopBackend): readonly unknown[] =>
  staged(moduleOf(f), backend, scratchBytes).plan.groups.map(({ nest }) => (nest.kind !== 'blocks' ? nest.kind : nest.stream === undefined ? nest.block : [nest.block, nest.stream.block]));
const attention = (length: number, scratchBytes: number, backend: LoopBackend = js(), causal = false): readonly unknown[] => blocksOf(forward({ spelling: 'composite', causal, heads: 2, length, width: 3 }), scratchBytes, backend);

describe('a block has', () => {
  it.each<readonly [string, number, number, number]>([
    ['as many rows as fit', 48, 16 * 4 * 48, 16],
    ['all that there are', 48, 48 * 4 * 48, 48],
    ['no part of a tile', 41, 48 * 4 * 41, 40],
    ['no rest, where there is such a number of about the size', 120, 64 * 4 * 120, 60],
    ['no rest, smaller', 120, 48 * 4 * 120, 40],
    ['no more than 64', 1021, 80 * 4 * 1021, 64],
  ])('%s', (_, length, scratchBytes, rows) => expect(attention(length, scratchBytes)).toEqual([rows]));
  it('whole tiles of the target', () => expect([attention(1021, 51 * 4 * 1021, js()), attention(1021, 51 * 4 * 1021, wasm())]).toEqual([[50], [48]]));
  it('fewer rows where it ends at its last row’s place: a sixteenth of them, but sixteen', () => {
    expect([128, 512, 768, 2048].map((length) => attention(length, 1 << 20, wasm(), true))).toEqual([[16], [32], [48], [64]]);
  });
});

describe('where sixteen rows do not fit, columns are a stream, and there are', () => {
  it.each<readonly [string, number, number, number, number]>([
    ['as many of them as leave room for sixteen rows', 48, 16 * 4 * 48 - 1, 16, 32],
    ['or as few as make the most of little room', 48, 4 * 48, 6, 4],
    ['at most 64', 1021, 8 * 4 * 1021, 64, 64],
  ])('%s', (_, length, scratchBytes, rows, columns) => expect(attention(length, scratchBytes)).toEqual([[rows, columns]]));
  it('none without scratch', () => expect(attention(48, 1)).toEqual(['contract', 'rows', 'contract']));
});

it('what takes several passes over a stream is one only where not a tile of whole rows fits', () => {
  const back = (scratchBytes: number, backend: LoopBackend): readonly unknown[] => blocksOf(backward({ spelling: 'composite', causal: false, heads: 2, length: 64, width: 3 }), scratchBytes, backend);
  expect([back(16 * 3 * 256, wasm()), back(2048, js()), back(2048, wasm())]).toEqual([[16], [2], [[16, 8]]]);
});

it('what has more columns reads what has fewer, and does not compute it again', () => {
  const f = fn([f32([16, 3]), f32([12, 3]), f32([12, 5])], (q, k, t) => {
    const s = softmax(matmul(q, permute(k, [1, 0])));
    return { s, wide: exp(mul(expandDims(s, 2), t)) };
  });
  const { naive, plan } = staged(moduleOf(f)), product = 2 * 3, softened = ['max', 'sub', 'exp', 'sum', 'mul'].length, wide = 2 * 5;
  expect(plan.groups.map(({ nest }) => nest.kind)).toEqual(['blocks']);
  expect(count(naive, {}).operations).toBe(16 * 12 * (product + softened + wide) + 16);
});
