import { createMemory, sharedMemory, type WasmMemoryOf } from '../../../src/backends/wasm/memory.ts';
import { emit } from '../../../src/backends/wasm/emit.ts';
import { load } from '../../../src/backends/wasm/load.ts';
import { createThreads, type ThreadOptions } from '../../../src/backends/wasm/threads.ts';
import { wasm } from '../../../src/backends/wasm/wasm.ts';
import { startWorker, type Worker } from '../../../src/backends/wasm/workers.ts';
import type { Handle, Loaded, Memory } from '../../../src/backends/backend.ts';
import type { TypedArray } from '../../../src/core/dtype.ts';
import { parsed, parseProgram } from '../../../src/ir/loop/parse.ts';
import type { BufferId, Program } from '../../../src/ir/loop/syntax.ts';
import type { Target } from '../../../src/ir/target.ts';
import { planMemory } from '../../../src/passes/loop/planMemory.ts';

const one = wasm({ threads: 1 }), target: Target = { ...one.target, blocks: { work: 1 << 14, rows: 64 } };

/** A backend's parts, with the workers that it starts in sight. */
export interface Machine {
  readonly memory: WasmMemoryOf;
  readonly workers: readonly Worker[];
  readonly said: () => Readonly<Record<string, string>>;
  readonly load: (program: Program) => Loaded<'sync'>;
}
export const machine = (most: number, options: Partial<ThreadOptions> = {}): Machine => {
  const memory = createMemory(sharedMemory()), workers: Worker[] = [];
  const start = options.start ?? startWorker;
  const threads = createThreads(memory, { most, always: true, target, naps: 100, ...options, start: (...given) => { const worker = start(...given); workers.push(worker); return worker; } });
  return { memory, workers, said: threads.said, load: (program) => { const planned = planMemory(program, target); return load(memory, threads, planned, emit(planned, true)); } };
};
/** without threads and without a memory that they could share */
export const alone = (): Pick<Machine, 'memory' | 'load'> => {
  const memory = createMemory();
  return { memory, load: (program) => { const planned = planMemory(program, target); return load(memory, undefined, planned, emit(planned, false)); } };
};
/** when so many threads run what is worth it */
export const running = async (threads: number, said: () => Readonly<Record<string, string>>): Promise<void> => {
  const until = performance.now() + 20_000;
  while (said().threads !== String(threads)) {
    if (performance.now() > until) throw new Error(`no ${threads} threads: ${JSON.stringify(said())}`);
    await new Promise((resolve) => { setImmediate(resolve); });
  }
};
export const text = (loops: string): Program => parsed(parseProgram(loops));

/** Runs a loaded program on given inputs and states: its outputs by name. What it was given and gave is freed. */
export const results = ({ memory }: { readonly memory: Memory<'sync'> }, program: Program, loaded: Loaded<'sync'>, inputs: ReadonlyMap<BufferId, TypedArray>, sizes: Readonly<Record<string, number>> = {}): ReadonlyMap<BufferId, TypedArray> => {
  const bufferOf = (id: BufferId) => program.buffers.get(id), given = program.inputs.map((id): Handle => memory.upload(bufferOf(id)?.dtype ?? 'f32', inputs.get(id) ?? new Float32Array(0)));
  try {
    const handles = loaded.run(given, sizes), values = handles.map((h) => memory.read(h));
    for (const handle of handles) memory.free(handle);
    return new Map(program.outputs.map((id, i) => [id, values[i]]));
  } finally {
    for (const handle of given) memory.free(handle);
  }
};
