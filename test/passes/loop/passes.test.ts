import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyProgram } from '../../../src/ir/loop/verify.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import type { Target } from '../../../src/ir/target.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import { contractions, loops, meaning, programOf, widerContractions, type Case } from './programs.ts';
import { runs } from '../../laws/runs.ts';

/** After every pass the program verifies and means the same, bit for bit: sums keep their order. */
const keepsMeaning = (c: Case, target: Target): void => {
  const naive = programOf(c);
  expect(verifyProgram(naive, 'naive')).toEqual([]);
  const wanted = meaning(naive, c, 'f64');
  let program: Program = naive;
  for (const pass of loopPipeline(target)) {
    program = pass.run(program, target);
    expect([pass.name, verifyProgram(program, pass.gives)]).toEqual([pass.name, []]);
    expect([pass.name, meaning(program, c, 'f64')]).toEqual([pass.name, wanted]);
  }
};

const targets: readonly Target[] = [jsTarget, { ...jsTarget, tile: { m: 3, n: 4, k: 1 } }, { ...jsTarget, tile: { m: 1, n: 1, k: 3 } }];
describe.each(targets.map((t) => [`${t.tile.m}×${t.tile.n} by ${t.tile.k}`, t] as const))('every pass keeps the meaning, tiles of %s', (_, target) => {
  it('of contractions', () => fc.assert(fc.property(contractions, (c) => keepsMeaning(c, target)), runs(60, 73)));
  it('of loops', () => fc.assert(fc.property(loops, (c) => keepsMeaning(c, target)), runs(40, 74)));
});

/** everything is packed that may be */
const packing: Target = { ...wasmTarget, pack: { stride: 0, lines: 0, bytes: 1 << 20 } };
/** long sums are made in parts */
const inParts: Target = { ...wasmTarget, parts: { least: 6, steps: 3, sums: 2, bytes: 1 << 10 } };
describe.each([['as it is', wasmTarget], ['packing', packing], ['in parts', inParts], ['in narrow tiles', { ...packing, tile: { m: 2, n: 4, k: 1 } }]] as const)('vectors, %s', (_, target) => {
  it('of contractions', () => fc.assert(fc.property(contractions, (c) => keepsMeaning(c, target)), runs(60, 75)));
  it('of wider ones', () => fc.assert(fc.property(widerContractions, (c) => keepsMeaning(c, target)), runs(20, 76)));
});

it('the same program gives the same result', () => fc.assert(fc.property(contractions, (c) => {
  const once = (): Program => runLoopPasses(programOf(c), loopPipeline(jsTarget), jsTarget);
  expect(once()).toEqual(once());
}), runs(20, 77)));
