import { js } from '../../../src/backends/js/js.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import type { TypedArray } from '../../../src/core/dtype.ts';
import type { BufferId, Program } from '../../../src/ir/loop/syntax.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';

/** Runs a tiled program on given inputs and states: its outputs by name. */
export const runTiled = (tiled: Program, inputs: ReadonlyMap<BufferId, TypedArray>, sizes: Readonly<Record<string, number>> = {}): ReadonlyMap<BufferId, TypedArray> => {
  const program = planMemory(tiled, js().target), backend = wasm({ threads: 1 }), { memory } = backend, loaded = backend.load(program, backend.emit(program));
  const given = program.inputs.map((id) => memory.upload(program.buffers.get(id)?.dtype ?? 'f32', inputs.get(id) ?? new Float32Array(0)));
  const results = loaded.run(given, sizes).map((h) => memory.read(h));
  loaded.dispose();
  return new Map(program.outputs.map((id, i) => [id, results[i]]));
};
