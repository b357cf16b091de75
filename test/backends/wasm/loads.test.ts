import wabtModule from 'wabt';
import { expect, it } from 'vitest';
import { wasm, wasmTarget } from '../../../src/backends/wasm/wasm.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import { loopPipeline, runLoopPasses } from '../../../src/passes/loop/pipeline.ts';

const wabt = await wabtModule();
/** how many loads of single numbers a kernel over x and y has */
const loadsOf = (body: string): number => {
  const program = runLoopPasses(parsed(parseProgram(`program loads
buffer x: f32[2] input
buffer y: f32[4] output
kernel k(x: read f32[2], y: update f32[4]) { ${body} }
steps { run k(x, y) }`)), loopPipeline(wasmTarget), wasmTarget, { verify: true });
  const module = wabt.readWasm(wasm({ threads: 1 }).emit(program).module ?? new Uint8Array(0), { simd: true, threads: true });
  try { return [...module.toText({}).matchAll(/\bf32\.load/g)].length; } finally { module.destroy(); }
};

it('what was loaded is not loaded again, in the kernel itself and in its branches', () => {
  expect(loadsOf('store y[0] = x[0] + 1.0 store y[1] = x[0] * 2.0')).toBe(1);
  expect(loadsOf('let v = x[0] + 1.0 store y[0] = v\nif gt(v, 2.0) { store y[1] = x[0] * 2.0 }')).toBe(1);
  expect(loadsOf('store y[0] = x[0] + 1.0 store y[1] = x[1] * 2.0')).toBe(2);
});
it('but what is written in between is', () => {
  expect(loadsOf('store y[0] = y[1] + 1.0 store y[1] = 3.0 store y[2] = y[1] * 2.0')).toBe(2);
});
