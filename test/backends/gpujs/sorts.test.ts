import { describe, expect, it } from 'vitest';
import { gpujs } from '../../../src/backends/gpujs/gpujs.ts';
import { js } from '../../../src/backends/js/js.ts';
import { defaultStages, stagesOf } from '../../../src/compile/stages.ts';
import { lower } from '../../../src/expr/lower/lower.ts';
import { argsort, compile, f32, fn, i32, orThrow, sort, sortTogether, topK } from '../../../src/index.ts';
import { count } from '../../../src/ir/loop/counts.ts';
import { inEveryMode } from './gl.ts';

const rows = (height: number, width: number): number[][] => Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => ((j * 7919 + i * 31) % 97) / 8));

describe('sorting on gpu.js', () => {
  inEveryMode('is that of js: equal keys in their order, numbers that are none last, along either axis', (mode) => {
    const f = fn([f32([3, 40]), i32([3, 40])], (x, y) => ({ up: sort(x, 1), down: argsort(x, 0, { descending: true }), best: topK(x, 5).values, both: sortTogether([y, x], { axis: 1 })[1] }));
    const x = rows(3, 40), y = x.map((row) => row.map((v) => Math.floor(v) % 3));
    x[1][4] = Number.NaN;
    const [wanted, got] = [js(), gpujs({ mode })].map((backend) => orThrow(compile(f, { backend }))(x, y));
    for (const name of ['up', 'down', 'best', 'both'] as const) expect([...got[name].data], name).toEqual([...wanted[name].data]);
  });
  it('takes four times as long for twice the numbers', () => {
    const operations = (n: number): number => count(stagesOf(orThrow(lower(fn([f32([n])], (x) => argsort(x)))).module, gpujs({ mode: 'cpu' }), { ...defaultStages, verify: true }).program, {}).operations;
    expect(operations(512) / operations(256)).toBeCloseTo(4, 1);
    expect(operations(256)).toBeLessThan(20 * 256 * 256);
  });
});
