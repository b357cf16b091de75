import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import type { Program } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { LoopBackend } from '../backend.ts';
import { mostThreads } from './control.ts';
import { emit } from './emit.ts';
import { load } from './load.ts';
import { createMemory, sharedMemory } from './memory.ts';
import { createThreads } from './threads.ts';
import { cores, startWorker, threadsRefused } from './workers.ts';

/** Vectors of four lanes, two of f64, and tiles of 4 × 2 of them: what V8 keeps out of its stack behind a fence. Sums are f32. */
export const wasmTarget: Target = {
  name: 'wasm', shape: 'tiled', maxBuffers: 64, maxElements: 2 ** 29, blocks: { work: 1 << 14, rows: 64 }, vectorWidth: 4, tile: { m: 4, n: 8, k: 2, nested: 1, fence: 2 }, pack: { stride: 2048, lines: 512, bytes: 1 << 20 }, parts: { least: 6144, steps: 1024, sums: 256, bytes: 1 << 16 },
  scratchBytes: 1 << 16, cost: { operations: 16, bytes: 32, launch: 20 }, spells: 'none',
};

export interface WasmOptions {
  /**
   * How many threads share the work of a program; 'auto', the default, takes as many as there are cores, at most 4, and of
   * those one where it measures that others do not make it quicker. The results are the same, bit for bit.
   */
  readonly threads?: number | 'auto';
}
const mostByItself = 4, unshared = 'no memory can be shared here', isCount = (threads: number): boolean => Number.isInteger(threads) && threads >= 1 && threads <= mostThreads;

/**
 * Loops as WebAssembly over one memory, one module a program and one call a run. Synchronous; f32 sums are f32.
 * Loops run in vectors of four f32 or integers, or of two f64; of two zeros a maximum keeps the first, whatever their signs. Programs that are
 * worth it are shared by threads, except on a page's main thread, which may not wait for them: see `report.device`.
 *
 * @example
 * const run = orThrow(compile(f, { backend: wasm() }));
 */
export const wasm = ({ threads: wanted = 'auto' }: WasmOptions = {}): LoopBackend<'sync'> => {
  const most = wanted === 'auto' ? Math.min(cores(), mostByItself) : isCount(wanted) ? wanted : 1, several = wanted !== 1;
  // the text depends on what was asked for, never on the machine: a module without a memory to share is written once more
  const common = several ? sharedMemory() : undefined, memory = createMemory(common), refused = threadsRefused() ?? (common === undefined ? unshared : undefined);
  const threads = most === 1 || refused !== undefined ? undefined : createThreads(memory, { most, always: wanted !== 'auto', target: wasmTarget, start: startWorker, naps: 100 });
  const alone = { threads: '1', ...(several && { oneThread: refused ?? 'there is one core' }) };
  return {
    name: 'wasm', timing: 'sync', takes: 'program', target: wasmTarget, memory,
    device: () => ({ engine: 'WebAssembly', precision: 'f32, as stored', ...(threads?.said() ?? alone) }),
    refusals: (program) => [...(wanted === 'auto' || isCount(wanted) ? [] : [wrongCount(wanted)]), ...refusals(program)],
    emit: (program) => emit(program, several),
    load: (program, artifact) => load(memory, threads, program, several && common === undefined ? emit(program, false) : artifact),
  };
};

const wrongCount = (threads: number): Diagnostic => diagnostic('FX5203', `wasm: ${threads} threads: they are a whole number from 1 to ${mostThreads}`, { hint: "leave the option out, or say 'auto'" });
const refusals = (program: Program): readonly Diagnostic[] => [...program.buffers].flatMap(([id, { layout }]) =>
  (layout.size > wasmTarget.maxElements ? [diagnostic('FX5001', `wasm: ${id} has ${layout.size} elements, of at most ${wasmTarget.maxElements}`)] : []));
