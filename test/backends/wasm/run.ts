import { byteSize, type DType, type TypedArray } from '../../../src/core/dtype.ts';
import type { BufferId, Program } from '../../../src/ir/loop/syntax.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';
import { jsTarget } from '../../../src/backends/js/js.ts';
import { constantData, emitModule, tableHead } from '../../../src/backends/wasm/emit.ts';
import { wasmPlatform, type WasmMemory } from '../../../src/backends/wasm/platform.ts';

const page = 65536;
const viewOf = (dtype: DType, memory: WasmMemory, at: number, size: number): TypedArray => {
  switch (dtype) {
    case 'f32': return new Float32Array(memory.buffer, at, size);
    case 'f64': return new Float64Array(memory.buffer, at, size);
    case 'i32': return new Int32Array(memory.buffer, at, size);
    case 'u32': return new Uint32Array(memory.buffer, at, size);
    case 'bool': return new Uint8Array(memory.buffer, at, size);
  }
};

/** A tiled program as a module in a memory of its own; `view` shows what a buffer holds. */
export const instantiate = (tiled: Program) => {
  const program = planMemory(tiled, jsTarget), places = new Map<BufferId, number>(), own = (id: BufferId): BufferId => program.buffers.get(id)?.sameAs ?? id;
  let top = 1024;
  const take = (bytes: number): number => { const at = top; top += Math.ceil(bytes / 64) * 64; return at; };
  const table = take(1024), arena = take(program.arena?.bytes ?? 0);
  const most = [...program.buffers.values()].reduce((sum, b) => sum + b.layout.size * byteSize[b.dtype] + 64, 2 ** 21), pages = Math.ceil((top + most) / page);
  const emitted = emitModule(program, { shared: false, pages, most: 65536 });
  const memory = new wasmPlatform.Memory({ initial: pages, maximum: 65536 }), scratch = take(emitted.scratchBytes);
  for (const id of emitted.addresses) { const b = program.buffers.get(id); places.set(id, take((b?.layout.size ?? 0) * byteSize[b?.dtype ?? 'f32'])); }
  const words = new Int32Array(memory.buffer);
  words.set([arena, scratch, ...emitted.addresses.map((id) => places.get(id) ?? 0)], table / 4);
  const view = (id: BufferId): TypedArray => { const b = program.buffers.get(id); return viewOf(b?.dtype ?? 'f32', memory, places.get(own(id)) ?? 0, b?.layout.size ?? 0); };
  for (const [id, b] of program.buffers) if (b.role === 'constant') view(id).set(constantData(b));
  const { exports } = new wasmPlatform.Instance(new wasmPlatform.Module(emitted.bytes), { env: { memory } });
  // SAFETY: `emitModule` exports it
  const start = exports['run'] as (table: number) => void;
  const run = (sizes: Readonly<Record<string, number>> = {}): void => {
    words.set(emitted.sizes.map((s) => sizes[s] ?? program.syms.get(s) ?? 0), table / 4 + tableHead + emitted.addresses.length);
    start(table);
  };
  return { program, emitted, view, run };
};
