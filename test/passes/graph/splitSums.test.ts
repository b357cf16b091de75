import { describe, expect, it } from 'vitest';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import { verify } from '../../../src/ir/graph/verify.ts';
import { splitSums } from '../../../src/passes/graph/splitSums.ts';
import { readGraph, showModule } from './texts.ts';

const after = (graph: string): string => showModule(splitSums.run(readGraph(graph), () => undefined));
const numbers = (count: number, seed: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1.3 * i + seed));
const bias = '(x: f32[8, 20, 20, 16]) { %0 = reduce add(x) axes [0, 1, 2] return %0 }';
const filter = '(x: f32[8, 3, 80, 1], y: f32[8, 80, 64]) { %0 = dotGeneral(x, y) contract [0, 2] [0, 1] return %0 }';

describe('a long sum goes block by block', () => {
  it('of a bias', () => expect(after(bias)).toBe(`(x: f32[8, 20, 20, 16]) {
  %0: f32[8, 16] = reduce add(x) axes [1, 2]
  %1: f32[16] = reduce add(%0) axes [0]
  return %1
}`));
  it('of up to so many images', () => expect(after('(x: f32[n<=8, 20, 20, 16]) { %0 = reduce add(x) axes [0, 1, 2] return %0 }')).toContain('f32[n<=8, 16] = reduce add(x) axes [1, 2]'));
  it('of a small filter, of which all blocks are little', () => expect(after(filter)).toBe(`(x: f32[8, 3, 80, 1], y: f32[8, 80, 64]) {
  %0: f32[8, 3, 1, 64] = dotGeneral(x, y) batch [0] [0] contract [2] [1]
  %1: f32[3, 1, 64] = reduce add(%0) axes [0]
  return %1
}`));
  it.each([['bias', bias, [51_200]], ['filter', filter, [1920, 40_960]]] as const)('and is what it was: %s', (_, graph, sizes) => {
    const module = readGraph(graph), now = splitSums.run(module, () => undefined), args = sizes.map(numbers);
    expect(verify(now)).toEqual([]);
    const [[wanted], [found]] = [module, now].map((m) => interpret(m, args, { precision: 'f64' }));
    Array.from(wanted).forEach((x, i) => expect(found[i]).toBeCloseTo(x, 9));
  });
});

it.each([
  ['a short one', '(x: f32[8, 20, 20, 4]) { %0 = reduce add(x) axes [0, 1, 2] return %0 }'],
  ['one over blocks alone', '(x: f32[512, 64]) { %0 = reduce add(x) axes [0] return %0 }'],
  ['one of columns', '(x: f32[64, 32, 32]) { %0 = reduce add(x) axes [0, 1, 2] return %0 }'],
  ['one that keeps its blocks', '(x: f32[64, 32, 32, 2]) { %0 = reduce add(x) axes [1, 2] return %0 }'],
  ['an extreme', '(x: f32[8, 20, 20, 16]) { %0 = reduce max(x) axes [0, 1, 2] return %0 }'],
  ['a filter of which the blocks are much', filter.replace('80, 1]', '80, 2]')],
  ['a sum that comes out of the sweep of its rows', `(x: f32[8, 128, 64], y: f32[8, 128, 64]) {
    %0 = mul(x, y) %1 = reduce add(%0) axes [2] %2: f32[8, 128, 64] = broadcastInDim(%1) dims [0, 1] %3 = mul(%2, x) %4 = reduce add(%3) axes [0, 1] return %1, %4 }`],
])('not %s', (_, graph) => { const module = readGraph(graph); expect(splitSums.run(module, () => undefined)).toBe(module); });
