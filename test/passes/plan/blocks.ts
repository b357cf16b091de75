import { expect } from 'vitest';
import type { LoopBackend } from '../../../src/backends/backend.ts';
import { js } from '../../../src/backends/js/js.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { defaultStages, stagesOf, type Stages } from '../../../src/compile/stages.ts';
import { maxCount } from '../../../src/core/dim.ts';
import { lower } from '../../../src/expr/lower/lower.ts';
import { orThrow } from '../../../src/index.ts';
import { interpret } from '../../../src/ir/graph/interpret.ts';
import type { Module } from '../../../src/ir/graph/syntax.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import { expandTransforms } from '../../../src/passes/graph/expandTransforms.ts';
import { runPasses } from '../../../src/passes/run.ts';
import { difference, numbers } from '../../ir/loop/golden.ts';

/** What tests of blocks of rows ask of a function: its stages where scratch is so large, and whether it keeps its meaning there. */
export const moduleOf = (f: unknown): Module => orThrow(lower(f, {})).module;
export const staged = (module: Module, backend: LoopBackend = js(), scratchBytes = 1 << 16): Stages =>
  stagesOf(module, { ...backend, target: { ...backend.target, scratchBytes } }, { ...defaultStages, verify: true });

const orZero = (x: number): number => (Number.isNaN(x) ? 0 : x);
/** before and after the loop passes, in double precision */
export const expectMeaning = (module: Module, scratchBytes: number): void => {
  const args = (module.graphs.get(module.main)?.params ?? []).map(({ type: { shape } }, i) => Float32Array.from(numbers(i + 1, maxCount(shape)), (x) => 4 * x));
  const wanted = interpret(runPasses(module, [expandTransforms]), args, { precision: 'f64' });
  for (const backend of [js(), wasm()]) {
    const { naive, program } = staged(module, backend, scratchBytes);
    for (const p of [naive, program]) {
      const found = interpretProgram(p, new Map(p.inputs.map((name, i) => [name, args[i]])), { precision: 'f64', sizes: {} });
      p.outputs.forEach((name, i) => {
        const [actual, expected] = [found.get(name) ?? [], wanted[i]].map((data) => Array.from(data));
        expect(actual.map(Number.isNaN)).toEqual(expected.map(Number.isNaN));
        expect(difference(actual.map(orZero), expected.map(orZero))).toBeLessThan(1e-12);
      });
    }
  }
};
