import { describe, expect, it } from 'vitest';
import { gpujsTarget } from '../../../src/backends/gpujs/gpujs.ts';
import { js, jsTarget } from '../../../src/backends/js/js.ts';
import { defaultStages, stagesOf } from '../../../src/compile/stages.ts';
import { lower } from '../../../src/expr/lower/lower.ts';
import { add, concat, dynamicSlice, dynamicUpdateSlice, exp, f32, fn, foriLoop, matmul, mul, orThrow, sub, sum, type Tensor } from '../../../src/index.ts';
import type { Stmt } from '../../../src/ir/loop/syntax.ts';
import { nameOf } from '../../../src/passes/plan/print.ts';
import { planOf } from './golden.ts';

/** the kernels, by nest and stored values, of a plan whose first parameter may be overwritten */
const kernels = (body: string, donated: readonly number[] = [0], target = jsTarget): string =>
  planOf(`(${body} }`, target, donated).groups.map((g) => `${g.nest.kind} ${g.roots.map(nameOf).join(' + ')}`).join(', ');
type Case = readonly [title: string, graph: string, wanted: string];
const head = 'p: f32[8, 4], i: i32[], j: i32[], x: f32[1, 4], y: f32[8, 4]) {';

describe('a part of a donated parameter', () => {
  it.each<Case>([
    ['is all that is written', `${head} %0: f32[8, 4] = dynamicUpdateSlice(p, x, i, j) return %0`, 'update dynamicUpdateSlice'],
    ['is computed where it is written', `${head} %0: f32[1, 4] = exp(x) %1: f32[8, 4] = dynamicUpdateSlice(p, %0, i, j) return %1`, 'update dynamicUpdateSlice'],
    ['is computed before where it is made of what is overwritten', `${head} %0: f32[1, 4] = dynamicSlice(p, i, j) sizes [1, 4] %1: f32[1, 4] = add(%0, x) %2: f32[8, 4] = dynamicUpdateSlice(p, %1, i, j) return %2`, 'map add, update dynamicUpdateSlice'],
    ['may be numbers that are known', 'p: f32[8, 4], i: i32[], j: i32[]) { %0: f32[1, 4] = constant [1, 2, 3, 4] %1: f32[8, 4] = dynamicUpdateSlice(p, %0, i, j) return %1', 'update dynamicUpdateSlice'],
    ['and another one after it', `${head} %0: f32[8, 4] = dynamicUpdateSlice(p, x, i, j) %1: f32[8, 4] = dynamicUpdateSlice(%0, x, j, i) return %1`, 'update dynamicUpdateSlice'],
    ['comes after other readers', `${head} %0: f32[8] = reduce add(p) axes [1] %1: f32[8, 4] = dynamicUpdateSlice(p, x, i, j) return %1, %0`, 'rows reduce add, update dynamicUpdateSlice'],
    ['shares no kernel with what spans the whole', `${head} %0: f32[8, 4] = exp(y) %1: f32[8, 4] = mul(p, y) %2: f32[8, 4] = dynamicUpdateSlice(p, x, i, j) return %2, %0, %1`, 'map exp + mul, update dynamicUpdateSlice'],
  ])('%s', (_, graph, wanted) => expect(kernels(graph)).toBe(wanted));
});
describe('the whole is written', () => {
  it.each<Case>([
    ['where what was there is read afterwards', `${head} %0: f32[8, 4] = dynamicUpdateSlice(p, x, i, j) %1: f32[8] = reduce add(%0) axes [1] %2: f32[8, 4] = broadcastInDim(%1) dims [0] %3: f32[8, 4] = mul(%2, p) return %0, %3`, 'map dynamicUpdateSlice, rows mul'],
    ['where it is something else with a part', `${head} %0: f32[8, 4] = exp(p) %1: f32[8, 4] = dynamicUpdateSlice(%0, x, i, j) return %1`, 'map dynamicUpdateSlice'],
    ['where it goes on from the part', `${head} %0: f32[8, 4] = dynamicUpdateSlice(p, x, i, j) %1: f32[8, 4] = exp(%0) return %1`, 'map exp'],
  ])('%s', (_, graph, wanted) => expect(kernels(graph)).toBe(wanted));
  it('where the parameter is not to be overwritten, and where a kernel has a thread for each element', () => {
    const graph = `${head} %0: f32[8, 4] = dynamicUpdateSlice(p, x, i, j) return %0`;
    expect([kernels(graph, []), kernels(graph, [0], gpujsTarget)]).toEqual(['map dynamicUpdateSlice', 'map dynamicUpdateSlice']);
  });
});

type Matrix = Tensor<[64, 64], 'f32'>;
type Index = Tensor<[], 'i32'>;
/** the names of the kernels that run in the loop, and the most elements that one of them stores */
const inLoop = (run: (i: Index, x: Matrix) => Matrix): { readonly kernels: readonly string[]; readonly stored: number } => {
  const { module } = orThrow(lower(fn([f32([64, 64])], (x) => foriLoop(64, run, exp(x)))));
  const { naive } = stagesOf(module, js(), { ...defaultStages, verify: true });
  const names = naive.steps.flatMap((s) => (s.kind === 'loop' ? s.body.flatMap((b) => (b.kind === 'run' ? [b.kernel] : [])) : []));
  return { kernels: names.map((n) => n.replace(/^scan_\d+_/, '')), stored: Math.max(...names.map((n) => storesOf(naive.kernels.get(n)?.body ?? []))) };
};
const storesOf = (body: readonly Stmt[]): number => body.reduce((n, s) => n + (s.kind === 'for' ? s.extent.bias * storesOf(s.body) : s.kind === 'contract' ? [...s.m, ...s.n].reduce((k, a) => k * a.extent.bias, storesOf(s.then)) : s.kind === 'store' ? 1 : 0), 0);
const row = (x: Matrix, i: Index): Tensor<[1, 64], 'f32'> => dynamicSlice(x, [i, 0], [1, 64]);

describe('a loop that fills a matrix stores what is new of it, and copies nothing', () => {
  it('row by row', () => expect(inLoop((i, x) => dynamicUpdateSlice(x, matmul(row(x, sub(63, i)), x), [i, 0]))).toEqual({ kernels: ['map_0', 'contract_1', 'update_2'], stored: 64 }));
  it('a row of the numbers that are there', () => expect(inLoop((i, x) => dynamicUpdateSlice(x, mul(row(x, i), 2), [i, 0]))).toEqual({ kernels: ['map_0', 'update_1'], stored: 64 }));
  it('two rows that change places', () => expect(inLoop((i, x) => { const j: Index = sub(63, i); return dynamicUpdateSlice(dynamicUpdateSlice(x, row(x, i), [j, 0]), row(x, j), [i, 0]); }).stored).toBe(128));
  it('but the whole where its sum is of what the part changed', () => expect(inLoop((i, x) => { const next = dynamicUpdateSlice(x, row(x, i), [0, 0]); return add(next, sum(next)); }).stored).toBeGreaterThan(4095));
  it('by blocks of rows', () => expect(inLoop((i, x) => dynamicUpdateSlice(x, concat([row(x, i), row(x, sub(63, i))], 0), [i, 0])).stored).toBe(128));
});
