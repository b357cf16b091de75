import { diagnostic, type Diagnostic } from '../../core/diagnostic.ts';
import type { Program } from '../../ir/loop/syntax.ts';
import type { Target } from '../../ir/target.ts';
import type { LoopBackend } from '../backend.ts';
import { emit } from './emit.ts';
import { load } from './load.ts';
import { createMemory } from './memory.ts';

/** Registers of four lanes, 4 × 8 of them: what V8 keeps out of its stack behind a fence. Sums are f32. */
export const wasmTarget: Target = {
  name: 'wasm', shape: 'tiled', maxBuffers: 64, maxElements: 2 ** 29, threads: 1, vectorWidth: 4, tile: { m: 4, n: 8, k: 1, fence: 2 }, pack: { stride: 2048, bytes: 1 << 20 },
  scratchBytes: 1 << 16, cost: { operations: 16, bytes: 32, launch: 20 }, spells: 'none',
};

/**
 * Loops as WebAssembly over one memory, one module a program and one call a run. Synchronous, one thread; f32 sums are f32.
 * Contractions run in vectors of four; of two zeros a maximum keeps the first, whatever their signs.
 *
 * @example
 * const run = orThrow(compile(f, { backend: wasm() }));
 */
export const wasm = (): LoopBackend<'sync'> => {
  const memory = createMemory();
  return {
    name: 'wasm', timing: 'sync', takes: 'program', target: wasmTarget, memory,
    device: () => ({ engine: 'WebAssembly', precision: 'f32, as stored', threads: '1' }),
    refusals,
    emit,
    load: (program, artifact) => load(memory, program, artifact),
  };
};

const refusals = (program: Program): readonly Diagnostic[] => [...program.buffers].flatMap(([id, { layout }]) =>
  (layout.size > wasmTarget.maxElements ? [diagnostic('FX5001', `wasm: ${id} has ${layout.size} elements, of at most ${wasmTarget.maxElements}`)] : []));
