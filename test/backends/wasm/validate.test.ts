import fc from 'fast-check';
import wabtModule from 'wabt';
import { describe, expect, it } from 'vitest';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { dtypes, type DType } from '../../../src/core/dtype.ts';
import { createBuilder } from '../../../src/ir/graph/builder.ts';
import type { Graph } from '../../../src/ir/graph/syntax.ts';
import type { Program } from '../../../src/ir/loop/syntax.ts';
import { scalarRow, scalars, type ScalarName } from '../../../src/ir/scalars.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';
import { makePlan } from '../../../src/passes/plan/makePlan.ts';
import { realise } from '../../../src/passes/plan/realise/realise.ts';
import { everyOp } from '../../../src/testing/graphs.ts';
import { programs } from '../../../src/testing/index.ts';
import { runModule } from '../../laws/run.ts';
import { runs } from '../../laws/runs.ts';
import { takes } from '../takes.ts';
import { golden, goldenNames, stageOf } from '../../ir/loop/golden.ts';

/** The bytes of modules, read by tools that are not the engine that runs them. */
const wabt = await wabtModule(), features = { simd: true, threads: true, sat_float_to_int: true };
const alone = wasm({ threads: 1 }), shared = wasm({ threads: 2 });
const bytesOf = (backend: typeof alone, program: Program): Uint8Array => {
  const text = Object.values(backend.emit(program).files).join(''), [, base64 = ''] = /wasm = '([^']*)'/.exec(text) ?? [];
  return new Uint8Array(Buffer.from(base64, 'base64'));
};
/** it takes the features anew, which its types do not say */
const validate = (module: { readonly validate: (options?: typeof features) => void }): void => { module.validate(features); };
/** validates the bytes, then what they become as text and back, which are the same bytes */
const check = (bytes: Uint8Array): void => {
  const module = wabt.readWasm(bytes, { ...features, readDebugNames: true }), named = { write_debug_names: true };
  try {
    validate(module);
    module.applyNames();
    const again = wabt.parseWat('again.wat', module.toText({}), features);
    try {
      validate(again);
      expect(Buffer.compare(again.toBinary(named).buffer, module.toBinary(named).buffer)).toBe(0);
    } finally { again.destroy(); }
  } finally { module.destroy(); }
};
const compiled = (graph: Graph): Program => runLoopPasses(realise(makePlan(graph, alone.target), alone.target), loopPipeline(alone.target), alone.target, { verify: true });

describe('modules are valid to an independent validator, as text too', () => {
  const names = goldenNames.filter((name) => stageOf(name) === 'tiled' || stageOf(name) === 'flat');
  it.each(names)('%s', (name) => {
    const program = planMemory(golden(name), alone.target);
    check(bytesOf(alone, program));
    check(bytesOf(shared, program));
  });
  it('generated programs', () => {
    const emitted: Uint8Array[] = [];
    const watched: typeof alone = { ...alone, emit: (program) => { emitted.push(bytesOf(alone, program)); return alone.emit(program); } };
    fc.assert(fc.property(programs({ ops: everyOp }), ({ module, args }) => {
      runModule(watched, module, args);
      emitted.splice(0).forEach(check);
    }), runs(60, 21));
  });
  it.each(dtypes)('every scalar function of %s, in lanes and alone', (dtype) => {
    const names = (Object.keys(scalars) as readonly ScalarName[]).filter((fn) => takes(fn, dtype));
    expect(names.length).toBeGreaterThan(5);
    for (const fn of names) check(bytesOf(alone, compiled(mapOf(fn, dtype))));
  });
  it('a module that is not valid is noticed', () => {
    const bytes = bytesOf(alone, planMemory(golden('softmax.flat'), alone.target)), last = bytes.lastIndexOf(0x41, Buffer.from(bytes).lastIndexOf('name') - 5);
    check(bytes);
    expect(() => check(bytes.slice(0, -3))).toThrow();
    // before the names, the last function gives an i64 for an i32
    expect(() => check(bytes.map((byte, i) => (i === last ? 0x42 : byte)))).toThrow('type mismatch');
  });
});

/** seven elements: four in lanes, three alone; to every dtype where it converts */
const mapOf = (fn: ScalarName, dtype: DType): Graph => {
  const b = createBuilder(), { arity } = scalarRow(fn), operand = (i: number): DType => (fn === 'select' && i === 0 ? 'bool' : dtype);
  const params = Array.from({ length: arity }, (_, i) => b.parameter('main', i, `x${i}`, { dtype: operand(i), shape: [7] }));
  b.addGraph({ name: 'main', params, results: fn === 'convert' ? dtypes.map((to) => b.convert(params[0], to)) : [b.map(fn, params)] });
  return b.graph('main');
};
