import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import type { Target } from '../../../src/ir/target.ts';
import { printProgram } from '../../../src/ir/loop/print.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';
import { difference } from '../../ir/loop/golden.ts';
import { contractions, inputsOf, meaning, programOf, widerContractions, type Case } from '../../passes/loop/programs.ts';
import { runTiled } from './run.ts';
import { runs } from '../../laws/runs.ts';

/** What the module computes is what the naive text means; inputs are halves of small integers, whose sums are exact. */
const computes = (c: Case, target: Target): void => {
  const naive = programOf(c), results = runTiled(runLoopPasses(naive, loopPipeline(target), target), inputsOf(naive), c.sizes);
  for (const [id, wanted] of Object.entries(meaning(naive, c, 'f64'))) expect([id, difference(Array.from(results.get(id) ?? []), wanted) < 1e-6]).toEqual([id, true]);
};

describe.each([['as it is', wasmTarget], ['packing whatever it may', { ...wasmTarget, pack: { stride: 0, lines: 0, bytes: 1 << 20 } }], ['in parts of k', { ...wasmTarget, parts: { least: 6, steps: 3, sums: 2, bytes: 1 << 10 } }]] as const)('contractions in every form, %s', (_, target) => {
  it('small', () => fc.assert(fc.property(contractions, (c) => computes(c, target)), runs(80, 81)));
  it('around the sizes of tiles', () => fc.assert(fc.property(widerContractions, (c) => computes(c, target)), runs(60, 82)));
});

/** a product of two matrices, either transposed, of rows so long that they are packed */
const product = (form: string, m: number, n: number, k: number): Case => {
  const at = (row: string, column: string, columns: number): string => `${columns}*${row} + ${column}`;
  const a = form[0] === 'N' ? at('i', 'p', k) : at('p', 'i', m), b = form[1] === 'N' ? at('p', 'j', n) : at('j', 'p', k);
  const params = `a: read f32[${m * k}], b: read f32[${k * n}], y: write f32[${m * n}]`;
  return { sizes: {}, text: [
    'program product', `buffer a: f32[${m * k}] input`, `buffer b: f32[${k * n}] input`, `buffer y: f32[${m * n}] output`, `kernel sums(${params}) {`,
    `  contract m(i < ${m}) n(j < ${n}) k(p < ${k}) c = max(a[${a}], 0.0) * b[${b}] { store y[${at('i', 'j', n)}] = c }`, '}', 'steps { run sums(a, b, y) }',
  ].join('\n') };
};
describe('long sums', () => {
  const inParts = (m: number, n: number, k: number): boolean => printProgram(runLoopPasses(programOf(product('TN', m, n, k)), loopPipeline(wasmTarget), wasmTarget)).includes('alloc scratch sums');
  it('are made in parts where a block has many of them, but not more than there is room for', () => {
    expect([inParts(16, 16, 6144), inParts(16, 16, 6143), inParts(15, 17, 6144), inParts(512, 128, 6144), inParts(512, 129, 6144)]).toEqual([true, false, false, true, false]);
  });
  it.each(['NN', 'NT', 'TN', 'TT'])('%s, of parts and what is left', (form) => computes(product(form, 17, 18, 6500), wasmTarget));
});
describe('long rows', () => {
  it.each(['NN', 'NT', 'TN', 'TT'].flatMap((form) => [[form, 37, 520, 19], [form, 515, 33, 70], [form, 1, 523, 40], [form, 2, 10, 600], [form, 20, 33, 600]] as const))('%s %d × %d by %d', (form, m, n, k) => computes(product(form, m, n, k), wasmTarget));
  it('of a factor are packed where so many lines would leave the nearest cache, and enough rows pass by', () => {
    const packs = (m: number, k: number, n = 16): boolean => printProgram(runLoopPasses(programOf(product('NN', m, n, k)), loopPipeline(wasmTarget), wasmTarget)).includes('panel');
    expect([packs(20, 512), packs(20, 513), packs(15, 513)]).toEqual([false, true, false]);
    // two rows to a line
    expect([packs(20, 513, 15), packs(20, 600, 8)]).toEqual([false, false]);
    // or where each row has a page of its own
    expect([packs(20, 8, 511), packs(20, 8, 512)]).toEqual([false, true]);
  });
});
