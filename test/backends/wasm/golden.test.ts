import { describe, expect, it } from 'vitest';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';
import { interpretProgram } from '../../../src/ir/loop/interpret.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { difference, golden, goldenNames, numbers, smaller, stageOf } from '../../ir/loop/golden.ts';
import { runTiled } from './run.ts';

/** second moments are not negative, steps are counted, labels lie within ten classes */
const inputsOf = (program: Program): ReadonlyMap<string, TypedArray> => new Map([...program.buffers].filter(([, b]) => b.role === 'input' || b.role === 'state').map(([id, { dtype, layout: { size } }], i): [string, TypedArray] => {
  if (dtype === 'i32') return [id, Int32Array.from({ length: size }, (_, at) => (size === 1 ? 3 : (at * 7 + i) % 10))];
  const given = numbers(i + 1, size);
  return [id, id === 'v' || id.endsWith('.v') ? given.map((x) => x * x) : given];
}));

describe('the tiled texts as WebAssembly', () => {
  const names = goldenNames.filter((name) => stageOf(name) === 'tiled' || stageOf(name) === 'flat');
  it('are there', () => expect(names.length).toBeGreaterThan(10));
  it.each(names)('%s computes what its text means', (name) => {
    const program = golden(name, smaller[name.slice(0, name.lastIndexOf('.'))]), inputs = inputsOf(program);
    const sizes = Object.fromEntries([...program.syms].map(([sym, most]) => [sym, Math.max(1, most - 2)]));
    const wanted = interpretProgram(program, inputs, { precision: 'f64', sizes }), results = runTiled(program, inputs, sizes);
    const unlike = [...wanted].map(([id, values]) => ({ id, by: difference(Array.from(results.get(id) ?? []), Array.from(values)) })).filter(({ by }) => !(by < 2e-6));
    expect(unlike).toEqual([]);
  });
  it('are the same bytes each time', () => {
    const { emit, target } = wasm(), program = planMemory(golden('trainStepThreads.tiled'), target);
    expect(emit(program)).toEqual(emit(program));
  });
});
